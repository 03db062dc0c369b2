import HTTPCalls
import JSON
import NIOCore
import YAML

/// The one place where the text of a kubeconfig becomes a document.
enum KubeconfigText {
    static func read(_ path: String) throws(ConfigurationError) -> Kubeconfig.File {
        let text = ByteBuffer(bytes: try SmallFile.read(path))
        do {
            // JSON is YAML. An empty file is a kubeconfig that holds nothing.
            let json = try YAMLDocuments(reading: text).next()?.json ?? ByteBuffer(string: "null")
            return Kubeconfig.File(path: path, root: try JSONDocument(parsing: json).root)
        } catch {
            // Neither kind of error shows a value of the text.
            throw ConfigurationError(.malformed, "\(path): \(error)")
        }
    }
}
