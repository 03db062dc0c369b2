import JSON
import KubernetesAPI
import KubernetesClient
import NIOCore
import Testing

@testable import NodeServices

@Suite("volumes, their classes and claims")
struct VolumeTests {
    private func object(_ tree: JSONTree) throws -> KubernetesObject {
        let root = try JSONDocument(parsing: ByteBuffer(string: tree.text)).root
        return try #require(KubernetesObject(copying: root))
    }

    private func storageClass(_ parameters: JSONTree = .emptyObject, mode: String = "WaitForFirstConsumer") throws -> VolumeClass {
        let tree: JSONTree = [
            "metadata": ["name": "c"], "provisioner": "local.node.dbmmo.test", "parameters": parameters,
            "volumeBindingMode": .string(mode), "reclaimPolicy": "Retain"
        ]
        let storageClass = try VolumeClass(try object(tree))
        return try #require(storageClass)
    }

    private func claim(
        node: String? = nil, volume: String? = nil, capacity: String? = nil, phase: String = "Pending", condition: String? = nil,
        spec: JSONTree = .emptyObject, isBeingDeleted: Bool = false
    ) throws -> Claim {
        var spec = spec
        spec.merge([
            "storageClassName": "c", "accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "2Gi"]],
            "volumeName": volume.map { .string($0) }
        ])
        let tree: JSONTree = [
            "metadata": [
                "name": "data", "namespace": "shop", "uid": "u",
                "annotations": node.map { ["volume.kubernetes.io/selected-node": .string($0)] },
                "deletionTimestamp": isBeingDeleted ? "2026-01-01T00:00:00Z" : nil
            ],
            "spec": spec,
            "status": [
                "phase": .string(phase), "capacity": capacity.map { ["storage": .string($0)] },
                "conditions": condition.map { [["type": .string($0), "status": "True"]] }
            ]
        ]
        let claim = try Claim(try object(tree))
        return try #require(claim)
    }

    @Test("the parameters of a class say how its volumes are")
    func parameters() throws {
        let plain = try storageClass()
        #expect(!plain.isSized && plain.growth == .immediate && plain.writeLimit == nil && !plain.bindsImmediately)
        #expect(plain.reclaimPolicy == "Retain")
        #expect(try storageClass(["growth": "late", "growthDelay": "3s"]).growth == .late(.seconds(3)))
        #expect(try storageClass(["growth": "late", "growthDelay": "0.5s"]).growth == .late(.milliseconds(500)))
        #expect(try storageClass(["growth": "late", "growthDelay": "never"]).growth == .late(nil))
        #expect(try storageClass(["growth": "infeasible"], mode: "Immediate").bindsImmediately)
        let slow = try storageClass(["sized": "true", "writesPerSecond": "60", "csi.storage.k8s.io/fstype": "xfs"])
        #expect(slow.isSized && slow.writeLimit?.writesPerSecond == 60 && slow.writeLimit?.bytesPerSecond == nil)
        #expect(slow.fileSystem == .xfs)
    }

    @Test(
        "a parameter that makes no sense is a fault",
        arguments: [
            ["growth": "soon"], ["growth": "late", "growthDelay": "3"], ["sized": "yes"], ["sized": "true", "writesPerSecond": "0"],
            ["writesPerSecond": "60"], ["csi.storage.k8s.io/fstype": "fat"]
        ] as [[String: String]])
    func faults(_ parameters: [String: String]) throws {
        let tree = JSONTree.object(parameters.map { JSONTree.Member(name: $0.key, value: .string($0.value)) })
        #expect(throws: VolumeClass.Fault.self) { try storageClass(tree) }
    }

    @Test("the classes that are there from the start are well-formed")
    func standardClasses() throws {
        for (name, manifest) in StorageClasses.all {
            #expect(try VolumeClass(try object(manifest))?.name == name)
        }
    }

    @Test("a claim gets a volume when its pod is to run here, or when its class binds at once")
    func provisioning() throws {
        let (waiting, immediate) = (try storageClass(), try storageClass(mode: "Immediate"))
        #expect(try claim().work(of: waiting, on: "here") == .nothing)
        #expect(try claim().work(of: immediate, on: "here") == .provision)
        #expect(try claim(node: "here").work(of: waiting, on: "here") == .provision)
        #expect(try claim(node: "there").work(of: waiting, on: "here") == .nothing)
        #expect(try claim(node: "here", isBeingDeleted: true).work(of: waiting, on: "here") == .nothing)
        #expect(try claim(node: "here", phase: "Lost").work(of: waiting, on: "here") == .nothing)
        #expect(try claim(spec: ["volumeMode": "Block"]).fault != nil)
        #expect(try claim(spec: ["selector": [:]]).fault != nil)
        #expect(try claim().fault == nil)
    }

    @Test("a claim that asks for more than it has grows, and one that has enough is content")
    func growing() throws {
        let storageClass = try storageClass()
        #expect(
            try claim(volume: "v", capacity: "1Gi", phase: "Bound").work(of: storageClass, on: "here") == .grow(volume: "v"))
        #expect(try claim(volume: "v", capacity: "2048Mi", phase: "Bound").work(of: storageClass, on: "here") == .nothing)
        #expect(
            try claim(volume: "v", capacity: "2Gi", phase: "Bound", condition: "Resizing").work(of: storageClass, on: "here") == .settle)
        #expect(try claim(volume: "v", phase: "Pending").work(of: storageClass, on: "here") == .nothing)
        #expect(GrowthStep(.immediate, elapsed: .zero) == .finish)
        #expect(GrowthStep(.late(.seconds(3)), elapsed: .seconds(1)) == .wait(in: .seconds(2)))
        #expect(GrowthStep(.late(.seconds(3)), elapsed: .seconds(3)) == .finish)
        #expect(GrowthStep(.late(nil), elapsed: .seconds(3)) == .wait(in: nil))
        #expect(GrowthStep(.infeasible, elapsed: .seconds(3)) == .refuse)
    }

    @Test("a volume tells again what it was made with")
    func roundTrip() throws {
        let storageClass = try storageClass(["sized": "true", "writeBytesPerSecond": "100", "writesPerSecond": "60"])
        let manifest = Volume.manifest(for: try claim(), of: storageClass, on: "here", at: "/data/pvc-u")
        let read = try Volume(try object(manifest))
        let volume = try #require(read)
        #expect(volume.name == "pvc-u" && volume.path == "/data/pvc-u" && volume.node == "here" && volume.capacity == "2Gi")
        #expect(volume.isSized && volume.writeLimit == storageClass.writeLimit)
        #expect(volume.reclaimPolicy == "Retain" && !volume.isToBeRemoved)
    }

    @Test("sizes are whole blocks", arguments: [("1Gi", 1 << 30), ("1", 4096), ("0", 0), ("4097", 8192), ("1.5Ki", 4096), ("500m", 4096)])
    func sizes(_ text: String, _ bytes: UInt64) throws {
        #expect(try Quantity(text).wholeBlocks == bytes)
    }

    @Test("what is mounted is read")
    func mounts() {
        let table = MountTable(
            parsing: """
                22 1 253:0 / / rw,relatime shared:1 - ext4 /dev/root rw
                90 22 7:3 / /a\\040b/pvc-1 rw,relatime - xfs /dev/loop3 rw,attr2
                91 22 7:4 / /a\\040b/pvc-1 rw,relatime shared:5 master:2 - ext4 /dev/loop4 rw
                bad line
                """)
        #expect(table.mounts.count == 3)
        #expect(table["/a b/pvc-1"]?.device.description == "7:4")
        #expect(table["/a b/pvc-1"]?.source == "/dev/loop4")
        #expect(table["/"]?.fileSystem == "ext4")
        #expect(table["/b"] == nil)
    }

    @Test("the standard file system is one that can grow here")
    func fileSystem() {
        #expect(FileSystem.suitable(processStatus: "Name:\tx\nCapEff:\t000001fffeffffff\n") == .xfs)
        #expect(FileSystem.suitable(processStatus: "CapEff:\t000001ffffffffff\n") == .ext4)
        #expect(FileSystem.suitable(processStatus: "") == .xfs)
    }
}
