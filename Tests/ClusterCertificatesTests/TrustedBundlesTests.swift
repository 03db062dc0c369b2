import FoundationEssentials
import JSON
import NIOCore
import TLS
import Testing

@testable import ClusterCertificates

@Suite("what a registration says about trust")
struct TrustedBundlesTests {
    private static let service = ServiceReference(namespace: "dbmmo-system", name: "dbmmo-webhook")

    /// A webhook configuration with a client for each bundle.
    static func reading(_ bundles: [[UInt8]], annotation: String? = nil) throws -> TrustedBundles {
        let clients = bundles.map { #"{"clientConfig":{"url":"https://a","caBundle":"\#(Data($0).base64EncodedString())"}}"# }
        let annotations = annotation.map { #","annotations":{"\#($0)":"x"}"# } ?? ""
        return TrustedBundles(
            reading: try json(#"{"metadata":{"resourceVersion":"7"\#(annotations)},"webhooks":[\#(clients.joined(separator: ","))]}"#),
            service: nil)
    }

    private static func json(_ text: String) throws -> JSONValue { try JSONDocument(parsing: ByteBuffer(string: text)).root }

    private static let mixed = #"""
        {"metadata":{"resourceVersion":"7"},"webhooks":[
          {"name":"ours","clientConfig":{"service":{"namespace":"dbmmo-system","name":"dbmmo-webhook","path":"/validate"}}},
          {"name":"another","clientConfig":{"service":{"namespace":"other","name":"dbmmo-webhook"},"caBundle":"eA=="}},
          {"name":"elsewhere","clientConfig":{"url":"https://example.com"}},
          {"name":"without"}]}
        """#

    @Test("only clients that are reached by our Service count, unless all are asked for")
    func entries() throws {
        let ours = TrustedBundles(reading: try Self.json(Self.mixed), service: Self.service)
        #expect(ours.entries.map(\.path) == ["/webhooks/0/clientConfig/caBundle"])
        let all = TrustedBundles(reading: try Self.json(Self.mixed), service: nil)
        #expect(all.entries.count == 3)
    }

    @Test("a definition has one client, and one without a conversion webhook has none")
    func definition() throws {
        let text =
            #"{"metadata":{"resourceVersion":"7"},"spec":{"conversion":{"strategy":"Webhook","webhook":{"clientConfig":{"url":"u"}}}}}"#
        #expect(
            TrustedBundles(reading: try Self.json(text), service: Self.service).entries.map(\.path) == [
                "/spec/conversion/webhook/clientConfig/caBundle"
            ])
        let none = #"{"metadata":{"resourceVersion":"7"},"spec":{"conversion":{"strategy":"None"}}}"#
        #expect(TrustedBundles(reading: try Self.json(none), service: Self.service).entries.isEmpty)
    }

    @Test("the patch names the version that was read, and sets each bundle")
    func patch() throws {
        let bundles = TrustedBundles(reading: try Self.json(Self.mixed), service: Self.service)
        #expect(
            String(buffer: bundles.patch(to: Array("new".utf8)))
                == #"[{"op":"replace","path":"/metadata/resourceVersion","value":"7"},"#
                + #"{"op":"add","path":"/webhooks/0/clientConfig/caBundle","value":"bmV3"}]"#)
    }

    @Test("a bundle that cannot be read trusts nobody")
    func unreadable() throws {
        let authority = try CertificateAuthority(commonName: "CA", validity: CertificateValidity(seconds: 60, from: 1_800_000_000))
        let pem = try authority.certificate.pem()
        #expect(try Self.reading([pem, pem]).trust(authority.certificate))
        #expect(try !Self.reading([pem, Array("-----BEGIN CERTIFICATE-----".utf8)]).trust(authority.certificate))
        #expect(try Self.reading([pem, pem]).authorities.count == 1)
        #expect(try Self.reading([[0xFF, 0x00]]).authorities.isEmpty)
    }
}
