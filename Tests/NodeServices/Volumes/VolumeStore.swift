import FoundationEssentials
import Glibc
import SystemPackage

/// The data of the volumes: directories, and image files with a file system that are mounted on directories.
///
/// Every step looks first at what is there already, so that it can be done again after it was interrupted anywhere.
struct VolumeStore: Sendable {
    /// Holds a directory for each volume, `pvc-UID`, and the image files in `images`.
    let directory: String
    let limits: WriteLimits
    /// Of volumes whose class names none.
    let standardFileSystem: FileSystem

    private var images: String { "\(directory)/images" }

    func path(_ volume: String) -> String { "\(directory)/\(volume)" }

    private func image(_ volume: String) -> String { "\(images)/\(volume).img" }

    /// Makes the directories, and removes what was begun and not finished.
    func prepare() throws {
        try FileManager.default.createDirectory(atPath: images, withIntermediateDirectories: true)
        for name in try FileManager.default.contentsOfDirectory(atPath: images) where name.hasSuffix(".new") {
            try TextFile.remove("\(images)/\(name)")
        }
    }

    // MARK: Making

    /// Makes the data of a volume, as empty as a new one is.
    ///
    /// - Parameter bytes: The size; it counts for sized volumes alone.
    func make(_ volume: String, of storageClass: VolumeClass, bytes: UInt64) async throws {
        guard storageClass.isSized else { return try makeDirectory(path(volume)) }
        if storageClass.writeLimit != nil { try limits.check() }
        let image = image(volume)
        if !TextFile.exists(image) {
            let draft = "\(image).new"
            try TextFile.remove(draft)
            do {
                try Self.setSize(of: draft, to: bytes)
                try await (storageClass.fileSystem ?? standardFileSystem).make(in: draft)
                try TextFile.rename(draft, to: image)
            } catch {
                try? TextFile.remove(draft)
                throw error
            }
        }
        try await attach(volume, storageClass.writeLimit)
    }

    /// Mounts a sized volume that is not, and limits its writes.
    func attach(_ volume: String, _ limit: WriteLimit?) async throws {
        let path = path(volume)
        if try MountTable.read()[path] == nil {
            try makeDirectory(path)
            // The loop device ends with the last mount.
            try await Program.run("mount", ["-o", "loop", image(volume), path])
        }
        guard let mount = try MountTable.read()[path] else { throw ProgramFailure(description: "\(path) is not mounted after mount") }
        if try FileManager.default.contentsOfDirectory(atPath: path).isEmpty {
            // As every new volume of ext4 has it.
            try FileManager.default.createDirectory(
                atPath: "\(path)/lost+found", withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        }
        try await limits.set(limit, of: mount.device)
    }

    private func makeDirectory(_ path: String) throws {
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw Errno(rawValue: errno) }
    }

    // MARK: Growing and removing

    /// Has a sized volume that is mounted grow with all in it: the image file, the loop device, the file system. It never shrinks.
    func grow(_ volume: String, to bytes: UInt64) async throws {
        guard let mount = try MountTable.read()[path(volume)], let fileSystem = FileSystem(rawValue: mount.fileSystem) else {
            throw ProgramFailure(description: "\(path(volume)) is not mounted with a file system that can grow")
        }
        try Self.setSize(of: image(volume), to: bytes)
        try await Program.run("losetup", ["-c", mount.source])
        try await fileSystem.grow(mount)
    }

    /// Removes the data of a volume.
    func remove(_ volume: String) async throws {
        let path = path(volume)
        while let mount = try MountTable.read()[path] {
            try await limits.set(nil, of: mount.device)
            try await Program.run("umount", [path])
        }
        try TextFile.remove(path)
        try TextFile.remove(image(volume))
    }

    /// Makes a file at least so large, without data in what is added.
    private static func setSize(of path: String, to bytes: UInt64) throws {
        let file = try FileDescriptor.open(
            FilePath(path), .readWrite, options: [.create, .closeOnExec], permissions: [.ownerReadWrite])
        try file.closeAfter {
            guard try file.seek(offset: 0, from: .end) < Int64(bytes) else { return }
            try file.resize(to: Int64(bytes))
        }
    }
}
