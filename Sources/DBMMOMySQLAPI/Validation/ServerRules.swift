import KubernetesAPI

/// S: what runs, and how much of it.
extension Rule {
    static let serverRules: [Rule] = [
        .value(.s1) { change in
            guard let replicas = change.new.spec.replicas, !(0...1).contains(replicas) else { return [] }
            return [
                .violation(
                    .invalid(
                        FieldPath("spec", "replicas"), value: String(replicas),
                        "must be 0 or 1; several pods on one data directory destroy it"))
            ]
        },

        .value(.s2) { change in
            guard let text = change.new.spec.version else { return [] }
            guard let series = MySQLSeries(text) else {
                let meant = MySQLSeries.meant(by: text).map { "; did you mean \(FieldError.quoted($0))?" } ?? ""
                let detail = "supported values: \(MySQLSeries.list)\(meant)"
                return [.violation(.notSupported(version, value: FieldError.quoted(text), supported: [], detail: detail))]
            }
            return series.isEndOfLife ? [.warning(version, "\(text) is no longer maintained by MySQL; plan the upgrade")] : []
        },

        .transition(.s2) { change in
            // What counts is what was ready last, where that is known: an upgrade that never started can be taken back.
            guard let after = change.new.spec.version, change.old?.spec.version != after, let new = MySQLSeries(after),
                let before = change.old?.status.version ?? change.old?.spec.version, let old = MySQLSeries(ofServer: before)
            else { return [] }
            switch old.transition(to: new) {
            case .allowed:
                return []
            case .downgrade:
                return [.violation(.forbidden(version, "cannot go back from \(before) to \(after); MySQL cannot read newer data"))]
            case .skips(let next):
                return [.violation(.forbidden(version, "cannot skip from \(before) to \(after); upgrade to \(next) first"))]
            }
        },

        .value(.s3) { change in
            guard change.isInUse(.onCluster), let text = change.new.spec.onCluster?.image else { return [] }
            let field = FieldPath("spec", "onCluster", "image")
            guard let image = ImageReference(text) else {
                return [.violation(.invalid(field, value: FieldError.quoted(text), "must be an image, as registry.example/mysql:8.4"))]
            }
            guard !image.hasDigest, image.tag == nil || image.tag == "latest" else { return [] }
            return [.warning(field, "has no fixed tag; another MySQL may run after the next restart")]
        },

        .value(.s4) { change in
            guard change.isInUse(.onCluster), let resources = change.new.spec.onCluster?.resources else { return [] }
            return resourceFindings(resources)
        }
    ]

    private static let version = FieldPath("spec", "version")

    /// What a container may take besides what has a domain in its name (`example.com/gpu`).
    private static let standard = ["cpu", "memory", "ephemeral-storage"]
    /// What is counted in bytes.
    private static let bytes: Set = ["memory", "ephemeral-storage"]

    private static func isResource(_ name: String) -> Bool {
        standard.contains(name) || name.hasPrefix("hugepages-") || name.contains("/")
    }

    private static func resourceFindings(_ resources: DBMMOMySQL.OnCluster.Resources) -> [Finding] {
        let field = FieldPath("spec", "onCluster", "resources")
        var findings: [Finding] = []
        var amounts: [String: [String: Quantity]] = [:]
        for (kind, quantities) in [("limits", resources.limits), ("requests", resources.requests)] {
            for (name, text) in quantities {
                let path = field.appending(kind).appending(key: name)
                guard isResource(name) else {
                    let meant = Suggestion.text(for: name, among: standard)
                    let detail = "is no resource of a container\(meant.isEmpty ? "" : "; \(meant)")"
                    findings.append(.violation(.invalid(path, value: FieldError.quoted(name), detail)))
                    continue
                }
                do {
                    let amount = try Quantity(text)
                    amounts[kind, default: [:]][name] = amount
                    if amount.isNegative {
                        findings.append(.violation(.invalid(path, value: FieldError.quoted(text), "must not be negative")))
                    } else if bytes.contains(name), !amount.isInteger {
                        let meant = text.hasSuffix("m") ? "; did you mean \(FieldError.quoted("\(text.dropLast())Mi"))?" : ""
                        findings.append(.violation(.invalid(path, value: FieldError.quoted(text), "must be whole bytes\(meant)")))
                    }
                } catch {
                    findings.append(.violation(.invalid(path, value: FieldError.quoted(text), "\(error)")))
                }
            }
        }
        let limitTexts = Dictionary(resources.limits.map { ($0.name, $0.quantity) }, uniquingKeysWith: { $1 })
        for (name, text) in resources.requests {
            guard let request = amounts["requests"]?[name], let limit = amounts["limits"]?[name], limit < request else { continue }
            let (requests, limits) = (field.appending("requests").appending(key: name), field.appending("limits").appending(key: name))
            findings.append(
                .violation(
                    .invalid(
                        requests, value: FieldError.quoted(text),
                        "must not be more than the limit, \(FieldError.quoted(limitTexts[name] ?? ""))"),
                    of: [requests, limits]))
        }
        return findings
    }
}
