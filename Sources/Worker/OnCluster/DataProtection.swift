import JSON

/// What keeps the data of a database while somebody deletes the objects that hold them: by hand, with their namespace, or by the garbage collector.
///
/// The claim and our Secret have no owner reference, so that nothing is collected which the worker has not decided to delete. While the database is
/// protected they carry a finalizer too. A deletion is not undone by it; but what was deleted stays until the user gives up the protection.
enum DataProtection {
    static let finalizer = "\(Situation.finalizerPrefix)deletion-protection"

    /// The volume, and the only password that opens what is on it.
    static let parts: Set<Part> = [.claim, .credentials]

    static func isOn(_ object: JSONValue) -> Bool { finalizers(of: object).contains(finalizer) }

    /// What of the metadata of an object of ours has to change; nil when nothing has.
    static func change(of object: JSONValue, owner: Owner, isProtected: Bool) -> JSONTree? {
        let finalizers = finalizers(of: object)
        var change = JSONTree.emptyObject
        if isProtected != finalizers.contains(finalizer) {
            // The API server lets nobody add one to an object that is being deleted.
            if !isProtected || object[path: ["metadata", "deletionTimestamp"]] == nil {
                let wanted = isProtected ? finalizers + [finalizer] : finalizers.filter { $0 != finalizer }
                change.insert(.array(wanted.map { .string($0) }), at: ["finalizers"])
            }
        }
        let references = object[path: ["metadata", "ownerReferences"]]?.elements ?? []
        let others = references.filter { $0["uid"]?.isString(owner.uid) != true }
        if others.count < references.count { change.insert(.array(others.map { .verbatim($0) }), at: ["ownerReferences"]) }
        if case .object(let members) = change, members.isEmpty { return nil }
        return change
    }

    /// What takes it off.
    static func release(_ part: Part, _ object: JSONValue, _ owner: Owner) -> [Plan.Action] {
        guard let change = change(of: object, owner: owner, isProtected: false) else { return [] }
        let version = object[path: ["metadata", "resourceVersion"]]?.string ?? ""
        return [.setProtection(part, change, isProtected: false, resourceVersion: version)]
    }

    private static func finalizers(of object: JSONValue) -> [String] {
        object[path: ["metadata", "finalizers"]]?.elements.compactMap(\.string) ?? []
    }
}
