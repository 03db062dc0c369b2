import JSON
import KubernetesClient

/// The pod that MySQL runs in.
struct PodTemplate: Sendable {
    /// The user of the official images.
    private static let user: Int64 = 999

    private let settings: Settings
    private let configuration: String

    init(_ settings: Settings, configuration: String) {
        self.settings = settings
        self.configuration = configuration
    }

    /// core/v1 PodTemplateSpec
    var tree: JSONTree {
        let shared: JSONTree = [
            "image": .string(settings.image), "env": [passwordVariable],
            "securityContext": ["allowPrivilegeEscalation": false, "capabilities": ["drop": ["ALL"]]],
            "envFrom": settings.environmentSources.map { .verbatim($0) }, "resources": settings.resources,
            // Why a server ended is what it logged last.
            "terminationMessagePolicy": "FallbackToLogsOnError"
        ]
        var container: JSONTree = [
            "name": .string(DesiredObjects.container), "ports": [["containerPort": .integer(DesiredObjects.port), "protocol": "TCP"]],
            "volumeMounts": [
                // Below the root of the volume, where file systems keep things of their own.
                ["name": "data", "mountPath": "/var/lib/mysql", "subPath": "mysql"],
                ["name": "config", "mountPath": "/etc/mysql/conf.d", "readOnly": true]
            ],
            // Recovery after a crash and the upgrade to a new version come before the first answer. Nothing restarts a server that is slow.
            "startupProbe": probe(period: 2, failures: 1800),
            "readinessProbe": probe(period: 5, failures: 3)
        ]
        container.merge(shared)
        var template: JSONTree = ["metadata": metadata, "spec": podSpec(container, Initialization.container(like: shared))]
        let hash = ContentHash.text(of: template)
        template.insert(.string(hash), at: ["metadata", "annotations", DesiredObjects.templateAnnotation])
        return template
    }

    private var metadata: JSONTree {
        [
            "labels": settings.owner.labels,
            "annotations": [
                Owner.uidAnnotation: .string(settings.owner.uid),
                DesiredObjects.versionAnnotation: settings.version.map { .string($0) },
                DesiredObjects.settingsAnnotation: .string(settings.podHash),
                DesiredObjects.configurationAnnotation: .string(ContentHash.text(of: configuration))
            ]
        ]
    }

    private func podSpec(_ container: JSONTree, _ initialization: JSONTree) -> JSONTree {
        [
            "initContainers": [initialization],
            "containers": [container],
            "volumes": [
                ["name": "config", "configMap": ["name": .string(Part.configuration.name(for: settings.owner.key.name))]]
            ],
            // InnoDB writes back what is changed in memory.
            "terminationGracePeriodSeconds": 120,
            "automountServiceAccountToken": false,
            "enableServiceLinks": false,
            "securityContext": [
                "runAsNonRoot": true, "runAsUser": .integer(Self.user), "runAsGroup": .integer(Self.user), "fsGroup": .integer(Self.user),
                "fsGroupChangePolicy": "OnRootMismatch", "seccompProfile": ["type": "RuntimeDefault"]
            ]
        ]
    }

    private var passwordVariable: JSONTree {
        let (name, key) = settings.secret
        return ["name": .string(Settings.passwordKey), "valueFrom": ["secretKeyRef": ["name": .string(name), "key": .string(key)]]]
    }

    /// Asks as root with the password of the Secret: `mysqladmin ping` takes "Access denied" for an answer too. The password reaches the client by its
    /// environment, where no list of processes shows it.
    private func probe(period: Int64, failures: Int64) -> JSONTree {
        let command = #"MYSQL_PWD="$MYSQL_ROOT_PASSWORD" exec mysql --protocol=socket --user=root --batch --execute "SELECT 1""#
        return [
            "exec": ["command": ["sh", "-c", .string(command)]], "periodSeconds": .integer(period), "timeoutSeconds": 5,
            "failureThreshold": .integer(failures)
        ]
    }
}
