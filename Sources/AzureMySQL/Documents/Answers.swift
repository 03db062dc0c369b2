import JSON

extension Server {
    init(_ value: JSONValue) throws(MalformedDocument) {
        let fields = try Fields(value, "the server")
        self.init(
            id: try fields.required("id"), name: try fields.required("name"), type: try fields.text("type") ?? "",
            location: try fields.text("location") ?? "", tags: try fields.object("tags")?.texts ?? [:])
        if let sku = try fields.object("sku") { self.sku = SKU(name: try sku.required("name"), tier: try sku.text("tier") ?? "") }
        guard let properties = try fields.object("properties") else { return }
        version = try properties.text("version")
        administratorLogin = try properties.text("administratorLogin")
        state = try properties.text("state").map(State.init(rawValue:))
        storageGB = try properties.object("storage")?.integer("storageSizeGB")
        host = try properties.text("fullyQualifiedDomainName")
    }
}

extension FirewallRule {
    init(_ value: JSONValue) throws(MalformedDocument) {
        let fields = try Fields(value, "the firewall rule")
        guard let properties = try fields.object("properties") else { throw MalformedDocument(text: "a firewall rule without properties") }
        self.init(
            name: try fields.required("name"), startIP: try properties.required("startIpAddress"),
            endIP: try properties.required("endIpAddress"))
    }
}

extension ServerParameter {
    init(_ value: JSONValue) throws(MalformedDocument) {
        let fields = try Fields(value, "the parameter")
        guard let properties = try fields.object("properties") else { throw MalformedDocument(text: "a parameter without properties") }
        let set = try properties.text("value")
        let current = try properties.text("currentValue")
        self.init(
            name: try fields.required("name"), value: set ?? current ?? "",
            defaultValue: try properties.text("defaultValue"), isReadOnly: properties.flag("isReadOnly"),
            needsRestart: properties.flag("isConfigPendingRestart"))
    }
}
