/// A file system that sized volumes can have.
enum FileSystem: String, Sendable, CaseIterable {
    /// The kernel lets only a process with CAP_SYS_RESOURCE grow it while it is mounted.
    case ext4
    /// Grows with CAP_SYS_ADMIN alone. Its log takes 64 MB of a volume from 300 MB on.
    case xfs

    /// What volumes get whose StorageClass names none: the one that can grow.
    ///
    /// - Parameter status: The text of `/proc/self/status`.
    static func suitable(processStatus status: String) -> FileSystem {
        let line = status.split(separator: "\n").first { $0.hasPrefix("CapEff:") }
        let capabilities = line.flatMap { UInt64($0.split(separator: "\t").last ?? "", radix: 16) } ?? 0
        let sysResource: UInt64 = 1 << 24
        return capabilities & sysResource == 0 ? .xfs : .ext4
    }

    /// Makes a file system that fills an image file.
    ///
    /// - Throws: `ProgramFailure`.
    func make(in image: String) async throws {
        switch self {
        case .ext4:
            try await Program.run("mkfs.ext4", ["-q", "-F", "-m", "0", "-E", "lazy_itable_init=1,lazy_journal_init=1,nodiscard", image])
        case .xfs:
            // It refuses less than 300 MB but to tests of file systems, which it knows by these variables. Ours are tests too.
            try await Program.run(
                "mkfs.xfs", ["-q", "-f", "-K", image], environment: ["QA_CHECK_FS": "1", "TEST_DIR": "/", "TEST_DEV": "/"])
        }
    }

    /// Has a mounted file system take up all of its device.
    ///
    /// - Throws: `ProgramFailure`.
    func grow(_ mount: MountTable.Mount) async throws {
        switch self {
        case .ext4: try await Program.run("resize2fs", [mount.source])
        case .xfs: try await Program.run("xfs_growfs", ["-d", mount.point])
        }
    }
}
