import HTTPCalls
import JSON

extension NewServer {
    var body: JSONTree {
        [
            "location": .string(location), "tags": .texts(tags), "sku": sku.body,
            "properties": [
                "createMode": "Default", "version": .string(version), "administratorLogin": .string(administratorLogin),
                "administratorLoginPassword": .string(administratorPassword.value), "storage": ["storageSizeGB": .integer(storageGB)]
            ]
        ]
    }
}

extension ServerChanges {
    var body: JSONTree {
        let properties: JSONTree = [
            "version": version.map { .string($0) }, "administratorLoginPassword": administratorPassword.map { .string($0.value) },
            "storage": storageGB.map { ["storageSizeGB": .integer($0)] }
        ]
        let hasProperties = version != nil || administratorPassword != nil || storageGB != nil
        return ["tags": tags.map(JSONTree.texts), "sku": sku?.body, "properties": hasProperties ? properties : nil]
    }
}

extension SKU {
    fileprivate var body: JSONTree { ["name": .string(name), "tier": .string(tier)] }
}

extension FirewallRule {
    var body: JSONTree { ["properties": ["startIpAddress": .string(startIP), "endIpAddress": .string(endIP)]] }
}

/// The values of several parameters at once.
struct ParameterBatch {
    /// By name.
    let values: [String: String?]
    /// By name, of those that get their default.
    let defaults: [String: String]

    /// A parameter gets its default with its value and the source `system-default`, as Azure's command line does it; what the API takes
    /// for a reset is written nowhere.
    var body: JSONTree {
        let parameters = values.sorted { $0.key < $1.key }.map { name, value -> JSONTree in
            let text = value ?? defaults[name]
            return [
                "name": .string(name),
                "properties": ["value": text.map { .string($0) }, "source": value == nil ? "system-default" : "user-override"]
            ]
        }
        return ["value": .array(parameters), "resetAllToDefault": "False"]
    }
}

extension JSONTree {
    fileprivate static func texts(_ texts: [String: String]) -> JSONTree {
        .object(texts.sorted { $0.key < $1.key }.map { Member(name: $0.key, value: .string($0.value)) })
    }
}
