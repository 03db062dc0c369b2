import JSON
import KubernetesAPI

/// E, I, M: the objects on the cluster that a database brings along.
extension Rule {
    static let clusterRules: [Rule] = [
        .value(.e1) { change in
            guard change.isInUse(.onCluster) else { return [] }
            let list = FieldPath("spec", "onCluster", "envFrom")
            let sources = change.new.spec.onCluster?.environmentSources ?? []
            return sources.enumerated().flatMap { environmentFindings($0.element, at: list.appending(index: $0.offset)) }
        },

        .value(.i1) { change in
            guard change.isInUse(.onCluster), let onCluster = change.new.spec.onCluster else { return [] }
            let field = FieldPath("spec", "onCluster", "ingress")
            var findings: [Finding] = []
            if onCluster.isIngressEnabled {
                findings.append(
                    .warning(
                        field.appending("enabled"),
                        "is for HTTP, which MySQL does not speak; \(change.words == .v1 ? "" : "in v1 ")use service.type"))
            }
            if let host = onCluster.ingressHost, !Format.isHost(host) || IPv4Address(host) != nil {
                findings.append(
                    .violation(
                        .invalid(
                            field.appending("host"), value: FieldError.quoted(host),
                            "must be a DNS name in lower case, as mysql.example.com")))
            }
            return findings
        },

        .value(.n1) { change in
            guard change.isInUse(.onCluster), let type = change.new.json[path: ["spec", "onCluster", "service", "type"]]?.string,
                !serviceTypes.contains(type)
            else { return [] }
            return [
                .violation(
                    .notSupported(
                        FieldPath("spec", "onCluster", "service", "type"), value: FieldError.quoted(type), supported: serviceTypes,
                        detail: Suggestion.text(for: type, among: serviceTypes)))
            ]
        },

        .value(.m1) { change in
            guard let name = change.new.metadata.name else { return [] }
            let field = FieldPath("metadata", "name")
            var findings: [Finding] = []
            if name.utf8.count > 52 {
                let error = FieldError.tooLong(field, maximumLength: 52)
                findings.append(
                    .violation(error.moved(to: error.field, detail: "\(error.detail); names that are made from it must fit 63")))
            }
            if name.contains(".") || name.utf8.first?.isDigit == true {
                let detail = "must begin with a letter and have no dot: Services are named after it"
                findings.append(.violation(.invalid(field, value: FieldError.quoted(name), detail)))
            }
            return findings
        }
    ]

    private static let serviceTypes = ["ClusterIP", "NodePort", "LoadBalancer"]

    private static func environmentFindings(_ source: DBMMOMySQL.OnCluster.EnvironmentSource, at field: FieldPath) -> [Finding] {
        var findings: [Finding] = []
        switch (source.hasConfigMap, source.hasSecret) {
        case (false, false): findings.append(.violation(.required(field, "exactly one of configMapRef and secretRef")))
        case (true, true): findings.append(.violation(.forbidden(field, "only one of configMapRef and secretRef"), of: [field]))
        case (true, false): findings += nameFindings(source.configMapName, at: field.appending("configMapRef").appending("name"))
        case (false, true): findings += nameFindings(source.secretName, at: field.appending("secretRef").appending("name"))
        }
        if let prefix = source.prefix, !prefix.isEmpty, !Format.isCIdentifier(prefix) {
            findings.append(
                .violation(
                    .invalid(
                        field.appending("prefix"), value: FieldError.quoted(prefix),
                        "must be letters, digits and _, and not begin with a digit")))
        }
        return findings
    }

    private static func nameFindings(_ name: String?, at field: FieldPath) -> [Finding] {
        guard let name, !name.isEmpty else { return [.violation(.required(field, "the name of the object to take variables from"))] }
        guard !Format.isDNSSubdomain(name) else { return [] }
        return [.violation(.invalid(field, value: FieldError.quoted(name), "must be the name of an object (a-z, 0-9, -, .)"))]
    }
}
