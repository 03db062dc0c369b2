import Glibc

@testable import TLS

/// A directory of certificates as a kubelet mounts a Secret: `tls.crt` leads to `..data/tls.crt`, `..data` to a directory of the
/// current contents, and a change is a new directory and one rename.
final class CertificateVolume {
    private let directory: TemporaryDirectory
    private var generation = 0

    init(_ certificate: ServerCertificate, chain: [ServerCertificate] = [], clientAuthorities: [ServerCertificate] = []) throws {
        directory = try TemporaryDirectory()
        try swap(to: certificate, chain: chain, clientAuthorities: clientAuthorities)
        for name in ["tls.crt", "tls.key", "clients.pem"] {
            guard symlink("..data/\(name)", directory.file(name)) == 0 else { throw TemporaryDirectory.Failure() }
        }
    }

    var files: CertificateFiles {
        CertificateFiles(CertificateDirectory(directory.path), clientAuthorities: clientAuthoritiesPath)
    }

    private var clientAuthoritiesPath: String? {
        directory.exists("..data/clients.pem") ? directory.file("clients.pem") : nil
    }

    /// One step of a kubelet: everything changes at once.
    func swap(
        to certificate: ServerCertificate, chain: [ServerCertificate] = [], key: ServerCertificate? = nil,
        clientAuthorities: [ServerCertificate] = []
    ) throws {
        let chain = try ([certificate] + chain).flatMap { try $0.certificatePEM() }
        try swap(chain: chain, key: (key ?? certificate).privateKeyPEM(), clientAuthorities: clientAuthorities)
    }

    func swap(chain: [UInt8], key: [UInt8], clientAuthorities: [ServerCertificate] = []) throws {
        let old = generation > 0 ? "..2026_\(generation)" : nil
        generation += 1
        let name = "..2026_\(generation)"
        guard mkdir(directory.file(name), 0o755) == 0 else { throw TemporaryDirectory.Failure() }
        try directory.write("\(name)/tls.crt", chain)
        try directory.write("\(name)/tls.key", key)
        if !clientAuthorities.isEmpty {
            try directory.write("\(name)/clients.pem", clientAuthorities.flatMap { try $0.certificatePEM() })
        }
        guard symlink(name, directory.file("..data_tmp")) == 0, rename(directory.file("..data_tmp"), directory.file("..data")) == 0 else {
            throw TemporaryDirectory.Failure()
        }
        if let old {
            for file in ["tls.crt", "tls.key", "clients.pem"] { unlink(directory.file("\(old)/\(file)")) }
            rmdir(directory.file(old))
        }
    }
}
