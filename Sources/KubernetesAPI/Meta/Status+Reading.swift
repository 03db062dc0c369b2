public import JSON

extension Status {
    /// Reads the answer of an API server; nil when the object is no `Status`.
    ///
    /// - Parameter code: The HTTP status code, which counts where the object has none.
    public init?(_ object: JSONValue, code: Int? = nil) {
        guard object["kind"]?.string == "Status", let code = object["code"]?.integer.flatMap(Int.init(exactly:)) ?? code else { return nil }
        self.init(
            code: code, reason: object["reason"]?.string.flatMap(Reason.init(rawValue:)), message: object["message"]?.string ?? "",
            details: object["details"].map(Details.init(reading:)))
    }
}

extension Status.Details {
    fileprivate init(reading object: JSONValue) {
        self.init(
            name: object["name"]?.string ?? "", group: object["group"]?.string ?? "", kind: object["kind"]?.string ?? "",
            uid: object["uid"]?.string,
            causes: object["causes"]?.elements.map { cause in
                Status.Cause(
                    reason: cause["reason"]?.string ?? "", message: cause["message"]?.string ?? "", field: cause["field"]?.string ?? "")
            } ?? [])
    }
}
