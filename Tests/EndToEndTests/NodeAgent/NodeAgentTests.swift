import JSON
import KubernetesClient
import TestSupport
import Testing

/// What tests may expect of the node that they run pods on.
@Suite(
    "the node of the tests", .serialized, .controlPlaneAvailable, .controllersAvailable, .controlPlane,
    .timeLimit(.minutes(3)))
enum NodeAgentTests {
    /// A namespace with objects made by hand.
    struct Place: Sendable {
        let controlPlane: ControlPlane
        let namespace: String

        static func make() async throws -> Place {
            let controlPlane = try ControlPlane.current
            return Place(controlPlane: controlPlane, namespace: try await controlPlane.namespace())
        }

        func key(_ name: String) -> ObjectKey { ObjectKey(namespace: namespace, name: name) }

        @discardableResult
        func kubectl(_ arguments: [String], input: String? = nil) async throws -> String {
            try await controlPlane.demandKubectl(["--namespace", namespace] + arguments, input: input)
        }

        func apply(_ objects: JSONTree...) async throws {
            let list: JSONTree = ["apiVersion": "v1", "kind": "List", "items": .array(objects)]
            try await kubectl(["apply", "-f", "-"], input: list.text)
        }

        /// What kubectl prints of an object for a JSONPath, without spaces at its ends; empty when there is no object.
        func field(_ path: String, of object: String) async throws -> String {
            try await kubectl(["get", object, "--ignore-not-found", "-o", "jsonpath=\(path)"]).trimmed
        }

        func isReady(_ pod: String) async throws -> Bool {
            try await field(#"{.status.conditions[?(@.type=="Ready")].status}"#, of: "pod/\(pod)") == "True"
        }

        func expect(_ what: String, _ path: String, of object: String, _ expected: String) async throws {
            try await poll(what, for: .seconds(40), every: .milliseconds(50)) { try await field(path, of: object) == expected }
        }

        func deleteAll() async throws {
            try await kubectl(["delete", "statefulsets,pods,services,secrets,persistentvolumeclaims", "--all", "--wait=false"])
        }
    }

    /// A pod of one container.
    static func pod(_ name: String, container: JSONTree = ["name": "app", "image": "app"]) -> JSONTree {
        [
            "apiVersion": "v1", "kind": "Pod", "metadata": ["name": .string(name)],
            "spec": ["containers": [container], "terminationGracePeriodSeconds": 5]
        ]
    }

    static func claim(_ name: String, _ size: String = "1Gi") -> JSONTree {
        [
            "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": ["name": .string(name)],
            "spec": ["accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": .string(size)]]]
        ]
    }
}
