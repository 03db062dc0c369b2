import FoundationEssentials
import Glibc
import JSON
import TestSupport
import Testing

/// Certificates that the replicas make by themselves, with an API server that trusts what they write. It is killed now and then, so it is
/// their own.
@Suite("self-signed certificates", .serialized, .controlPlaneAvailable, .controlPlane, .timeLimit(.minutes(5)))
struct SelfSignedTests {
    @Test("three replicas started at once agree on one CA, and what is wiped or deleted comes back")
    func agreement() async throws {
        try await SelfSignedReplicas.with(lifetime: "10m", authority: "30m", settling: "1s") { replicas in
            let start = ContinuousClock.now
            try await replicas.waitUntilReady()
            print("figures: self-signed: three replicas ready after \(ContinuousClock.now - start)")
            try await poll("the registrations have the bundle", every: .milliseconds(50)) { try await replicas.agree() }
            try await samePresented(replicas)
            let bundle = try await replicas.secret("ca.crt")
            #expect(certificates(bundle) == 1)
            let made = await replicas.log.split(separator: "\n").count {
                $0.contains("certificates changed") && $0.contains("tls.change=create")
            }
            #expect(made == 1, "one replica made the CA")
            try await requests()

            try await wiped(replicas)
            #expect(try await replicas.secret("ca.crt") == bundle, "a bundle that was wiped changes nothing else")

            try await deleted(replicas, bundle)
            try await noKeys(replicas)
        }
    }

    private func wiped(_ replicas: SelfSignedReplicas) async throws {
        let controlPlane = try ControlPlane.current
        for (object, path) in [
            ("validatingwebhookconfiguration/dbmmo", "/webhooks/1/clientConfig/caBundle"),
            ("mutatingwebhookconfiguration/dbmmo", "/webhooks/0/clientConfig/caBundle"),
            ("crd/dbmmomysqls.cache.my.domain", "/spec/conversion/webhook/clientConfig/caBundle")
        ] {
            try await controlPlane.demandKubectl(["patch", object, "--type=json", "-p", #"[{"op":"remove","path":"\#(path)"}]"#])
            let start = ContinuousClock.now
            try await poll("\(object) has its bundle again", for: .seconds(2), every: .milliseconds(20)) { try await replicas.agree() }
            print("figures: self-signed: bundle of \(object) back after \(ContinuousClock.now - start)")
        }
    }

    /// A Secret that is deleted is how a new CA is asked for.
    private func deleted(_ replicas: SelfSignedReplicas, _ old: String) async throws {
        let before = try await replicas.fingerprint(0)
        try await replicas.deleteSecret()
        try await poll("the Secret is there again", for: .seconds(5), every: .milliseconds(20)) {
            try await !replicas.secret("ca.crt").isEmpty
        }
        let bundle = try await replicas.secret("ca.crt")
        #expect(bundle.contains(old.trimmed) && certificates(bundle) == 2, "the old CA and a new one")
        try await requests()
        try await poll("a certificate of the new CA is served", every: .milliseconds(100)) {
            let now = try await replicas.fingerprint(0)
            return now != before
        }
        try await poll("all agree", every: .milliseconds(50)) { try await replicas.agree() }
        try await samePresented(replicas)
        try await requests()
    }

    @Test("renewals, a new CA and a killed replica go unnoticed by kubectl")
    func rotation() async throws {
        try await SelfSignedReplicas.with(lifetime: "12s", authority: "36s", settling: "1s") { replicas in
            try await replicas.waitUntilReady()
            try await poll("the registrations have the bundle", every: .milliseconds(50)) { try await replicas.agree() }
            try await Task.sleep(for: .seconds(1))
            var seen = (leaves: Set<[UInt8]>(), bundles: Set<String>(), requests: 0, unanswered: 0)
            let start = ContinuousClock.now
            // While a replica that was killed is not ready again, a Service would not lead to it. Here, requests do.
            var (hasCrashed, isBack) = (false, true)
            while ContinuousClock.now - start < .seconds(42) {
                if !hasCrashed, ContinuousClock.now - start > .seconds(18) {
                    try await replicas.crash(1)
                    (hasCrashed, isBack) = (true, false)
                }
                if !isBack { isBack = try await replicas.readiness(1).hasSuffix("200") }
                for fault in try await requestOutcomes() {
                    seen.requests += 1
                    guard let fault else { continue }
                    #expect(!isBack && fault.contains("127.0.0.1:\(replicas.ports[1])/"), "after \(ContinuousClock.now - start): \(fault)")
                    seen.unanswered += 1
                }
                seen.leaves.insert(try await replicas.fingerprint(0))
                seen.bundles.insert(try await replicas.secret("ca.crt"))
            }
            let renewals = try await metric(replicas, "dbmmo_tls_certificate_reloads_total", ["result": "success"])
            print(
                "figures: self-signed: \(seen.requests) requests, \(seen.unanswered) met the killed replica, \(seen.leaves.count) certificates of replica 0, \(seen.bundles.count) bundles; reloads \(renewals)"
            )
            #expect(seen.leaves.count >= 4)
            #expect(seen.bundles.count >= 2, "one CA, then two of them")
            #expect(seen.requests >= 30)
            try await noKeys(replicas)
        }
    }

    @Test("without an API server the replicas go on serving, and when it is back they go on renewing")
    func outage() async throws {
        try await SelfSignedReplicas.with(lifetime: "30s", authority: "90s", settling: "1s") { replicas in
            try await replicas.waitUntilReady()
            try await poll("the registrations have the bundle", every: .milliseconds(50)) { try await replicas.agree() }
            let before = try await replicas.fingerprint(0)
            let controlPlane = try ControlPlane.current
            try await controlPlane.crash("kube-apiserver")
            do {
                try await Task.sleep(for: .seconds(3))
                for index in replicas.ports.indices { #expect(try await replicas.readiness(index).hasSuffix("200")) }
                #expect(try await replicas.fingerprint(0) == before)
                // Nothing is known to one that starts now.
                try await replicas.crash(2)
                try await poll("it says why it is not ready", every: .milliseconds(50)) {
                    try await replicas.readiness(2).contains("there is no certificate yet")
                }
            } catch {
                try await controlPlane.revive("kube-apiserver")
                throw error
            }
            try await controlPlane.revive("kube-apiserver")
            let start = ContinuousClock.now
            try await replicas.waitUntilReady()
            print("figures: self-signed: ready \(ContinuousClock.now - start) after the API server was")
            try await poll("the certificate is renewed", for: .seconds(30), every: .milliseconds(200)) {
                let now = try await replicas.fingerprint(0)
                return now != before
            }
            try await requests()
        }
    }

    // MARK: Parts

    private func certificates(_ bundle: String) -> Int { bundle.split(separator: "BEGIN CERTIFICATE").count - 1 }

    private func samePresented(_ replicas: SelfSignedReplicas) async throws {
        try await poll("all present the same certificate", for: .seconds(5), every: .milliseconds(100)) {
            var all: Set<[UInt8]> = []
            for index in replicas.ports.indices { all.insert(try await replicas.fingerprint(index)) }
            return all.count == 1
        }
    }

    /// Requests that come to all three webhooks have to succeed.
    private func requests() async throws {
        // API servers learn of registrations a moment later.
        try await Task.sleep(for: .milliseconds(1000))
        for fault in try await requestOutcomes() { #expect(fault == nil) }
    }

    /// Applies a good and a bad object, and reads in the version that has to be converted. Gives what went wrong of each.
    private func requestOutcomes() async throws -> [String?] {
        let controlPlane = try ControlPlane.current
        func apply(_ spec: String) async throws -> Outcome {
            try await controlPlane.kubectl(["apply", "--validate=false", "-f", "-"], input: Objects.object("rotated", spec: spec))
        }
        let good = try await apply(#"{"replicas":\#(Int.random(in: 0...1)),"onCluster":{"storage":{"capacity":"20Gi"}}}"#)
        let bad = try await apply(#"{"deploymentType":"Mars"}"#)
        let old = try await controlPlane.kubectl(["get", Version.v1alpha1.resource, "rotated", "-o", "name"])
        return [
            good.exitCode == 0 ? nil : good.errorOutput,
            bad.errorOutput.contains("is invalid") ? nil : "not refused as it should be: \(bad)",
            old.exitCode == 0 ? nil : old.errorOutput
        ]
    }

    private func metric(_ replicas: SelfSignedReplicas, _ name: String, _ labels: [String: String]) async throws -> [Double] {
        var values: [Double] = []
        for index in replicas.ports.indices { values.append(try await replicas.metrics(index)[name, labels] ?? 0) }
        return values
    }

    /// No private key is in a log, as PEM or as the Secret holds it.
    private func noKeys(_ replicas: SelfSignedReplicas) async throws {
        let log = await replicas.log
        #expect(!log.contains("PRIVATE KEY"))
        for member in ["tls.key", "ca.key"] {
            let key = try await replicas.secret(member)
            let line = try #require(key.split(separator: "\n").dropFirst().first)
            #expect(!log.contains(line))
            #expect(!log.contains(Data(key.utf8).base64EncodedString()))
        }
    }
}
