import Glibc
import TLS

/// A CA and a certificate for `localhost`, made once.
struct TestCertificate: Sendable {
    static let shared = TestCertificate()

    private let certificates: Result<DevelopmentCertificates, CertificateError>

    private init() {
        certificates = Result { () throws(CertificateError) in
            try DevelopmentCertificates(dnsNames: ["localhost"], ipAddresses: ["127.0.0.1"], days: 2, at: .now)
        }
    }

    func development() throws -> DevelopmentCertificates {
        try certificates.get()
    }

    func context(
        alpn: [String] = ["http/1.1"], minimumVersion: TLSVersion = .tls12, clientAuthorities: ClientAuthorities? = nil,
        ticketKeys: SessionTicketKeys? = nil
    ) throws -> TLSServerContext {
        try TLSServerContext(
            certificate: certificates.get().serverCertificate, clientAuthorities: clientAuthorities, alpn: alpn,
            minimumVersion: minimumVersion, ticketKeys: ticketKeys)
    }
}

extension Int64 {
    /// Seconds since 1970-01-01T00:00:00Z.
    static var now: Int64 { Int64(time(nil)) }
    static let day: Int64 = 24 * 60 * 60
}

/// A directory that is removed with the value.
final class TemporaryDirectory {
    let path: String

    init() throws {
        var template = Array("/tmp/tls-tests.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure() }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit {
        remove(path)
    }

    struct Failure: Error {}

    func file(_ name: String) -> String { "\(path)/\(name)" }

    func write(_ name: String, _ text: String) throws {
        try write(name, Array(text.utf8))
    }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        guard let stream = fopen(file(name), "w") else { throw Failure() }
        defer { fclose(stream) }
        guard fwrite(bytes, 1, bytes.count, stream) == bytes.count else { throw Failure() }
    }

    func read(_ name: String) throws -> [UInt8] {
        guard let stream = fopen(file(name), "r") else { throw Failure() }
        defer { fclose(stream) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while case let count = fread(&chunk, 1, chunk.count, stream), count > 0 {
            bytes.append(contentsOf: chunk.prefix(count))
        }
        return bytes
    }

    /// Whether there is a file, at the end of symbolic links if need be.
    func exists(_ name: String) -> Bool {
        access(file(name), F_OK) == 0
    }

    /// The permission bits of a file.
    func mode(_ name: String) -> mode_t? {
        var status = stat()
        guard stat(file(name), &status) == 0 else { return nil }
        return status.st_mode & 0o777
    }

    /// The names in the directory, sorted.
    func names() -> [String] {
        names(path)
    }

    private func names(_ path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    private func remove(_ directory: String) {
        for name in names(directory) {
            let path = directory + "/" + name
            if unlink(path) != 0 { remove(path) }
        }
        rmdir(directory)
    }
}
