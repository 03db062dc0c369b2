/// What becomes of all objects of some files when they are applied.
public struct CheckReport: Sendable {
    public struct Summary: Sendable, Equatable {
        public var files = 0
        public var objects = 0
        public var refused = 0
        public var warned = 0
        public var good = 0
        /// Objects of other kinds, which are not looked at.
        public var skipped = 0
        /// Places that are no object, or no YAML.
        public var unreadable = 0
    }

    public private(set) var checks: [ObjectCheck] = []
    public private(set) var faults: [Manifest.Fault] = []
    public private(set) var summary = Summary()

    /// - Parameters:
    ///   - old: files with the objects as they are stored; an object that is there by namespace and name is an update.
    ///   - namespace: where objects go that name none.
    public init(_ files: [ManifestFile], replacing old: [ManifestFile] = [], namespace: String) {
        let stored = Stored(old, namespace: namespace)
        faults = stored.faults
        summary.files = files.count
        for file in files {
            let manifest = Manifest(file)
            faults += manifest.faults
            for object in manifest.objects {
                guard object.isOurs else {
                    summary.skipped += 1
                    continue
                }
                checks.append(ObjectCheck(object, replacing: stored[object], namespace: namespace))
            }
        }
        summary.objects = checks.count
        summary.refused = checks.count { $0.outcome == .refused }
        summary.warned = checks.count { $0.outcome == .warned }
        summary.good = checks.count { $0.outcome == .good }
        summary.unreadable = faults.count
    }

    /// Whether all objects could be read and would be stored.
    public var isGood: Bool { summary.refused == 0 && summary.unreadable == 0 }

    /// The objects as they are stored.
    private struct Stored {
        private struct Key: Hashable {
            var namespace: String
            var name: String
        }

        private let namespace: String
        private var objects: [Key: ManifestObject] = [:]
        private(set) var faults: [Manifest.Fault] = []

        init(_ files: [ManifestFile], namespace: String) {
            self.namespace = namespace
            for manifest in files.map(Manifest.init) {
                faults += manifest.faults
                for object in manifest.objects where object.isOurs {
                    if let key = key(of: object) { objects[key] = object }
                }
            }
        }

        subscript(object: ManifestObject) -> ManifestObject? { key(of: object).flatMap { objects[$0] } }

        private func key(of object: ManifestObject) -> Key? {
            object.name.map { Key(namespace: object.namespace ?? namespace, name: $0) }
        }
    }
}
