import Glibc
import Subprocess
import Testing

/// The programs of Debian's mariadb-server-core and mariadb-client-core.
enum MariaDB {
    static let server: String = path(of: "mariadbd")
    static let client: String = path(of: "mariadb")
    static let installer: String = path(of: "mariadb-install-db")

    static var isAvailable: Bool { [server, client, installer].allSatisfy { (path: String) in access(path, X_OK) == 0 } }

    /// Where a program is: the folders for administrators' programs are not in everyone's PATH.
    private static func path(of program: String) -> String {
        let folders = (getenv("PATH").map { String(cString: $0) } ?? "").split(separator: ":").map(String.init) + ["/usr/sbin", "/usr/bin"]
        return folders.map { "\($0)/\(program)" }.first { access($0, X_OK) == 0 } ?? "/usr/sbin/\(program)"
    }

    /// Options of every server. Nothing here outlives the machine, so nothing is worth an fsync.
    static func serverOptions(dataDirectory: String) -> [String] {
        let options = [
            "--no-defaults", "--datadir=\(dataDirectory)", "--skip-name-resolve", "--debug-no-sync", "--innodb-flush-method=nosync",
            "--innodb-log-file-size=4M"
        ]
        // It refuses to be root unless it is told to.
        return options + (geteuid() == 0 ? ["--user=root"] : [])
    }

    /// Runs SQL as root over TCP, and returns the rows without a header, their columns with tabs in between.
    static func query(_ sql: String, host: String = "127.0.0.1", port: UInt16, password: String) async throws -> Outcome {
        try await Tool.run(
            client,
            [
                "--no-defaults", "--host=\(host)", "--port=\(port)", "--user=root", "--connect-timeout=3", "--batch",
                "--skip-column-names", "--execute", sql
            ], environment: ["MYSQL_PWD": password])
    }
}

extension Trait where Self == ConditionTrait {
    /// Whether there is MariaDB. Without it the tests are skipped, where the environment variable CI is set they fail.
    static var mariaDBAvailable: Self {
        .enabled("no MariaDB") {
            if MariaDB.isAvailable || getenv("CI") != nil { return true }
            print("SKIPPED: end-to-end tests with MariaDB, since mariadb-server-core or mariadb-client-core is missing")
            return false
        }
    }
}
