import DBMMOMySQLAPI
import Testing

/// T and D: where the database runs, how it moves, and its end.
@Suite("The rules on moving and deleting")
struct TransitionTableTests {
    @Test("answer as the table says", arguments: cases)
    func answer(row: RuleCase) throws { try row.check() }

    static let cases = t + d

    private static let here = azure(type: "OnCluster")
    private static let there = azure()
    private static let confirm = #","migration":{"confirm":true}"#
    private static let sides = #"supported values: "OnCluster", "Azure""#
    private static let leaving = #"{"migration":{"inProgress":true,"from":"OnCluster"}}"#
    private static let ready = #"{"migration":{"inProgress":true,"from":"OnCluster"},"azure":{"created":true,"state":"Created"}}"#
    private static let early = "Forbidden: Azure is not ready yet; set it to true once status says TargetReady"
    private static let needed = "still exists; its settings are needed until it is removed"

    private static let t: [RuleCase] = [
        RuleCase(.t1, "OnCluster", create: #"{"deploymentType":"OnCluster"}"#),
        RuleCase(.t1, "nothing said", create: "{}"),
        RuleCase(
            .t1, "the wrong case", create: #"{"deploymentType":"onCluster"}"#,
            .fault("spec.deploymentType", #"Unsupported value: "onCluster": \#(sides); did you mean "OnCluster"?"#)),
        RuleCase(
            .t1, "a slip", create: #"{"deploymentType":"Azur"}"#,
            .fault("spec.deploymentType", #"Unsupported value: "Azur": \#(sides); did you mean "Azure"?"#)),
        RuleCase(
            .t1, "another planet", create: #"{"deploymentType":"Mars"}"#,
            .fault("spec.deploymentType", #"Unsupported value: "Mars": \#(sides)"#)),
        RuleCase(
            .t1, "an empty one", create: #"{"deploymentType":""}"#,
            .fault("spec.deploymentType", #"Unsupported value: "": \#(sides)"#)),

        RuleCase(.t2, "a move", update: here, to: there),
        RuleCase(.t2, "a rollback before it is confirmed", update: there, to: here, status: leaving),
        RuleCase(
            .t2, "a rollback after it is confirmed", update: azure(more: confirm), to: here, status: leaving,
            .fault(
                "spec.deploymentType",
                "Forbidden: the migration away from OnCluster is confirmed and can no longer be rolled back; wait for its end")),
        RuleCase(
            .t2, "a second move while one is in progress", update: here, to: there, status: leaving,
            .fault(
                "spec.deploymentType",
                "Forbidden: a migration away from OnCluster is in progress; wait for its end, or go back to OnCluster")),

        RuleCase(
            .t2, "a rollback after the switch began, with the confirmation taken back", update: there, to: here,
            status: #"{"migration":{"inProgress":true,"from":"OnCluster","step":"SwitchingOver"}}"#,
            .fault(
                "spec.deploymentType",
                "Forbidden: the migration away from OnCluster is confirmed and can no longer be rolled back; wait for its end")),

        RuleCase(.t3, "a move with all settings of the target", update: #"{"deploymentType":"OnCluster"}"#, to: there),
        RuleCase(
            .t3, "a setting of the target is missing, and was so before",
            update: azure(["location": nil], type: "OnCluster"), to: azure("location", nil),
            .fault("spec.azure.location", "Required value: the Azure region of the server, such as westeurope")),
        RuleCase(
            .p1, "a rollback returns to what ran before, faults and all",
            update: azure(more: #","onCluster":{"storage":{"capacity":"1Mi"}}"#),
            to: azure(type: "OnCluster", more: #","onCluster":{"storage":{"capacity":"1Mi"}}"#), status: leaving,
            .warning(#"spec.onCluster.storage.capacity: Invalid value: "1Mi": must be at least 1Gi"#)),

        RuleCase(
            .t4, "a confirmation left over from the last move", update: here, to: azure(more: confirm),
            .fault(
                "spec.migration.confirm", "Forbidden: a new migration starts unconfirmed; set it to true once status says TargetReady")),
        RuleCase(.t4, "no confirmation", update: here, to: azure(more: #","migration":{"confirm":false}"#)),

        RuleCase(.t5, "the target is ready", update: there, to: azure(more: confirm), status: ready),
        RuleCase(
            .t5, "it was confirmed before", update: azure(more: confirm), to: azure("storageGB", "20").replacing("}}", with: "}\(confirm)}")
        ),
        RuleCase(
            .t5, "nothing moves", create: #"{"migration":{"confirm":true}}"#,
            .fault("spec.migration.confirm", "Forbidden: no migration is in progress; there is nothing to confirm")),
        RuleCase(
            .t5, "the target is not there yet", update: there, to: azure(more: confirm), status: leaving,
            .fault("spec.migration.confirm", early)),
        RuleCase(
            .t5, "the target is there and not ready yet", update: there, to: azure(more: confirm),
            status: #"{"migration":{"inProgress":true,"from":"OnCluster"},"azure":{"created":true,"state":"Creating"}}"#,
            .fault("spec.migration.confirm", early)),

        RuleCase(
            .t5, "the target is there, and not as the spec says yet", update: there, to: azure(more: confirm),
            status:
                #"{"migration":{"inProgress":true,"from":"OnCluster","step":"ProvisioningTarget"},"azure":{"created":true,"state":"Created"}}"#,
            .fault("spec.migration.confirm", early)),
        RuleCase(
            .t5, "the target is as the spec says", update: there, to: azure(more: confirm),
            status: #"{"migration":{"inProgress":true,"from":"OnCluster","step":"TargetReady"},"azure":{"created":true,"state":"Created"}}"#
        ),
        RuleCase(
            .t5, "it was called off", update: here, to: azure(type: "OnCluster", more: confirm),
            status: #"{"migration":{"inProgress":true,"from":"OnCluster"},"onCluster":{"pods":["orders-0"]}}"#,
            .fault("spec.migration.confirm", "Forbidden: the migration was called off; there is nothing to confirm")),

        RuleCase(
            .t6, "the settings go while a server is being made", update: here, to: #"{"deploymentType":"OnCluster"}"#,
            status: #"{"azure":{"created":false,"state":"Creating","server":{"id":"/subscriptions/s"}}}"#,
            .fault("spec.azure", "Forbidden: the database on Azure \(needed)")),
        RuleCase(
            .t6, "the settings go, and what failed once was never asked for by us", update: here, to: #"{"deploymentType":"OnCluster"}"#,
            status: #"{"azure":{"created":false,"state":"Error"}}"#),
        RuleCase(
            .t6, "the settings go with the database", update: here, to: #"{"deploymentType":"OnCluster"}"#),
        RuleCase(
            .t6, "the settings go before the database on Azure", update: here, to: #"{"deploymentType":"OnCluster"}"#,
            status: #"{"azure":{"created":true}}"#,
            .fault("spec.azure", "Forbidden: the database on Azure \(needed)")),
        RuleCase(
            .t6, "the settings go before the database on the cluster, which is told of once",
            update: azure(more: #","onCluster":{"storage":{"capacity":"20Gi","accessModes":["ReadWriteOnce"]}}"#), to: there,
            status: #"{"onCluster":{"persistentVolumeClaims":["data-orders-0"]}}"#,
            .fault("spec.onCluster", "Forbidden: the database on OnCluster \(needed)")),
        RuleCase(
            .t6, "the secret goes", update: here, to: azure(["clientSecretRef": nil], type: "OnCluster"),
            status: #"{"azure":{"created":true}}"#,
            .fault("spec.azure.clientSecret", "Forbidden: the database on Azure \(needed)")),
        RuleCase(
            .t6, "the secret goes, and none is needed any more", update: here,
            to: azure(["clientSecretRef": nil, "grantType": #""WorkloadIdentity""#], type: "OnCluster"),
            status: #"{"azure":{"created":true}}"#)
    ]

    private static let d: [RuleCase] = [
        RuleCase(.d1, "not protected", delete: #"{"deletionProtection":false}"#),
        RuleCase(
            .d1, "protected", delete: #"{"deletionProtection":true}"#,
            .fault(
                "spec.deletionProtection",
                "Forbidden: the object is protected; first: kubectl patch dbmmomysqls.v1.cache.my.domain orders --namespace shop "
                    + #"--type merge -p '{"spec":{"deletionProtection":false}}'"#)),
        RuleCase(.d2, "nothing moves", delete: azure(), status: #"{"migration":{"inProgress":false}}"#),
        RuleCase(
            .d2, "a migration is in progress", delete: azure(), status: leaving,
            .warning("a migration is in progress: deleting removes the database on both sides")),
        RuleCase(
            .d2, "a migration is in progress, and both sides stay", delete: azure(more: #","deletionPolicy":"Retain""#), status: leaving),
        RuleCase(.d3, "the data stay", create: #"{"deletionPolicy":"Retain"}"#),
        RuleCase(
            .d3, "no policy", create: #"{"deletionPolicy":"retain"}"#,
            .fault("spec.deletionPolicy", #"Unsupported value: "retain": supported values: "Delete", "Retain"; did you mean "Retain"?"#))
    ]
}
