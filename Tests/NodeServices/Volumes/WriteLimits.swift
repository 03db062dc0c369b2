import Glibc
import Logging
import SystemPackage

/// Slows the writes to block devices, by the throttle of cgroup v1 (blkio).
///
/// A limit of a group holds for its own processes alone, not for the groups below. So each group of the tree gets the limit, also those that come
/// later. The kernel's own write-back is in the root group.
actor WriteLimits {
    private static let files = (bytes: "blkio.throttle.write_bps_device", writes: "blkio.throttle.write_iops_device")

    /// How soon a new group has the limits.
    private static let interval = Duration.milliseconds(200)

    private let root: String
    private let logger: Logger
    private var limits: [DeviceNumber: WriteLimit] = [:]
    /// The groups that have the limits.
    private var groups: Set<String> = []

    /// - Parameter root: Where the blkio hierarchy is mounted.
    init(root: String = "/sys/fs/cgroup/blkio", logger: Logger) {
        self.root = root
        self.logger = logger
    }

    /// Whether the machine can do it.
    ///
    /// - Throws: ``VolumeClass/Fault`` that says why not.
    nonisolated func check() throws(VolumeClass.Fault) {
        guard TextFile.exists("\(root)/\(Self.files.bytes)") else {
            throw VolumeClass.Fault("write limits are not supported here: they need the blkio controller of cgroup v1 at \(root)")
        }
    }

    /// Limits a device, or takes away a limit that it has from us or from before: the kernel keeps it as long as the number of the device lives.
    ///
    /// - Throws: `Errno`, or ``VolumeClass/Fault`` for a limit that cannot be had here.
    func set(_ limit: WriteLimit?, of device: DeviceNumber) throws {
        if limit == nil {
            limits[device] = nil
            guard (try? check()) != nil else { return }
        } else {
            try check()
            limits[device] = limit
        }
        groups = Self.tree(root)
        for group in groups { try Self.write(limit, of: device, to: group) }
    }

    /// Gives the limits to new groups until the task is cancelled.
    func run() async {
        while (try? await Task.sleep(for: Self.interval)) != nil {
            guard !limits.isEmpty else { continue }
            let tree = Self.tree(root)
            var reached = groups.intersection(tree)
            for group in tree.subtracting(groups) {
                do {
                    for (device, limit) in limits { try Self.write(limit, of: device, to: group) }
                    reached.insert(group)
                } catch {
                    logger.warning("cannot limit writes", metadata: ["group": "\(group)", "error": "\(error)"])
                }
            }
            groups = reached
        }
    }

    private static func write(_ limit: WriteLimit?, of device: DeviceNumber, to group: String) throws {
        for (file, value) in [(files.bytes, limit?.bytesPerSecond), (files.writes, limit?.writesPerSecond)] {
            do {
                let path = "\(group)/\(file)"
                // Zero is no limit. Where none is, nothing is written.
                if value == nil, try !isListed(device, in: path) { continue }
                try TextFile.write("\(device) \(value ?? 0)\n", into: path)
            } catch let error as Errno where error == .noSuchFileOrDirectory || error.rawValue == ENODEV {
                // The group is gone meanwhile.
            }
        }
    }

    private static func isListed(_ device: DeviceNumber, in path: String) throws -> Bool {
        try TextFile.read(path).split(separator: "\n").contains { $0.hasPrefix("\(device) ") }
    }

    /// A directory and all below it.
    private static func tree(_ root: String) -> Set<String> {
        var found: Set<String> = [root]
        var rest = [root]
        while let directory = rest.popLast() {
            guard let stream = opendir(directory) else { continue }
            defer { closedir(stream) }
            while let entry = readdir(stream) {
                guard entry.pointee.d_type == UInt8(DT_DIR) else { continue }
                let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
                guard name != ".", name != ".." else { continue }
                found.insert("\(directory)/\(name)")
                rest.append("\(directory)/\(name)")
            }
        }
        return found
    }
}
