import DBMMOMySQLAPI
import JSON
import Testing

@Suite("An update")
struct TransitionRuleTests {
    private func verdict(
        _ version: ServedVersion = .v1, from old: String, to new: String, status: String? = nil, metadata: String = ""
    ) throws -> Verdict {
        try Validation.update(
            from: model(version, spec: old, status: status, metadata: metadata),
            to: model(version, spec: new, status: status, metadata: metadata), words: version)
    }

    private let onCluster = azureSpec(type: "OnCluster")
    private let confirmed = #","migration":{"confirm":true}"#
    private let leavingCluster = #"{"migration":{"inProgress":true,"from":"OnCluster","to":"Azure"}}"#

    @Test("may turn to the other side")
    func turn() throws {
        #expect(try verdict(from: onCluster, to: azureSpec()).texts == [])
        #expect(try verdict(from: azureSpec(), to: onCluster).texts == [])
    }

    @Test("that turns to a side must bring all settings of that side, also those that were wrong before")
    func incompleteTarget() throws {
        let settings: [String: String?] = ["location": nil, "clientID": "x", "clientSecret": nil]
        let workload = { (spec: String) in spec.replacing(#""azure":{"#, with: #""azure":{"grantType":"WorkloadIdentity","#) }
        let incomplete = workload(azureSpec(replacing: settings, type: "OnCluster"))
        let verdict = try verdict(from: incomplete, to: workload(azureSpec(replacing: settings)))
        #expect(verdict.violations.map(\.rule) == [.a1, .a1])
        #expect(verdict.rules == [.a1, .t3])
        #expect(verdict.warnings == [])
    }

    @Test("that turns to a side must not carry a confirmation")
    func leftoverConfirmation() throws {
        #expect(
            try verdict(from: onCluster, to: azureSpec(more: confirmed)).texts == [
                "T4 spec.migration.confirm: Forbidden: a new migration starts unconfirmed; set it to true once status says TargetReady"
            ])
        let legacy = try verdict(
            .v1alpha1, from: azureSpec(.v1alpha1, type: "OnCluster"), to: azureSpec(.v1alpha1, more: #","confirmMigrate":true"#))
        #expect(legacy.texts.map { String($0.prefix { $0 != ":" }) } == ["T4 spec.deployment.confirmMigrate"])
    }

    @Test("may roll a migration back, until it is confirmed")
    func rollback() throws {
        #expect(try verdict(from: azureSpec(), to: onCluster, status: leavingCluster).texts == [])
        #expect(
            try verdict(from: azureSpec(more: confirmed), to: onCluster, status: leavingCluster).texts == [
                "T2 spec.deploymentType: Forbidden: the migration away from OnCluster is confirmed and can no longer be rolled back; wait for its end"
            ])
    }

    @Test(
        "must not turn to another side than the source while a migration is in progress",
        arguments: [
            #"{"migration":{"inProgress":true,"from":"OnCluster"}}"#,
            // Status of v1alpha1 names no source: the side that has resources is it.
            #"{"migration":{"inProgress":true},"onCluster":{"pods":["orders-0"]}}"#
        ])
    func migrationInProgress(status: String) throws {
        #expect(
            try verdict(from: onCluster, to: azureSpec(), status: status).texts == [
                "T2 spec.deploymentType: Forbidden: a migration away from OnCluster is in progress; wait for its end, or go back to OnCluster"
            ])
        #expect(try verdict(from: azureSpec(), to: onCluster, status: status).texts == [])
    }

    @Test("may go back where it came from when the status does not name the source")
    func unnamedSource() throws {
        let status = #"{"migration":{"inProgress":true}}"#
        #expect(try verdict(from: azureSpec(), to: onCluster, status: status).texts == [])
    }

    @Test("may confirm only while a migration is in progress and its target is ready")
    func confirmation() throws {
        let nothing = "T5 spec.migration.confirm: Forbidden: no migration is in progress; there is nothing to confirm"
        let early = "T5 spec.migration.confirm: Forbidden: Azure is not ready yet; set it to true once status says TargetReady"
        #expect(try verdict(from: azureSpec(), to: azureSpec(more: confirmed)).texts == [nothing])
        #expect(try verdict(from: azureSpec(), to: azureSpec(more: confirmed), status: leavingCluster).texts == [early])
        let creating = #"{"migration":{"inProgress":true,"from":"OnCluster"},"azure":{"created":true,"state":"Creating"}}"#
        #expect(try verdict(from: azureSpec(), to: azureSpec(more: confirmed), status: creating).texts == [early])
        let ready = #"{"migration":{"inProgress":true,"from":"OnCluster"},"azure":{"created":true,"state":"Created"}}"#
        #expect(try verdict(from: azureSpec(), to: azureSpec(more: confirmed), status: ready).texts == [])
        let onClusterReady = #"{"migration":{"inProgress":true,"from":"Azure"},"onCluster":{"pods":["orders-0"]}}"#
        let confirmedOnCluster = azureSpec(type: "OnCluster", more: confirmed)
        #expect(try verdict(from: onCluster, to: confirmedOnCluster, status: onClusterReady).texts == [])
        let onClusterEarly = #"{"migration":{"inProgress":true,"from":"Azure"},"azure":{"created":true,"state":"Created"}}"#
        #expect(try verdict(from: onCluster, to: confirmedOnCluster, status: onClusterEarly).violations.map(\.rule) == [.t5])
    }

    @Test("must leave the settings of a source that still exists")
    func sourceSettings() throws {
        let status = #"{"azure":{"created":true,"state":"Created"}}"#
        let existing = "Forbidden: the database on Azure still exists; its settings are needed until it is removed"
        #expect(
            try verdict(from: onCluster, to: #"{"deploymentType":"OnCluster"}"#, status: status).texts == ["T6 spec.azure: \(existing)"])
        #expect(
            try verdict(
                from: onCluster, to: azureSpec(replacing: ["clientID": nil, "clientSecret": nil], type: "OnCluster"), status: status
            )
            .texts == ["T6 spec.azure.clientID: \(existing)", "T6 spec.azure.clientSecret: \(existing)"])
        #expect(try verdict(from: onCluster, to: #"{"deploymentType":"OnCluster"}"#).texts == [])
        let legacy = #"{"deployment":{"deploymentType":"Azure","storageCapacity":"20Gi"}}"#
        let gone = try verdict(
            .v1alpha1, from: legacy, to: #"{"deployment":{"deploymentType":"Azure"}}"#, status: #"{"nodes":["orders-0"]}"#)
        #expect(
            gone.texts.first
                == "T6 spec.deployment: Forbidden: the database on OnCluster still exists; its settings are needed until it is removed")
    }

    @Test(
        "must not say that the server on Azure is another one while it exists",
        arguments: [
            "serverName", "subscriptionID", "tenantID", "resourceGroup", "location"
        ])
    func identity(name: String) throws {
        let other = name.hasSuffix("ID") ? "2f0f2c3a-0000-4000-8000-00000000000f" : "other"
        let status = #"{"azure":{"created":true,"state":"Created"}}"#
        let refused = ["A3 spec.azure.\(name): Forbidden: cannot change while the server exists on Azure"]
        #expect(try verdict(from: azureSpec(), to: azureSpec(replacing: [name: other]), status: status).texts == refused)
        #expect(try verdict(from: azureSpec(), to: azureSpec(replacing: [name: other])).texts == [])
    }

    @Test("may name the cloud that an existing server is in anyway, and no other")
    func cloud() throws {
        let status = #"{"azure":{"created":true}}"#
        let named = { (cloud: String) in azureSpec().replacing(#""azure":{"#, with: #""azure":{"cloud":"\#(cloud)","#) }
        #expect(try verdict(from: azureSpec(), to: named("AzurePublicCloud"), status: status).texts == [])
        #expect(
            try verdict(from: azureSpec(), to: named("AzureChinaCloud"), status: status).texts == [
                "A3 spec.azure.cloud: Forbidden: cannot change while the server exists on Azure"
            ])
    }

    private func storage(_ members: String) -> String { #"{"onCluster":{"storage":{\#(members)}}}"# }

    @Test("must not shrink a volume; growing it is worth a warning")
    func capacity() throws {
        #expect(
            try verdict(from: storage(#""capacity":"20Gi""#), to: storage(#""capacity":"10Gi""#)).texts == [
                "P1 spec.onCluster.storage.capacity: Forbidden: cannot shrink from 20Gi to 10Gi; a volume only grows"
            ])
        let grown = try verdict(from: storage(#""capacity":"20Gi""#), to: storage(#""capacity":"21Gi""#))
        #expect(grown.texts == [])
        #expect(grown.warnings == ["spec.onCluster.storage.capacity grows only if the storage class allows volume expansion"])
        #expect(try verdict(from: storage(#""capacity":"1Gi""#), to: storage(#""capacity":1073741824"#)).texts == [])
        #expect(try verdict(from: storage(""), to: storage(#""capacity":"10Gi""#)).texts == [])
        let smaller = #"{"deployment":{"storageCapacity":"1Gi"}}"#
        #expect(
            try verdict(.v1alpha1, from: #"{"deployment":{"storageCapacity":"2Gi"}}"#, to: smaller).texts == [
                "P1 spec.deployment.storageCapacity: Forbidden: cannot shrink from 2Gi to 1Gi; a volume only grows"
            ])
    }

    @Test(
        "must not change what a PersistentVolumeClaim keeps",
        arguments: [
            ("storageClassName", #""fast""#, #""slow""#),
            ("volumeMode", #""Filesystem""#, #""Block""#),
            ("accessModes", #"["ReadWriteOnce"]"#, #"["ReadWriteMany"]"#)
        ])
    func claim(name: String, before: String, after: String) throws {
        let refused = [
            "P2 spec.onCluster.storage.\(name): Forbidden: cannot change; a PersistentVolumeClaim keeps what it was created with"
        ]
        let claim = #"{"onCluster":{"persistentVolumeClaims":["data-orders-0"]}}"#
        let (old, new) = (storage(#""\#(name)":\#(before)"#), storage(#""\#(name)":\#(after)"#))
        #expect(try verdict(from: old, to: new, status: claim).texts == refused)
        #expect(try verdict(from: old, to: storage(""), status: claim).texts == refused)
        // Nothing was made of it yet.
        #expect(try verdict(from: old, to: new).texts == [])
        #expect(try verdict(from: storage(""), to: new).texts == [])
        #expect(
            try verdict(from: storage(""), to: new, status: claim).texts == [
                "P2 spec.onCluster.storage.\(name): Forbidden: cannot be set any more; the PersistentVolumeClaim was created without it"
            ])
    }

    @Test("is warned of an old fault in a field that it leaves alone, and refused for one that it makes")
    func ratcheting() throws {
        let old = #"{"replicas":3,"onCluster":{"storage":{"capacity":"1Mi"}}}"#
        let softened = try verdict(from: old, to: #"{"replicas":3,"version":"8.4","onCluster":{"storage":{"capacity":"1Mi"}}}"#)
        #expect(softened.texts == [])
        #expect(
            softened.warnings == [
                #"spec.onCluster.storage.capacity: Invalid value: "1Mi": must be at least 1Gi"#,
                "spec.replicas: Invalid value: 3: must be 0 or 1; several pods on one data directory destroy it"
            ])
        let broken = try verdict(from: old, to: #"{"replicas":4,"onCluster":{"storage":{"capacity":"1Mi"}}}"#)
        #expect(broken.violations.map(\.rule) == [.s1])
    }

    @Test("is refused for a fault that it makes out of fields that are right each for itself")
    func combinedFields() throws {
        let byName = azureSpec(replacing: ["clientSecret": nil]).replacing(
            #""azure":{"#, with: #""azure":{"clientSecretRef":{"name":"s"},"#)
        let both = azureSpec().replacing(#""azure":{"#, with: #""azure":{"clientSecretRef":{"name":"s"},"#)
        let neither = azureSpec(replacing: ["clientSecret": nil])
        #expect(try verdict(from: byName, to: both).violations.map(\.rule) == [.a1])
        #expect(try verdict(from: azureSpec(), to: both).violations.map(\.rule) == [.a1])
        #expect(try verdict(from: byName, to: neither).violations.map(\.rule) == [.a1])
        #expect(try verdict(from: azureSpec(), to: neither).violations.map(\.rule) == [.a1])
        let edited = neither.replacing(#""azure":{"#, with: #""azure":{"userAgent":"x","#)
        #expect(try verdict(from: neither, to: edited).texts == [])
        #expect(try verdict(from: neither, to: edited).warnings.count == 1)
        let modes = try verdict(
            from: storage(#""accessModes":["X","ReadWriteOnce"]"#), to: storage(#""accessModes":["ReadWriteOnce","ReadWriteOnce"]"#),
            status: #"{"onCluster":{"persistentVolumeClaims":["data-orders-0"]}}"#)
        #expect(modes.violations.map(\.rule) == [.p2, .p3])
    }

    @Test("that leaves the spec as it is, or is of an object that is being deleted, is always allowed")
    func alwaysAllowed() throws {
        let broken = #"{"deploymentType":"Mars","replicas":9,"migration":{"confirm":true}}"#
        #expect(try verdict(from: broken, to: broken).texts == [])
        #expect(try verdict(from: broken, to: broken).warnings == [])
        let deleted = #","deletionTimestamp":"2026-11-21T01:29:17Z""#
        #expect(try verdict(from: "{}", to: broken, metadata: deleted).texts == [])
    }
}

@Suite("A deletion")
struct DeletionRuleTests {
    @Test("is refused while the object is protected, in both versions")
    func protection() throws {
        let message =
            "D1 spec.deletionProtection: Forbidden: the object is protected; first: kubectl patch dbmmomysqls.v1.cache.my.domain orders --namespace shop "
            + #"--type merge -p '{"spec":{"deletionProtection":false}}'"#
        let protected = try object(spec: #"{"deletionProtection":true}"#)
        #expect(try Validation.delete(DBMMOMySQL(protected), words: .v1).texts == [message])
        let legacy = try DBMMOMySQL(converted(protected, to: .v1alpha1))
        #expect(Validation.delete(legacy, words: .v1alpha1).violations.map(\.rule) == [.d1])
        #expect(try Validation.delete(model(spec: #"{"deletionProtection":false}"#), words: .v1).texts == [])
        #expect(try Validation.delete(model(), words: .v1).texts == [])
    }

    @Test("that has begun is not refused any more")
    func begun() throws {
        let object = try model(spec: #"{"deletionProtection":true}"#, metadata: #","deletionTimestamp":"2026-11-21T01:29:17Z""#)
        #expect(Validation.delete(object, words: .v1).texts == [])
    }
}
