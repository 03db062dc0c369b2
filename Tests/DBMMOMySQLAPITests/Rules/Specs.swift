/// A complete spec for Azure, with other members in place of some; nil takes one away.
///
/// - Parameters:
///   - changes: JSON texts by the name of the member of `spec.azure`.
///   - more: members of `spec`, from the comma on.
func azure(_ changes: [String: String?] = [:], type: String = "Azure", more: String = "") -> String {
    let complete: KeyValuePairs<String, String> = [
        "serverName": #""shop-orders""#, "subscriptionID": #""2f0f2c3a-0000-4000-8000-000000000003""#,
        "tenantID": #""2f0f2c3a-0000-4000-8000-000000000002""#, "clientID": #""2f0f2c3a-0000-4000-8000-000000000001""#,
        "clientSecretRef": #"{"name":"azure-login"}"#, "resourceGroup": #""rg-orders""#, "location": #""westeurope""#
    ]
    var members: [String] = []
    for (name, text) in complete {
        guard let change = changes[name] else {
            members.append(#""\#(name)":\#(text)"#)
            continue
        }
        if let change { members.append(#""\#(name)":\#(change)"#) }
    }
    for (name, text) in changes.sorted(by: { $0.key < $1.key }) where !complete.contains(where: { $0.key == name }) {
        if let text { members.append(#""\#(name)":\#(text)"#) }
    }
    return #"{"deploymentType":"\#(type)","azure":{\#(members.joined(separator: ","))}\#(more)}"#
}

/// As `azure`, with one member.
func azure(_ name: String, _ text: String?) -> String { azure([name: text]) }

/// A spec for the cluster with one member of `spec.onCluster`.
func onCluster(_ name: String, _ text: String) -> String { #"{"onCluster":{"\#(name)":\#(text)}}"# }

/// A spec for the cluster with members of `spec.onCluster.storage`.
func storage(_ members: String) -> String { onCluster("storage", "{\(members)}") }

/// A JSON string.
func quoted(_ text: String) -> String { "\"\(text)\"" }
