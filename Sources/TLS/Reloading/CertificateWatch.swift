/// Looks at the files of a certificate and makes a context of them when they changed.
struct CertificateWatch: Sendable {
    private let files: CertificateFiles
    private let now: @Sendable () -> Int64
    private let makeContext: CertificateReloader.MakeContext
    private var state: ReloadState

    /// Loads what is there now.
    /// - Returns: The watch, and the context to begin with.
    static func start(
        _ files: CertificateFiles, now: @escaping @Sendable () -> Int64, makeContext: @escaping CertificateReloader.MakeContext
    ) throws -> (CertificateWatch, TLSServerContext) {
        let contents = try files.settle(files.read())
        let (certificate, authorities) = try files.parse(contents, at: now())
        let context = try makeContext(certificate, authorities)
        let watch = CertificateWatch(files: files, now: now, makeContext: makeContext, state: ReloadState(served: contents.digest))
        return (watch, context)
    }

    /// Looks once.
    /// - Returns: A context for what the files hold now, or why there is none; nil when there is nothing new.
    mutating func look(with reader: FileReader = SmallFile.read) -> Result<TLSServerContext, CertificateError>? {
        let contents: CertificateFiles.Contents
        var action: ReloadState.Action
        do {
            var seen = try files.read(with: reader)
            action = state.look(.contents(seen.digest))
            if action == .load {
                let settled = try files.settle(seen, with: reader)
                if settled.digest != seen.digest {
                    action = state.look(.contents(settled.digest))
                    seen = settled
                }
            }
            contents = seen
        } catch {
            if case .report(let error) = state.look(.unreadable(error)) { return .failure(error) }
            return nil
        }
        switch action {
        case .nothing: return nil
        case .report(let error): return .failure(error)
        case .load: return load(contents)
        }
    }

    private mutating func load(_ contents: CertificateFiles.Contents) -> Result<TLSServerContext, CertificateError>? {
        do {
            let (certificate, authorities) = try files.parse(contents, at: now())
            let context = try makeContext(certificate, authorities)
            state.loaded(contents.digest)
            return .success(context)
        } catch {
            state.failed(contents.digest, error as? CertificateError ?? CertificateError(.refused, "\(error)"))
            return nil
        }
    }
}
