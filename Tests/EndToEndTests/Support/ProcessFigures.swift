import Glibc

/// What the kernel says of a process.
struct ProcessFigures: Sendable {
    let pid: pid_t

    /// The memory that is resident, in bytes; 0 when there is no such process.
    var memory: Int { status("VmRSS").map { $0 << 10 } ?? 0 }

    /// The most memory that was ever resident, in bytes.
    var peakMemory: Int { status("VmHWM").map { $0 << 10 } ?? 0 }

    /// How many file descriptors are open.
    var descriptors: Int {
        guard let directory = opendir("/proc/\(pid)/fd") else { return 0 }
        defer { closedir(directory) }
        var count = 0
        while let entry = readdir(directory) {
            if entry.pointee.d_name.0 != 0x2E { count += 1 }
        }
        return count
    }

    private func status(_ name: String) -> Int? {
        guard let file = fopen("/proc/\(pid)/status", "r") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, Int32(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            let words = text.split { $0 == ":" || $0 == "\t" || $0 == " " || $0 == "\n" }
            if words.first == name[...] { return words.dropFirst().first.flatMap { Int($0) } }
        }
        return nil
    }
}

extension Int {
    /// Bytes as mebibytes with one decimal.
    var mebibytes: String { "\(self * 10 / (1 << 20) / 10).\(abs(self * 10 / (1 << 20) % 10))" }
}
