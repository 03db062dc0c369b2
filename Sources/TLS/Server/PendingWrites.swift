import NIOCore

/// Plaintext the application wrote and that is not encrypted yet, in order.
struct PendingWrites {
    /// The writes whose last byte was encrypted in one pass.
    struct Batch {
        fileprivate var promises: [EventLoopPromise<Void>] = []
        fileprivate(set) var isEmpty = true

        /// One promise for the ciphertext of all these writes, nil when nobody waits for it.
        /// - Parameter always: Make one even then.
        func promise(on eventLoop: any EventLoop, always: Bool) -> EventLoopPromise<Void>? {
            guard let first = promises.first else {
                return always ? eventLoop.makePromise(of: Void.self) : nil
            }
            for promise in promises.dropFirst() {
                first.futureResult.cascade(to: promise)
            }
            return first
        }

        func fail(_ error: any Error) {
            for promise in promises {
                promise.fail(error)
            }
        }
    }

    private struct Write {
        var plaintext: ByteBuffer
        let promise: EventLoopPromise<Void>?
    }

    private var writes = MarkedCircularBuffer<Write>(initialCapacity: 4)

    /// Whether flushed plaintext waits.
    var hasFlushed: Bool { writes.hasMark }

    mutating func append(_ plaintext: ByteBuffer, promise: EventLoopPromise<Void>?) {
        writes.append(Write(plaintext: plaintext, promise: promise))
    }

    /// Releases everything appended so far for encryption.
    mutating func flush() {
        writes.mark()
    }

    /// Encrypts flushed plaintext until none is left or `limit` bytes of ciphertext wait in `connection`.
    /// - Parameter batch: Gets the finished writes, those before a failure too.
    mutating func encrypt(with connection: TLSConnection, limit: Int, into batch: inout Batch) throws(TLSError) {
        while writes.hasMark, connection.outboundBytes < limit, var write = writes.first {
            try connection.write(&write.plaintext, limit: limit)
            guard write.plaintext.readableBytes == 0 else {
                writes[writes.startIndex] = write
                break
            }
            _ = writes.popFirst()
            batch.isEmpty = false
            if let promise = write.promise {
                batch.promises.append(promise)
            }
        }
    }

    /// Fails every write.
    func fail(_ error: any Error) {
        for write in writes {
            write.promise?.fail(error)
        }
    }
}
