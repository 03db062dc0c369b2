public import Logging
public import ServiceLifecycle

/// Keeps what a server presents, and whom it serves, the same as the files say.
///
/// The files are read again at each interval and compared by their contents. There is no inotify: it would have to follow
/// each symbolic link of the path and be set up anew after each swap of Kubernetes' `..data`, it tells nothing on network file systems, and
/// its queue can overflow; two small reads a second cost next to nothing and see every kind of change.
///
/// What cannot be loaded, or what OpenSSL refuses, is told once, and the certificate before it stays in service.
public final class CertificateReloader: Service {
    /// Makes the context for what was loaded. It is called off the event loops.
    public typealias MakeContext = @Sendable (ServerCertificate, ClientAuthorities?) throws -> TLSServerContext

    /// Has the context of what was loaded last.
    public let contexts: TLSContextStore

    private let watch: CertificateWatch
    private let interval: Duration
    private let logger: Logger
    private let onReload: (@Sendable (Result<ServerCertificate, CertificateError>) -> Void)?

    /// Loads what is there now.
    ///
    /// - Parameters:
    ///   - files: What to load and to watch.
    ///   - interval: The time from one look to the next.
    ///   - now: The time in seconds since 1970-01-01T00:00:00Z.
    ///   - onReload: Told of each change: the certificate now in service, or why what is there cannot be. Not of the first one.
    ///   - makeContext: Makes the context for what was loaded.
    /// - Throws: `CertificateError`, or what `makeContext` throws.
    public init(
        _ files: CertificateFiles, interval: Duration = .seconds(1), now: @escaping @Sendable () -> Int64, logger: Logger,
        onReload: (@Sendable (Result<ServerCertificate, CertificateError>) -> Void)? = nil, makeContext: @escaping MakeContext
    ) throws {
        let (watch, context) = try CertificateWatch.start(files, now: now, makeContext: makeContext)
        self.watch = watch
        self.interval = interval
        self.logger = logger
        self.onReload = onReload
        contexts = TLSContextStore(context)
    }

    /// Watches the files until graceful shutdown or cancellation.
    public func run() async {
        logger.info("certificate in service", metadata: Self.metadata(contexts.current))
        await cancelWhenGracefulShutdown { [self] in
            var watch = watch
            while (try? await Task.sleep(for: interval)) != nil {
                guard let outcome = watch.look() else { continue }
                take(outcome)
            }
        }
    }

    private func take(_ outcome: Result<TLSServerContext, CertificateError>) {
        switch outcome {
        case .success(let context):
            contexts.replace(with: context)
            logger.info("certificate reloaded", metadata: Self.metadata(context))
        case .failure(let error):
            logger.error("certificate not reloaded, the one before stays in service", metadata: ["error": "\(error)"])
        }
        onReload?(outcome.map(\.certificate))
    }

    private static func metadata(_ context: TLSServerContext) -> Logger.Metadata {
        let leaf = context.certificate.leaf
        var metadata: Logger.Metadata = [
            "tls.certificate.subject": "\(leaf.subject)",
            "tls.certificate.not_after": "\(Timestamp.text(leaf.notAfter))",
            "tls.certificate.sha256": "\(leaf.sha256Fingerprint)",
            "tls.certificate.chain": "\(1 + context.certificate.intermediates.count)"
        ]
        if let authorities = context.clientAuthorities {
            metadata["tls.client_authorities"] = "\(authorities.certificates.count)"
        }
        return metadata
    }
}
