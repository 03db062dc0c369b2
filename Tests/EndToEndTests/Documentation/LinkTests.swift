import Glibc
import TestSupport
import Testing

extension DocumentationTests {
    @Suite("links")
    struct LinkTests {
        private static let pages = ["README.md", "CHANGELOG.md"] + FixtureFolder("../../../docs").names.map { "docs/\($0)" }

        @Test("lead to files and headings that exist", arguments: pages)
        func links(page: String) throws {
            let folder = page.split(separator: "/").dropLast().map(String.init)
            for match in try Self.text(page).matches(of: #/\]\(([^)#\s]*)(?:#([^)\s]*))?\)/#) {
                let target = String(match.1)
                guard !target.contains("://") else { continue }
                let path = target.isEmpty ? page : Self.normalized(folder + target.split(separator: "/").map(String.init))
                #expect(access(Project.path(path), F_OK) == 0, "\(match.0)")
                guard let heading = match.2 else { continue }
                #expect(try Self.headings(path).contains(String(heading)), "\(match.0)")
            }
        }

        private static func text(_ page: String) throws -> String {
            String(decoding: try FixtureFolder("../../..").bytes(of: page), as: UTF8.self)
        }

        private static func normalized(_ names: [String]) -> String {
            var path: [String] = []
            for name in names { if name == ".." { _ = path.popLast() } else { path.append(name) } }
            return path.joined(separator: "/")
        }

        /// As forges name them: small letters, hyphens for spaces, no other punctuation; a repeated one has a number.
        private static func headings(_ page: String) throws -> Set<String> {
            var names: [String: Int] = [:]
            var isInside = false
            var all: Set<String> = []
            // One in a list is indented.
            for line in try text(page).split(separator: "\n").map({ $0.drop { $0 == " " } }) {
                if line.hasPrefix("```") { isInside.toggle() }
                guard !isInside, line.hasPrefix("#") else { continue }
                let title = line.drop { $0 == "#" }.dropFirst().lowercased()
                let name = String(title.compactMap { $0 == " " ? "-" : $0.isLetter || $0.isNumber || "-_".contains($0) ? $0 : nil })
                let count = names[name, default: 0]
                names[name] = count + 1
                all.insert(count == 0 ? name : "\(name)-\(count)")
            }
            return all
        }
    }
}
