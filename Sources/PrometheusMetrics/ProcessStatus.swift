import Glibc

/// What the kernel tells of a process in `/proc/PID/stat` (proc(5)).
struct ProcessStatus: Equatable {
    /// User and system time used so far, in clock ticks.
    var cpuTicks: UInt64
    var threads: UInt64
    /// When the process started, in clock ticks since the system did.
    var startTicks: UInt64
    /// Bytes of address space.
    var virtualBytes: UInt64
    /// Pages in memory.
    var residentPages: UInt64
}

extension ProcessStatus {
    init?(parsing text: String) {
        // The second field is the name of the program in parentheses; it may hold any character.
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split { $0 == " " || $0 == "\n" }
        func field(_ number: Int) -> UInt64? {
            fields.dropFirst(number - 3).first.flatMap { UInt64($0) }
        }
        guard let user = field(14), let system = field(15), let threads = field(20), let start = field(22), let size = field(23),
            let resident = field(24)
        else { return nil }
        self.init(cpuTicks: user &+ system, threads: threads, startTicks: start, virtualBytes: size, residentPages: resident)
    }

    /// Of this process; nil where there is no `/proc`.
    static func current() -> ProcessStatus? {
        let file = open("/proc/self/stat", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        // Some fifty numbers and the name of a program: always less than this.
        let text = String(unsafeUninitializedCapacity: 4096) { buffer in
            max(0, read(file, buffer.baseAddress, buffer.count))
        }
        return ProcessStatus(parsing: text)
    }
}
