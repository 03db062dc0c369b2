import DBMMOMySQLAPI
import JSON
import KubernetesAPI

/// An object named `orders` in namespace `shop`, from the text of its parts.
func object(_ version: ServedVersion = .v1, spec: String = "{}", status: String? = nil, metadata: String = "") throws -> JSONValue {
    let status = status.map { #","status":\#($0)"# } ?? ""
    return try JSONDocument(
        parsing: """
            {"apiVersion":"\(version.groupVersion)","kind":"DBMMOMySQL",
             "metadata":{"name":"orders","namespace":"shop"\(metadata)},"spec":\(spec)\(status)}
            """
    ).root
}

func model(_ version: ServedVersion = .v1, spec: String = "{}", status: String? = nil, metadata: String = "") throws -> DBMMOMySQL {
    try DBMMOMySQL(object(version, spec: spec, status: status, metadata: metadata))
}

extension Verdict {
    /// `T1 spec.deploymentType: Unsupported value: …`, one for each violation.
    var texts: [String] { violations.map { "\($0.rule.rawValue) \($0.error)" } }
}

/// Complete settings for Azure, with others in place of some.
func azureSpec(_ version: ServedVersion = .v1, replacing changes: [String: String?] = [:], type: String = "Azure", more: String = "")
    -> String
{
    let names: KeyValuePairs<String, String> =
        version == .v1
        ? [
            "serverName": "shop-orders", "subscriptionID": "2f0f2c3a-0000-4000-8000-000000000003",
            "tenantID": "2f0f2c3a-0000-4000-8000-000000000002", "clientID": "2f0f2c3a-0000-4000-8000-000000000001",
            "clientSecret": "s3cret", "resourceGroup": "rg-orders", "location": "westeurope"
        ]
        : [
            "subscriptionID": "2f0f2c3a-0000-4000-8000-000000000003", "tenantID": "2f0f2c3a-0000-4000-8000-000000000002",
            "clientID": "2f0f2c3a-0000-4000-8000-000000000001", "clientSecret": "s3cret", "baseGroupName": "rg-orders",
            "locationDefault": "westeurope"
        ]
    let members = names.compactMap { name, value -> String? in
        guard let change = changes[name] else { return #""\#(name)":"\#(value)""# }
        return change.map { #""\#(name)":"\#($0)""# }
    }
    let section = "{\(members.joined(separator: ","))}"
    return version == .v1
        ? #"{"deploymentType":"\#(type)","azure":\#(section)\#(more)}"#
        : #"{"deployment":{"deploymentType":"\#(type)","serverName":"shop-orders","azureConfig":\#(section)\#(more)}}"#
}
