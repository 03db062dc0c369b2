public import AsyncHTTPClient
import Glibc
import NIOCore

extension HTTPClient.Configuration {
    /// What all our clients have in common: HTTP/1.1, so that each call that hangs or is cut costs its own connection only; nothing is
    /// followed, unpacked or tried again behind our back; a deadline for the connecting only, since each call has one of its own.
    public static var calls: HTTPClient.Configuration {
        var settings = HTTPClient.Configuration()
        settings.redirectConfiguration = .disallow
        settings.decompression = .disabled
        settings.httpVersion = .http1Only
        settings.timeout = HTTPClient.Configuration.Timeout(connect: .seconds(10))
        settings.connectionPool.retryConnectionEstablishment = false
        settings.http1_1ConnectionDebugInitializer = keepAlive
        return settings
    }

    /// Has the kernel ask the other side after 15 s of silence whether it is there, so that a peer that vanished is known after 30 s, also
    /// while a watch has nothing to tell.
    private static let keepAlive: @Sendable (any Channel) -> EventLoopFuture<Void> = { channel in
        let options: [(NIOBSDSocket.OptionLevel, NIOBSDSocket.Option, ChannelOptions.Types.SocketOption.Value)] = [
            (.socket, .so_keepalive, 1),
            (.tcp, NIOBSDSocket.Option(rawValue: TCP_KEEPIDLE), 15),
            (.tcp, NIOBSDSocket.Option(rawValue: TCP_KEEPINTVL), 5),
            (.tcp, NIOBSDSocket.Option(rawValue: TCP_KEEPCNT), 3),
            // The same for what we sent and nobody acknowledged, in milliseconds.
            (.tcp, NIOBSDSocket.Option(rawValue: TCP_USER_TIMEOUT), 30_000)
        ]
        let changes = options.map { level, name, value in
            channel.setOption(ChannelOptions.Types.SocketOption(level: level, name: name), value: value)
        }
        return .andAllSucceed(changes, on: channel.eventLoop)
    }
}
