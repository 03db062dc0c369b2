import DBMMOMySQLAPI
import Testing

/// P, S, E, I, M: what runs on the cluster.
@Suite("The rules on the volume and the pod")
struct ClusterTableTests {
    @Test("answer as the table says", arguments: cases)
    func answer(row: RuleCase) throws { try row.check() }

    static let cases = p + s1s2 + s3s4 + eim

    private static func capacity(_ text: String) -> String { storage(#""capacity":\#(text)"#) }
    private static let capacityPath = "spec.onCluster.storage.capacity"
    private static let claim = #"{"onCluster":{"persistentVolumeClaims":["data-orders-0"]}}"#
    private static let kept = "Forbidden: cannot change; a PersistentVolumeClaim keeps what it was created with"
    private static let modes = #"supported values: "ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod""#

    private static let p: [RuleCase] = [
        RuleCase(.p1, "1Gi", create: capacity(#""1Gi""#)),
        RuleCase(.p1, "1Gi in other words", create: capacity("1073741824")),
        RuleCase(
            .p1, "none on Azure, as typed clients of v1alpha1 write it", create: azure(more: #","onCluster":{"storage":{"capacity":""}}"#)),
        RuleCase(
            .p1, "none on Azure, while the volume still exists",
            update: azure(more: #","onCluster":{"storage":{"capacity":"20Gi"}}"#),
            to: azure(more: #","onCluster":{"storage":{"capacity":""}}"#), status: claim),
        RuleCase(
            .p1, "an empty one", create: capacity(#""""#),
            .fault(capacityPath, #"Invalid value: "": is empty; a quantity is a number with a unit, such as 20Gi"#)),
        RuleCase(
            .p1, "less than 1Gi", create: capacity(#""1023Mi""#), .fault(capacityPath, #"Invalid value: "1023Mi": must be at least 1Gi"#)),
        RuleCase(.p1, "zero", create: capacity(#""0""#), .fault(capacityPath, #"Invalid value: "0": must be greater than zero"#)),
        RuleCase(
            .p1, "less than nothing", create: capacity(#""-1Gi""#),
            .fault(capacityPath, #"Invalid value: "-1Gi": must be greater than zero"#)),
        RuleCase(
            .p1, "a unit that is none", create: capacity(#""20GB""#),
            .fault(capacityPath, #"Invalid value: "20GB": not a quantity; did you mean "20G" or "20Gi"?"#)),
        RuleCase(
            .p1, "shrinking", update: capacity(#""20Gi""#), to: capacity(#""10Gi""#),
            .fault(capacityPath, "Forbidden: cannot shrink from 20Gi to 10Gi; a volume only grows")),
        RuleCase(
            .p1, "growing", update: capacity(#""20Gi""#), to: capacity(#""21Gi""#),
            .warning("\(capacityPath) grows only if the storage class allows volume expansion")),
        RuleCase(
            .p1, "back to what the volume has", update: capacity(#""40Gi""#), to: capacity(#""20Gi""#), status: sized("20Gi")),
        RuleCase(
            .p1, "less than what the volume has, by way of none", update: storage(""), to: capacity(#""2Gi""#), status: sized("20Gi"),
            .fault(capacityPath, "Forbidden: cannot shrink from 20Gi to 2Gi; a volume only grows")),
        RuleCase(.p1, "the same in another unit", update: capacity(#""1Gi""#), to: capacity(#""1024Mi""#)),

        RuleCase(.p2, "set before there is a claim", update: "{}", to: storage(#""storageClassName":"fast","volumeMode":"Block""#)),
        RuleCase(
            .p2, "set after there is a claim", update: "{}", to: storage(#""storageClassName":"fast""#), status: claim,
            .fault(
                "spec.onCluster.storage.storageClassName",
                "Forbidden: cannot be set any more; the PersistentVolumeClaim was created without it")),
        RuleCase(
            .p2, "changed", update: storage(#""storageClassName":"fast""#), to: storage(#""storageClassName":"slow""#), status: claim,
            .fault("spec.onCluster.storage.storageClassName", kept)),
        RuleCase(
            .p2, "mended before there is a claim", update: storage(#""storageClassName":"fast""#),
            to: storage(#""storageClassName":"slow""#)),
        RuleCase(
            .p2, "taken away", update: storage(#""accessModes":["ReadWriteOnce"],"volumeMode":"Block""#), to: storage(""), status: claim,
            .fault("spec.onCluster.storage.accessModes", kept), .fault("spec.onCluster.storage.volumeMode", kept)),

        RuleCase(.p3, "all four", create: storage(#""accessModes":["ReadWriteOnce","ReadOnlyMany","ReadWriteMany","ReadWriteOncePod"]"#)),
        RuleCase(
            .p3, "none", create: storage(#""accessModes":[]"#),
            .fault(
                "spec.onCluster.storage.accessModes", "Required value: name at least one, as ReadWriteOnce, or leave the field out")),
        RuleCase(
            .p3, "the wrong case", create: storage(#""accessModes":["readWriteOnce"]"#),
            .fault(
                "spec.onCluster.storage.accessModes[0]", #"Unsupported value: "readWriteOnce": \#(modes); did you mean "ReadWriteOnce"?"#)),
        RuleCase(
            .p3, "one twice", create: storage(#""accessModes":["ReadWriteOnce","ReadWriteOnce"]"#),
            .fault("spec.onCluster.storage.accessModes[1]", #"Duplicate value: "ReadWriteOnce""#)),

        RuleCase(.p4, "a file system", create: storage(#""volumeMode":"Filesystem","storageClassName":"fast.ssd""#)),
        RuleCase(.p4, "no class at all", create: storage(#""storageClassName":"""#)),
        RuleCase(
            .p4, "neither is one", create: storage(#""volumeMode":"filesystem","storageClassName":"Fast_SSD""#),
            .fault(
                "spec.onCluster.storage.storageClassName",
                #"Invalid value: "Fast_SSD": must be the name of a StorageClass (a-z, 0-9, -, .)"#),
            .fault(
                "spec.onCluster.storage.volumeMode",
                #"Unsupported value: "filesystem": supported values: "Filesystem", "Block"; did you mean "Filesystem"?"#))
    ]

    private static func sized(_ capacity: String) -> String {
        #"{"onCluster":{"persistentVolumeClaims":["data-orders-0"],"capacity":"\#(capacity)"}}"#
    }

    private static func version(_ text: String) -> String { #"{"version":"\#(text)"}"# }
    private static let series = #"supported values: "5.6", "5.7", "8.0", "8.4", "9.0" to "9.7""#
    private static let tooMany = "must be 0 or 1; several pods on one data directory destroy it"
    private static func ended(_ version: String) -> RuleCase.Line {
        .warning("spec.version \(version) is no longer maintained by MySQL; plan the upgrade")
    }

    private static let s1s2: [RuleCase] = [
        RuleCase(.s1, "no pod", create: #"{"replicas":0}"#),
        RuleCase(.s1, "one pod", create: #"{"replicas":1}"#),
        RuleCase(.s1, "two pods", create: #"{"replicas":2}"#, .fault("spec.replicas", "Invalid value: 2: \(tooMany)")),
        RuleCase(.s1, "less than none", create: #"{"replicas":-1}"#, .fault("spec.replicas", "Invalid value: -1: \(tooMany)")),

        RuleCase(.s2, "8.4", create: version("8.4")),
        RuleCase(.s2, "9.0", create: version("9.0")),
        RuleCase(.s2, "9.7", create: version("9.7")),
        RuleCase(
            .s2, "9.9, which nobody has released", create: version("9.9"), .fault("spec.version", #"Unsupported value: "9.9": \#(series)"#)),
        RuleCase(.s2, "back to what was ready last", update: version("9.1"), to: version("8.4"), status: #"{"version":"8.4"}"#),
        RuleCase(.s2, "to another than was ready last", update: version("9.7"), to: version("9.1"), status: #"{"version":"8.4.2"}"#),
        RuleCase(
            .s2, "a downgrade by way of none", update: "{}", to: version("8.4"), status: #"{"version":"9.1"}"#,
            .fault("spec.version", "Forbidden: cannot go back from 9.1 to 8.4; MySQL cannot read newer data")),
        RuleCase(.s2, "8.0, which has ended", create: version("8.0"), ended("8.0")),
        RuleCase(.s2, "5.6, which has ended", create: version("5.6"), ended("5.6")),
        RuleCase(
            .s2, "a release", create: version("8.4.2"),
            .fault("spec.version", #"Unsupported value: "8.4.2": \#(series); did you mean "8.4"?"#)),
        RuleCase(
            .s2, "a v in front", create: version("v8.0"),
            .fault("spec.version", #"Unsupported value: "v8.0": \#(series); did you mean "8.0"?"#)),
        RuleCase(
            .s2, "a major", create: version("8"), .fault("spec.version", #"Unsupported value: "8": \#(series); did you mean "8.4"?"#)),
        RuleCase(.s2, "any of 9", create: version("9.x"), .fault("spec.version", #"Unsupported value: "9.x": \#(series)"#)),
        RuleCase(.s2, "a series that never was", create: version("6.0"), .fault("spec.version", #"Unsupported value: "6.0": \#(series)"#)),
        RuleCase(.s2, "a leading zero", create: version("08.4"), .fault("spec.version", #"Unsupported value: "08.4": \#(series)"#)),
        RuleCase(.s2, "an empty one", create: version(""), .fault("spec.version", #"Unsupported value: "": \#(series)"#)),
        RuleCase(.s2, "an upgrade", update: version("8.0"), to: version("8.4")),
        RuleCase(.s2, "an upgrade within 9", update: version("9.0"), to: version("9.7")),
        RuleCase(.s2, "a first version", update: "{}", to: version("8.4")),
        RuleCase(
            .s2, "a downgrade", update: version("8.4"), to: version("8.0"),
            .fault("spec.version", "Forbidden: cannot go back from 8.4 to 8.0; MySQL cannot read newer data"), ended("8.0")),
        RuleCase(
            .s2, "a downgrade within 9", update: version("9.2"), to: version("9.1"),
            .fault("spec.version", "Forbidden: cannot go back from 9.2 to 9.1; MySQL cannot read newer data")),
        RuleCase(
            .s2, "a step skipped", update: version("5.7"), to: version("8.4"),
            .fault("spec.version", "Forbidden: cannot skip from 5.7 to 8.4; upgrade to 8.0 first")),
        RuleCase(
            .s2, "steps skipped to 9", update: version("8.0"), to: version("9.1"),
            .fault("spec.version", "Forbidden: cannot skip from 8.0 to 9.1; upgrade to 8.4 first"))
    ]

    private static func image(_ text: String) -> String { onCluster("image", quoted(text)) }
    private static func noImage(_ text: String) -> RuleCase.Line {
        .fault("spec.onCluster.image", "Invalid value: \(quoted(text)): must be an image, as registry.example/mysql:8.4")
    }
    private static let moving = RuleCase.Line.warning("spec.onCluster.image has no fixed tag; another MySQL may run after the next restart")
    private static func resources(_ requests: String, _ limits: String) -> String {
        onCluster("resources", #"{"requests":{\#(requests)},"limits":{\#(limits)}}"#)
    }
    private static let requests = "spec.onCluster.resources.requests"
    private static let limits = "spec.onCluster.resources.limits"

    private static let s3s4: [RuleCase] = [
        RuleCase(.s3, "a name with a tag", create: image("mysql:8.4")),
        RuleCase(.s3, "a registry with a port", create: image("registry.example:5000/team/my__sql:8.4.2-oracle")),
        RuleCase(.s3, "a digest", create: image("mysql@sha256:\(String(repeating: "0a", count: 32))")),
        RuleCase(.s3, "latest with a digest", create: image("mysql:latest@sha256:\(String(repeating: "0a", count: 32))")),
        RuleCase(.s3, "on Azure there is no image", create: azure(more: #","onCluster":{"image":"?"}"#)),
        RuleCase(.s3, "no tag", create: image("mysql"), moving),
        RuleCase(.s3, "a port is not a tag", create: image("localhost:5000/mysql"), moving),
        RuleCase(.s3, "latest", create: image("mysql:latest"), moving),
        RuleCase(.s3, "capitals", create: image("MySQL:8.4"), noImage("MySQL:8.4")),
        RuleCase(.s3, "a URL", create: image("https://registry.example/mysql:8.4"), noImage("https://registry.example/mysql:8.4")),
        RuleCase(.s3, "a space", create: image("mysql: 8.4"), noImage("mysql: 8.4")),
        RuleCase(.s3, "half a digest", create: image("mysql@sha256:0a0a"), noImage("mysql@sha256:0a0a")),
        RuleCase(.s3, "a sign before the port", create: image("registry.example:+50/mysql:8.4"), noImage("registry.example:+50/mysql:8.4")),

        RuleCase(
            .s4, "as much as the limit, in another unit", create: resources(#""cpu":"1000m","memory":"1Gi""#, #""cpu":1,"memory":"1024Mi""#)
        ),
        RuleCase(.s4, "a request without a limit", create: resources(#""cpu":"2""#, "")),
        RuleCase(
            .s4, "more than the limit, in another unit", create: resources(#""cpu":"1.5""#, #""cpu":"1200m""#),
            .fault("\(requests)[cpu]", #"Invalid value: "1.5": must not be more than the limit, "1200m""#)),
        RuleCase(
            .s4, "more than the limit, binary against decimal", create: resources(#""memory":"1Gi""#, #""memory":"1G""#),
            .fault("\(requests)[memory]", #"Invalid value: "1Gi": must not be more than the limit, "1G""#)),
        RuleCase(
            .s4, "no quantity", create: resources("", #""memory":"512MB""#),
            .fault("\(limits)[memory]", #"Invalid value: "512MB": not a quantity; did you mean "512M" or "512Mi"?"#)),
        RuleCase(
            .s4, "less than nothing", create: resources(#""cpu":"-1""#, ""),
            .fault("\(requests)[cpu]", #"Invalid value: "-1": must not be negative"#)),
        RuleCase(
            .s4, "a limit lowered below an old request", update: resources(#""cpu":"1""#, #""cpu":"2""#),
            to: resources(#""cpu":"1""#, #""cpu":"500m""#),
            .fault("\(requests)[cpu]", #"Invalid value: "1": must not be more than the limit, "500m""#))
    ]

    private static func source(_ text: String) -> String { onCluster("envFrom", "[\(text)]") }
    private static let sources = "spec.onCluster.envFrom"
    private static func host(_ text: String) -> String { onCluster("ingress", #"{"host":"\#(text)"}"#) }
    private static func noHost(_ text: String) -> RuleCase.Line {
        .fault(
            "spec.onCluster.ingress.host", "Invalid value: \(quoted(text)): must be a DNS name in lower case, as mysql.example.com")
    }
    private static let bothSources = "Forbidden: only one of configMapRef and secretRef"

    private static let eim: [RuleCase] = [
        RuleCase(.e1, "a ConfigMap", create: source(#"{"prefix":"MYSQL_1","configMapRef":{"name":"tuning"}}"#)),
        RuleCase(.e1, "a Secret, without a prefix", create: source(#"{"prefix":"","secretRef":{"name":"orders","optional":true}}"#)),
        RuleCase(
            .e1, "neither", create: source(#"{"prefix":"A"}"#),
            .fault("\(sources)[0]", "Required value: exactly one of configMapRef and secretRef")),
        RuleCase(
            .e1, "both", create: source(#"{"configMapRef":{"name":"a"},"secretRef":{"name":"b"}}"#), .fault("\(sources)[0]", bothSources)),
        RuleCase(
            .e1, "no name", create: source(#"{"secretRef":{"name":""}}"#),
            .fault("\(sources)[0].secretRef.name", "Required value: the name of the object to take variables from")),
        RuleCase(
            .e1, "a name in capitals, in the second place", create: source(#"{"secretRef":{"name":"a"}},{"configMapRef":{"name":"A"}}"#),
            .fault("\(sources)[1].configMapRef.name", #"Invalid value: "A": must be the name of an object (a-z, 0-9, -, .)"#)),
        RuleCase(
            .e1, "a prefix that begins with a digit", create: source(#"{"prefix":"1A","secretRef":{"name":"a"}}"#),
            .fault("\(sources)[0].prefix", #"Invalid value: "1A": must be letters, digits and _, and not begin with a digit"#)),
        RuleCase(
            .e1, "a faulty source that another one moves down is left alone",
            update: source(#"{"secretRef":{"name":"A"}}"#), to: source(#"{"secretRef":{"name":"b"}},{"secretRef":{"name":"A"}}"#),
            .warning(#"\#(sources)[1].secretRef.name: Invalid value: "A": must be the name of an object (a-z, 0-9, -, .)"#)),

        RuleCase(.i1, "a host", create: host("mysql.example.com")),
        RuleCase(.i1, "a host with a star", create: host("*.example.com")),
        RuleCase(.i1, "no Ingress", create: onCluster("ingress", #"{"enabled":false}"#)),
        RuleCase(.i1, "an Ingress on Azure, where there is none", create: azure(more: #","onCluster":{"ingress":{"enabled":true}}"#)),
        RuleCase(
            .i1, "an Ingress", create: onCluster("ingress", #"{"enabled":true}"#),
            .warning("spec.onCluster.ingress.enabled is for HTTP, which MySQL does not speak; use service.type"),
            v1alpha1: [.warning("spec.deployment.ingress.enabled is for HTTP, which MySQL does not speak; in v1 use service.type")]),
        RuleCase(.i1, "capitals", create: host("MySQL.example.com"), noHost("MySQL.example.com")),
        RuleCase(.i1, "nothing but a star", create: host("*."), noHost("*.")),
        RuleCase(.i1, "a star in the middle", create: host("a.*.example"), noHost("a.*.example")),
        RuleCase(.i1, "an address", create: host("10.0.0.1"), noHost("10.0.0.1")),
        RuleCase(.i1, "a port", create: host("mysql.example.com:3306"), noHost("mysql.example.com:3306")),

        RuleCase(.m1, "52 characters", create: "{}", name: String(repeating: "n", count: 52)),
        RuleCase(
            .m1, "53 characters", create: "{}", name: String(repeating: "n", count: 53),
            .fault("metadata.name", "Too long: may not be longer than 52; names that are made from it must fit 63")),
        RuleCase(
            .m1, "a dot", create: "{}", name: "orders.v2",
            .fault("metadata.name", #"Invalid value: "orders.v2": must begin with a letter and have no dot: Services are named after it"#)),
        RuleCase(
            .m1, "a digit first", create: "{}", name: "2orders",
            .fault("metadata.name", #"Invalid value: "2orders": must begin with a letter and have no dot: Services are named after it"#)),

        RuleCase(.n1, "a balancer", create: onCluster("service", #"{"type":"LoadBalancer"}"#)),
        RuleCase(
            .n1, "no type", create: onCluster("service", #"{"type":"Loadbalancer"}"#),
            .fault(
                "spec.onCluster.service.type",
                #"Unsupported value: "Loadbalancer": supported values: "ClusterIP", "NodePort", "LoadBalancer"; did you mean "LoadBalancer"?"#
            )),
        RuleCase(
            .n1, "what only dbmmo makes", create: onCluster("service", #"{"type":"ExternalName"}"#),
            .fault(
                "spec.onCluster.service.type",
                #"Unsupported value: "ExternalName": supported values: "ClusterIP", "NodePort", "LoadBalancer""#))
    ]
}
