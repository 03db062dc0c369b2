/// Makes `DBMMOMySQL` objects that their schema accepts: plausible ones, and ones with absent, empty and odd values.
public struct ObjectGenerator {
    public var random: SeededGenerator

    public init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
    }

    /// The JSON text of an object of a version.
    public mutating func object(version: String) -> String {
        var members = [#""apiVersion":"cache.my.domain/\#(version)""#, #""kind":"DBMMOMySQL""#, #""metadata":\#(metadata())"#]
        guard case .object(let parts) = ObjectSchema.of(version: version) else { return "" }
        for part in parts where !random.oneIn(8) {
            members.append(#""\#(part.name)":\#(value(of: part.schema, name: part.name))"#)
        }
        if random.oneIn(2) { members.shuffle(using: &random) }
        return "{\(members.joined(separator: random.pick([",", " , ", ",\n  "])))}"
    }

    private mutating func metadata() -> String {
        var members = [#""name":"orders""#, #""generation":9007199254740993"#, #""labels":{"a/b~c":"\u00e9\/"}"#]
        switch Int.random(in: 0..<5, using: &random) {
        case 0: members.append(#""annotations":{}"#)
        case 1: members.append(#""annotations":{"note":"x\u0041","kubectl.kubernetes.io/last-applied-configuration":"{\"a\":1}\n"}"#)
        default: break
        }
        return "{\(members.joined(separator: ","))}"
    }

    private mutating func value(of schema: ObjectSchema, name: String) -> String {
        switch schema {
        case .string: return string(for: name)
        case .integer:
            let isWide = ["oauthGrantType", "observedGeneration"].contains(name)
            return random.pick(["0", "1", "-1", "7", "3306", "2147483647", isWide ? "9223372036854775807" : "-2147483648", "-0"])
        case .boolean: return random.pick(["true", "false"])
        case .quantity: return random.pick([#""20Gi""#, #""1e3""#, #""""#, #""lots""#, "20", #""0.5""#])
        case .map(let element):
            let keys = ["name", "graphEndpoint", "a/b", "x.y", "", "resourceIdentifiers", "0"].filter { _ in random.oneIn(3) }
            return "{\(keys.map { "\"\($0)\":\(value(of: element, name: $0))" }.joined(separator: ","))}"
        case .list(let element):
            let count = random.pick([0, 0, 1, 1, 2, 3])
            return "[\((0..<count).map { _ in value(of: element, name: name) }.joined(separator: ","))]"
        case .object(let members):
            // Few members often, so that empty and nearly empty objects are common.
            let likelihood = random.pick([1, 2, 4, 12])
            let chosen = members.filter { $0.name != ObjectSchema.keptStatusName && (likelihood == 1 || random.oneIn(likelihood)) }
            return "{\(chosen.map { "\"\($0.name)\":\(value(of: $0.schema, name: $0.name))" }.joined(separator: ","))}"
        }
    }

    private mutating func string(for name: String) -> String {
        let choices: [String] =
            switch name {
            case "deploymentType": ["OnCluster", "Azure", "azure", "", "Mars"]
            case "grantType": ["ServicePrincipal", "DeviceFlow", "WorkloadIdentity", "0", "7", "-3", "07", ""]
            case "azureState", "state": ["AzureCreated", "Created", "NotCreated", "Error", "Deleting", "Creating", ""]
            case "storageCapacity": ["20Gi", "1e3", "", "lots"]
            case "accessModes": ["ReadWriteOnce", "ReadOnlyMany", "sometimes"]
            default: ["x", "", #"\u0041\n"#, "é😀", #"\ud800"#, "<req>", #"{\"spec\":1}"#, "2f0f2c3a-0000-4000-8000-000000000001"]
            }
        return "\"\(random.pick(choices))\""
    }
}
