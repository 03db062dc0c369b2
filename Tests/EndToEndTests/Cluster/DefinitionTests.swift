import JSON
import TestSupport
import Testing

extension ClusterTests {
    @Suite("the custom resource definition")
    struct DefinitionTests {
        @Test("has exactly the fields of the API reference, with their types and a description each", arguments: Version.allCases)
        func schema(version: Version) async throws {
            let definition = try await Self.definition()
            let served = definition["spec"]?["versions"]?.elements.first { $0["name"]?.string == version.rawValue }
            let schema = try #require(served?["schema"]?["openAPIV3Schema"])
            guard case .object(let parts) = ObjectSchema.of(version: version.rawValue) else { return }
            for part in parts {
                let found = try #require(schema["properties"]?[part.name])
                #expect(differences(between: found, and: part.schema, at: part.name) == [])
            }
        }

        @Test("is structural, and keeps its versions, names and conversion")
        func shape() async throws {
            let definition = try await Self.definition()
            let conditions = definition["status"]?["conditions"]?.elements ?? []
            #expect(!conditions.contains { $0["type"]?.string == "NonStructuralSchema" && $0["status"]?.string == "True" })
            #expect(conditions.contains { $0["type"]?.string == "Established" && $0["status"]?.string == "True" })
            #expect(definition["spec"]?["names"]?["shortNames"]?.elements.map(\.string) == ["dbmmo"])
            #expect(definition["spec"]?["conversion"]?["strategy"]?.string == "Webhook")
            let versions = definition["spec"]?["versions"]?.elements ?? []
            #expect(versions.filter { $0["storage"]?.boolean == true }.map { $0["name"]?.string } == ["v1"])
            #expect(versions.filter { $0["deprecated"]?.boolean == true }.map { $0["name"]?.string } == ["v1alpha1"])
            #expect(versions.allSatisfy { $0["served"]?.boolean == true && $0["subresources"]?["status"] != nil })
        }

        private static func definition() async throws -> JSONValue {
            try json(try await Cluster.current.demandKubectl(["get", "crd", "dbmmomysqls.cache.my.domain", "-o", "json"]))
        }
    }
}

/// Where a schema of the definition is not what the reference says.
private func differences(between schema: JSONValue, and expected: ObjectSchema, at path: String) -> [String] {
    let description = schema["description"]?.string?.isEmpty == false ? [] : ["\(path) has no description"]
    return description + (type(of: schema, is: expected) ? members(of: schema, against: expected, at: path) : ["\(path) has another type"])
}

private func type(of schema: JSONValue, is expected: ObjectSchema) -> Bool {
    switch expected {
    case .string: schema["type"]?.string == "string"
    case .integer: schema["type"]?.string == "integer"
    case .boolean: schema["type"]?.string == "boolean"
    case .quantity: schema["x-kubernetes-int-or-string"]?.boolean == true
    case .list: schema["type"]?.string == "array"
    case .map, .object: schema["type"]?.string == "object"
    }
}

private func members(of schema: JSONValue, against expected: ObjectSchema, at path: String) -> [String] {
    switch expected {
    case .string, .integer, .boolean, .quantity:
        return []
    case .map(let element):
        guard let values = schema["additionalProperties"] else { return ["\(path) is no map"] }
        return differences(between: values, and: element, at: "\(path)[]")
    case .list(let element):
        guard let items = schema["items"] else { return ["\(path) has no items"] }
        return differences(between: items, and: element, at: "\(path)[]")
    case .object(let members):
        let found = Set(schema["properties"]?.members.map(\.name) ?? [])
        let unknown = found.subtracting(members.map(\.name)).sorted().map { "\(path).\($0) is not in the reference" }
        return unknown
            + members.flatMap { member in
                guard let property = schema["properties"]?[member.name] else { return ["\(path).\(member.name) is missing"] }
                return differences(between: property, and: member.schema, at: "\(path).\(member.name)")
            }
    }
}
