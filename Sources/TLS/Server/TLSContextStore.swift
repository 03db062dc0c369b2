import NIOConcurrencyHelpers

/// The context for new connections, which may be replaced at any time. Connections under way keep the one they began with.
public final class TLSContextStore: Sendable {
    private let box: NIOLockedValueBox<TLSServerContext>

    public init(_ context: TLSServerContext) {
        box = NIOLockedValueBox(context)
    }

    /// The context in service now.
    public var current: TLSServerContext {
        box.withLockedValue { $0 }
    }

    public func replace(with context: TLSServerContext) {
        // The old one is let go of outside the lock: freeing it takes OpenSSL some time.
        let old = box.withLockedValue { current in
            defer { current = context }
            return current
        }
        withExtendedLifetime(old) {}
    }
}
