import KubernetesAPI
import Testing

@Suite("An API version")
struct APIVersionTests {
    @Test(
        "is read and written as in apiVersion",
        arguments: [
            ("v1", "", "v1"), ("apps/v1", "apps", "v1"), ("cache.my.domain/v1alpha1", "cache.my.domain", "v1alpha1")
        ])
    func reading(text: String, group: String, version: String) throws {
        let read = try #require(APIVersion(text))
        #expect(read == APIVersion(group: group, version: version))
        #expect(read.description == text)
    }

    @Test("is not read from anything else", arguments: ["", "/", "/v1", "apps/", "apps/v1/x", "//"])
    func refusal(text: String) {
        #expect(APIVersion(text) == nil)
    }

    @Test("with a kind or a resource is named as Kubernetes names it")
    func names() {
        let kind = GroupVersionKind(group: "cache.my.domain", version: "v1", kind: "DBMMOMySQL")
        #expect(kind.groupKind == "DBMMOMySQL.cache.my.domain")
        #expect(kind.apiVersion.description == "cache.my.domain/v1")
        #expect(kind.description == "cache.my.domain/v1, Kind=DBMMOMySQL")
        #expect(GroupVersionKind(group: "", version: "v1", kind: "Pod").groupKind == "Pod")
        let resource = GroupVersionResource(group: "cache.my.domain", version: "v1", resource: "dbmmomysqls")
        #expect(resource.groupResource == "dbmmomysqls.cache.my.domain")
        #expect(GroupVersionResource(group: "", version: "v1", resource: "pods").description == "v1, Resource=pods")
    }
}
