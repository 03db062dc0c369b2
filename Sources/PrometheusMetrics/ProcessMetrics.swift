import Glibc

/// What Prometheus' own client libraries tell of the process, under the same names.
public enum ProcessMetrics {
    public static func register(in registry: PrometheusRegistry) {
        let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))
        let pageSize = Double(sysconf(Int32(_SC_PAGESIZE)))
        let startTime = startTime(ticksPerSecond: ticksPerSecond)
        registry.counter("process_cpu_seconds_total", help: "User and system CPU time of the process, in seconds.") {
            ProcessStatus.current().map { Double($0.cpuTicks) / ticksPerSecond }
        }
        registry.gauge("process_resident_memory_bytes", help: "Memory of the process that is in RAM, in bytes.") {
            ProcessStatus.current().map { Double($0.residentPages) * pageSize }
        }
        registry.gauge("process_virtual_memory_bytes", help: "Address space of the process, in bytes.") {
            ProcessStatus.current().map { Double($0.virtualBytes) }
        }
        registry.gauge("process_threads", help: "Threads of the process.") {
            ProcessStatus.current().map { Double($0.threads) }
        }
        registry.gauge("process_open_fds", help: "Open file descriptors.", reading: openFileDescriptors)
        registry.gauge("process_max_fds", help: "Limit of open file descriptors.", reading: maximumFileDescriptors)
        registry.gauge("process_start_time_seconds", help: "When the process started, in seconds since 1970.") { startTime }
    }

    private static func startTime(ticksPerSecond: Double) -> Double? {
        guard let status = ProcessStatus.current() else { return nil }
        let sinceStart = seconds(CLOCK_BOOTTIME) - Double(status.startTicks) / ticksPerSecond
        return seconds(CLOCK_REALTIME) - sinceStart
    }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    @Sendable private static func openFileDescriptors() -> Double? {
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        var entries = 0
        while readdir(directory) != nil { entries += 1 }
        // Not counted: `.`, `..` and the directory that is being read.
        return Double(max(0, entries - 3))
    }

    @Sendable private static func maximumFileDescriptors() -> Double? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
        return Double(limit.rlim_cur)
    }
}
