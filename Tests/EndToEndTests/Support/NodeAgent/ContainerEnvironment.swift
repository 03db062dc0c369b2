import FoundationEssentials
import JSON
import KubernetesAPI
import KubernetesClient

/// The environment variables of a container cannot be made of what is there.
struct ContainerConfigError: Error, CustomStringConvertible {
    let description: String
}

/// The environment variables of a container, put together as a kubelet does it: `envFrom` in order, then `env`, the later ones on top.
struct ContainerEnvironment {
    /// Reads an object; nil when there is none.
    typealias Reading = @Sendable (ResourceType, ObjectKey) async throws -> JSONValue?

    private let pod: Pod
    private let read: Reading
    private(set) var variables: [String: String] = [:]

    /// - Throws: `ContainerConfigError` when something that is not optional is missing, or what the reading throws.
    init(_ container: JSONValue, of pod: Pod, reading read: @escaping Reading) async throws {
        self.pod = pod
        self.read = read
        for source in container["envFrom"]?.elements ?? [] { try await take(source) }
        for variable in container["env"]?.elements ?? [] {
            guard let name = variable["name"]?.string else { continue }
            if let source = variable["valueFrom"] {
                if let value = try await value(source, of: name) { variables[name] = value }
            } else {
                variables[name] = Self.expanded(variable["value"]?.string ?? "", variables)
            }
        }
    }

    private mutating func take(_ source: JSONValue) async throws {
        for (member, type) in [("configMapRef", NodeTypes.configMaps), ("secretRef", NodeTypes.secrets)] {
            guard let reference = source[member] else { continue }
            for (key, value) in try await data(type, reference) ?? [:] {
                variables[(source["prefix"]?.string ?? "") + key] = value
            }
        }
    }

    private func value(_ source: JSONValue, of name: String) async throws -> String? {
        switch source[path: ["fieldRef", "fieldPath"]]?.string {
        case "metadata.name": return pod.key.name
        case "metadata.namespace": return pod.key.namespace
        case let path?: throw ContainerConfigError(description: "this node does not know the field \(path)")
        case nil: break
        }
        for (member, type) in [("configMapKeyRef", NodeTypes.configMaps), ("secretKeyRef", NodeTypes.secrets)] {
            guard let reference = source[member] else { continue }
            let key = reference["key"]?.string ?? ""
            if let value = try await data(type, reference)?[key] { return value }
            guard reference["optional"]?.boolean == true else {
                throw ContainerConfigError(description: "couldn't find key \(key) in \(type.kind) for \(name)")
            }
        }
        return nil
    }

    /// What a Secret or a ConfigMap holds; nil when it is missing and may be.
    private func data(_ type: ResourceType, _ reference: JSONValue) async throws -> [String: String]? {
        let key = ObjectKey(namespace: pod.key.namespace, name: reference["name"]?.string ?? "")
        guard let object = try await read(type, key) else {
            guard reference["optional"]?.boolean == true else {
                throw ContainerConfigError(description: "\(type.resource.resource) \"\(key.name)\" not found")
            }
            return nil
        }
        let members = (object["data"]?.members ?? []).compactMap { name, value in
            value.string.flatMap { type == NodeTypes.secrets ? Self.decoded($0) : $0 }.map { (name, $0) }
        }
        return Dictionary(members) { _, last in last }
    }

    private static func decoded(_ base64: String) -> String? {
        Data(base64Encoded: base64).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Puts in the variables that a text names as `$(NAME)`; `$$` stands for `$`, and a name that is not known stays.
    static func expanded(_ text: String, _ known: [String: String]) -> String {
        var result = ""
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[dollar...].dropFirst()
            if rest.first == "$" {
                result += "$"
                rest = rest.dropFirst()
            } else if rest.first == "(", let end = rest.firstIndex(of: ")") {
                let name = String(rest[..<end].dropFirst())
                result += known[name] ?? "$(\(name))"
                rest = rest[end...].dropFirst()
            } else {
                result += "$"
            }
        }
        return result + rest
    }
}
