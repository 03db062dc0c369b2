import JSON

extension AzureClient {
    /// More pages are no list.
    private static let pageLimit = 100

    /// All elements of a list that may come in pages.
    func list<Element>(
        _ first: AzureRequest, _ account: AzureAccount, _ element: (JSONValue) throws(MalformedDocument) -> Element
    ) async throws(AzureError) -> [Element] {
        let deadline = ContinuousClock.now + options.timeLimit
        var elements: [Element] = []
        var request = first
        for _ in 0..<Self.pageLimit {
            let answer = try await success(request, account, until: deadline)
            let next = try read(answer, request) { root throws(MalformedDocument) in
                let fields = try Fields(root, "the list")
                for value in try fields.array("value") { elements.append(try element(value)) }
                return try fields.text("nextLink") ?? ""
            }
            guard !next.isEmpty else { return elements }
            guard let following = AzureRequest(following: next, account.endpoints) else {
                throw AzureError(.malformedAnswer("the next page is somewhere else than Resource Manager"), call: first.title)
            }
            request = following
        }
        throw AzureError(.malformedAnswer("a list of more than \(Self.pageLimit) pages"), call: first.title)
    }
}
