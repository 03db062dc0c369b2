import JSON
import NIOCore

/// The one place where the text of a kubeconfig becomes a document.
enum KubeconfigText {
    static func read(_ path: String) throws(ConfigurationError) -> Kubeconfig.File {
        let text = ByteBuffer(bytes: try SmallFile.read(path))
        do throws(JSONParseError) {
            return Kubeconfig.File(path: path, root: try JSONDocument(parsing: text).root)
        } catch {
            throw ConfigurationError(.malformed, "\(path): \(error)")
        }
    }
}
