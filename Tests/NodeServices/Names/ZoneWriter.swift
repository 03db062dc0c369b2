import Glibc
import KubernetesClient
import Logging
import NIOConcurrencyHelpers

/// Keeps the zones as the cluster is.
final class ZoneWriter: Sendable {
    enum Item: Hashable, Sendable { case cluster, external }

    struct Settings: Sendable {
        /// As `cluster.local`.
        let origin: DNSName
        /// The zone of the cluster; that of the root has `.root` behind it.
        let file: String
        let nameServer: NameServer
        let nameServerAddress: NetworkAddress
    }

    /// Changes that come together are written together.
    private static let pause = Duration.milliseconds(50)

    private let settings: Settings
    private let logger: Logger
    private let queue: WorkQueue<Item>
    private let services: ObjectCache
    private let endpoints: ObjectCache
    private let externalNames: ObjectCache
    /// What was told of each zone.
    private let omissions = NIOLockedValueBox<[Item: [String]]>([:])

    init(_ settings: Settings, client: KubernetesClient, logger: Logger) {
        self.settings = settings
        self.logger = logger
        let queue = WorkQueue<Item>()
        self.queue = queue
        let pause = Self.pause
        services = ObjectCache(Resources.services, client: client, logger: logger) { _ in queue.add(.cluster, after: pause) }
        endpoints = ObjectCache(Resources.endpoints, client: client, logger: logger) { _ in queue.add(.cluster, after: pause) }
        let selection = ObjectSelection(
            namespace: ExternalZone.configMap.namespace, fieldSelector: "metadata.name=\(ExternalZone.configMap.name)")
        externalNames = ObjectCache(Resources.configMaps, selection, client: client, logger: logger) { _ in
            queue.add(.external, after: pause)
        }
    }

    /// Works until the task is cancelled. A zone is written once all is known that belongs in it.
    func run() async {
        await withDiscardingTaskGroup { group in
            for cache in [services, endpoints, externalNames] { group.addTask { await cache.run() } }
            group.addTask {
                guard (try? await self.services.waitUntilSynced()) != nil, (try? await self.endpoints.waitUntilSynced()) != nil else {
                    return
                }
                self.queue.add(.cluster)
            }
            group.addTask {
                guard (try? await self.externalNames.waitUntilSynced()) != nil else { return }
                self.queue.add(.external)
            }
            group.addTask {
                await self.queue.process(concurrency: 1, logger: self.logger) {
                    try self.write($0)
                    return .done
                }
            }
        }
    }

    private func write(_ item: Item) throws {
        guard let zone = try zone(item) else { return }
        let file = ZoneFile(path: item == .cluster ? settings.file : "\(settings.file).root")
        let told = omissions.withLockedValue { omissions in
            defer { omissions[item] = zone.omissions }
            return omissions[item] ?? []
        }
        for omission in Set(zone.omissions).subtracting(told).sorted() {
            logger.warning("left out of the zone", metadata: ["reason": "\(omission)"])
        }
        guard try file.write(zone, time: Int64(time(nil))) else { return }
        let notice = settings.nameServer.reload()
        logger.info("zone written", metadata: ["file": "\(file.path)", "reload": "\(notice)"])
    }

    /// Nil while not everything is known.
    private func zone(_ item: Item) throws -> Zone? {
        switch item {
        case .cluster:
            guard services.hasSynced, endpoints.hasSynced else { return nil }
            return ClusterZone.zone(
                of: try services.objects.map { try ServiceEntry($0) }, try endpoints.objects.map { try EndpointsEntry($0) },
                origin: settings.origin, nameServerAddress: settings.nameServerAddress)
        case .external:
            guard externalNames.hasSynced else { return nil }
            let names = try externalNames[ExternalZone.configMap].map { try ExternalZone.names(in: $0) } ?? [:]
            return ExternalZone.zone(of: names, besides: settings.origin, nameServerAddress: settings.nameServerAddress)
        }
    }
}
