/// Measures the parts of the server by themselves, one after the other on one thread.
///
/// Usage: Microbenchmarks [--json] [SECONDS]     SECONDS for each (1)
@main
enum Microbenchmarks {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        let isJSON = arguments.contains("--json")
        let seconds = arguments.compactMap(Double.init).first ?? 1
        let benchmarks = try Benchmark.all()
        let width = benchmarks.map(\.name.count).max() ?? 0
        if !isJSON {
            print("parts".padded(to: width), "ns".aligned(to: 10), "allocations".aligned(to: 12), "bytes".aligned(to: 12))
        }
        for benchmark in benchmarks {
            let cost = try Measurement(.milliseconds(Int64(seconds * 1000)), benchmark.operation)
            let figures = [cost.nanoseconds, cost.allocations, cost.allocatedBytes].map { String(Int($0.rounded())) }
            if isJSON {
                print(
                    #"{"case": "parts", "part": "\#(benchmark.name)", "ns": \#(figures[0]), "allocations": \#(figures[1]), "#
                        + #""bytes": \#(figures[2])}"#)
            } else {
                print(
                    benchmark.name.padded(to: width), figures[0].aligned(to: 10), figures[1].aligned(to: 12), figures[2].aligned(to: 12))
            }
        }
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
    fileprivate func aligned(to width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}
