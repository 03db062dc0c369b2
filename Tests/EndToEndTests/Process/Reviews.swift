/// Reviews as an API server sends them.
enum Reviews {
    /// The creation of an object that is allowed.
    static let creation = creation(spec: #"{"deploymentType":"OnCluster"}"#)

    static func creation(uid: String = "c0ffee", spec: String = #"{"deploymentType":"OnCluster"}"#) -> String {
        """
        {"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"\(uid)",\
        "kind":{"group":"cache.my.domain","version":"v1","kind":"DBMMOMySQL"},\
        "resource":{"group":"cache.my.domain","version":"v1","resource":"dbmmomysqls"},\
        "name":"orders","namespace":"shop","operation":"CREATE","userInfo":{"username":"alice"},\
        "object":\(Objects.object("orders", metadata: #""namespace":"shop""#, spec: spec)),"oldObject":null,"dryRun":false}}
        """
    }

    /// A conversion of so many objects to `v1`.
    static func conversion(of count: Int) -> String {
        conversion((0..<count).map { Objects.legacyAzure("ledger-\($0)") })
    }

    static func conversion(_ objects: [String]) -> String {
        """
        {"apiVersion":"apiextensions.k8s.io/v1","kind":"ConversionReview","request":{"uid":"c0ffee",\
        "desiredAPIVersion":"cache.my.domain/v1","objects":[\(objects.joined(separator: ","))]}}
        """
    }
}
