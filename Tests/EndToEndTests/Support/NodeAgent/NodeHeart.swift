import JSON
import KubernetesAPI
import KubernetesClient

/// Keeps the Node and its Lease alive, so that the controllers leave its pods alone.
struct NodeHeart: Sendable {
    /// The controllers give a node up after 40 s.
    private static let interval = Duration.seconds(10)

    let client: KubernetesClient
    private let start = Timestamp.now()

    init(client: KubernetesClient) {
        self.client = client
    }

    /// Registers the node.
    func register() async throws {
        let node: JSONTree = [
            "apiVersion": "v1", "kind": "Node",
            "metadata": ["name": .string(NodeAgent.node), "labels": ["kubernetes.io/hostname": .string(NodeAgent.node)]], "status": status
        ]
        do throws(KubernetesError) {
            _ = try await client.create(NodeTypes.nodes, namespace: nil, node.bytes)
        } catch {
            guard error.isAlreadyExists else { throw error }
        }
    }

    /// Beats until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            let isTold = (try? await beat()) != nil
            // An API server that is away is not asked too often, and soon after it is back.
            try? await Task.sleep(for: isTold ? Self.interval : .seconds(1))
        }
    }

    private func beat() async throws {
        let name = JSONTree.string(NodeAgent.node)
        let lease: JSONTree = [
            "apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": ["name": name],
            "spec": ["holderIdentity": name, "leaseDurationSeconds": 40, "renewTime": .string(Timestamp.now().microText)]
        ]
        let leaseKey = ObjectKey(namespace: "kube-node-lease", name: NodeAgent.node)
        _ = try await client.apply(.leases, leaseKey, lease.bytes, force: true)
        let patch: JSONTree = ["status": status]
        _ = try await client.patch(NodeTypes.nodes, ObjectKey(name: NodeAgent.node), subresource: "status", .merge(patch.bytes))
    }

    private var status: JSONTree {
        let resources: JSONTree = ["cpu": "64", "memory": "256Gi", "pods": "10000"]
        return [
            "capacity": resources, "allocatable": resources,
            "addresses": [["type": "InternalIP", "address": "127.0.0.1"], ["type": "Hostname", "address": .string(NodeAgent.node)]],
            "conditions": [
                [
                    "type": "Ready", "status": "True", "reason": "KubeletReady", "message": "the node agent of the tests runs",
                    "lastHeartbeatTime": .string(Timestamp.now().text), "lastTransitionTime": .string(start.text)
                ]
            ]
        ]
    }
}
