import ArgumentParser
import AzureEmulator
import SystemPackage

/// Runs the emulator of Azure until it is interrupted.
@main
struct AzureEmulatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "azure-emulator", abstract: "An Azure for tests: its flexible servers of MySQL, and its sign-in.")

    @Option(help: "The port on 127.0.0.1; 0 for any that is free.")
    var port = 8470

    @Option(help: "How long servers take to be created, in seconds.")
    var creationSeconds = 30

    @Option(help: "How long every other operation takes, in seconds.")
    var seconds = 10

    @Option(help: "Retry-After of operations, in seconds; 0 leaves it out.")
    var retryAfter = 10

    func run() async throws {
        var options = EmulatorOptions()
        options.port = port
        options.creationTime = .seconds(creationSeconds)
        options.changeTime = .seconds(seconds)
        options.deletionTime = .seconds(seconds)
        options.detailTime = .seconds(seconds)
        options.retryAfter = retryAfter
        let emulator = try await AzureEmulator.start(options)
        // At once, even when it goes to a file.
        _ = try FileDescriptor.standardOutput.writeAll((Self.greeting(emulator) + "\n").utf8)
        while (try? await Task.sleep(for: .seconds(3600))) != nil {}
        await emulator.stop()
    }

    private static func greeting(_ emulator: AzureEmulator) -> String {
        """
        Azure for tests listens on \(emulator.url)

        In a DBMMOMySQL of cache.my.domain/v1:
          azure:
            serverName: orders-for-tests
            grantType: ServicePrincipal
            tenantID: \(emulator.tenant)
            clientID: \(emulator.client)
            clientSecretRef: {name: azure-identity, key: AZURE_CLIENT_SECRET}
            subscriptionID: \(emulator.subscription)
            resourceGroup: \(emulator.resourceGroup)
            location: westeurope
            sku: {name: Standard_B1ms, tier: Burstable}
            storageGB: 20
            endpoints:
              resourceManagerEndpoint: \(emulator.url)
              activeDirectoryEndpoint: \(emulator.url)
              tokenAudience: \(emulator.audience)
        The Secret:
          kubectl create secret generic azure-identity --from-literal=AZURE_CLIENT_SECRET='\(emulator.options.secret)'

        What it has, saw and did not like: curl \(emulator.url)/emulator/servers, /emulator/requests, /emulator/complaints
        What can go wrong, for example the next creation:
          curl -H 'Content-Type: application/json' \(emulator.url)/emulator/faults \\
            -d '{"method": "PUT", "path": "/flexibleServers/", "effect": "failOperation", "code": "ServerCreationFailed"}'
          effects: answer (status, code, message, retryAfter), delay (milliseconds), dropBeforeHandling, dropAfterHandling,
          failOperation (code, message, leaves: nothing or disabledServer), stallOperation
          which calls: method, path, skipping, times (0: all), percent
        As in the portal: PUT, PATCH and DELETE /emulator/servers/NAME (tags, skuName, skuTier, storageGB, state, parameters, firewallRules)
        More: POST /emulator/release, /emulator/throttle/SECONDS, /emulator/expire-tokens, /emulator/revoke-sign-ins,
          /emulator/device/approve, /emulator/device/deny; PUT /emulator/secret; DELETE /emulator/faults

        Ctrl-C ends it.
        """
    }
}
