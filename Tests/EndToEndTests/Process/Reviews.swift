/// Reviews as an API server sends them.
enum Reviews {
    /// The creation of an object that is allowed.
    static let creation = creation(spec: #"{"deploymentType":"OnCluster"}"#)

    static func creation(spec: String) -> String {
        """
        {"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"c0ffee",\
        "kind":{"group":"cache.my.domain","version":"v1","kind":"DBMMOMySQL"},\
        "resource":{"group":"cache.my.domain","version":"v1","resource":"dbmmomysqls"},\
        "name":"orders","namespace":"shop","operation":"CREATE","userInfo":{"username":"alice"},\
        "object":\(Objects.object("orders", metadata: #""namespace":"shop""#, spec: spec)),"oldObject":null,"dryRun":false}}
        """
    }
}
