/// A server parameter of MySQL.
struct Parameter: Sendable {
    enum DataType: String, Sendable {
        case integer = "Integer"
        case numeric = "Numeric"
        case enumeration = "Enumeration"
        case set = "Set"
        case string = "String"
    }

    let name: String
    let dataType: DataType
    /// `1-100` for numbers, words with commas between them for enumerations and sets, empty when any text will do.
    let allowed: String
    let defaultValue: String
    var isReadOnly = false
    /// Whether a value takes effect without a restart.
    var isDynamic = true

    private static let switches = "ON,OFF"

    /// A part of those that Azure has.
    static let all: [Parameter] = [
        Parameter(name: "back_log", dataType: .integer, allowed: "1-65535", defaultValue: "151", isDynamic: false),
        Parameter(name: "binlog_expire_logs_seconds", dataType: .integer, allowed: "0-4294967295", defaultValue: "0"),
        Parameter(name: "character_set_server", dataType: .enumeration, allowed: "LATIN1,UTF8MB3,UTF8MB4", defaultValue: "UTF8MB4"),
        Parameter(
            name: "collation_server", dataType: .enumeration, allowed: "UTF8MB4_0900_AI_CI,UTF8MB4_GENERAL_CI,UTF8MB4_UNICODE_CI",
            defaultValue: "UTF8MB4_0900_AI_CI"),
        Parameter(name: "connect_timeout", dataType: .integer, allowed: "2-31536000", defaultValue: "10"),
        Parameter(name: "event_scheduler", dataType: .enumeration, allowed: switches, defaultValue: "ON"),
        Parameter(name: "innodb_buffer_pool_size", dataType: .integer, allowed: "134217728-6442450944", defaultValue: "536870912"),
        Parameter(name: "innodb_file_per_table", dataType: .enumeration, allowed: switches, defaultValue: "ON", isReadOnly: true),
        Parameter(name: "innodb_flush_log_at_trx_commit", dataType: .enumeration, allowed: "0,1,2", defaultValue: "1"),
        Parameter(name: "innodb_lock_wait_timeout", dataType: .integer, allowed: "1-3600", defaultValue: "50"),
        Parameter(
            name: "innodb_page_size", dataType: .integer, allowed: "16384", defaultValue: "16384", isReadOnly: true, isDynamic: false),
        Parameter(name: "interactive_timeout", dataType: .integer, allowed: "10-1800", defaultValue: "1800"),
        Parameter(name: "long_query_time", dataType: .numeric, allowed: "0-31536000", defaultValue: "10"),
        Parameter(name: "lower_case_table_names", dataType: .enumeration, allowed: "1,2", defaultValue: "1", isDynamic: false),
        Parameter(name: "max_allowed_packet", dataType: .integer, allowed: "1024-1073741824", defaultValue: "16777216"),
        Parameter(name: "max_connections", dataType: .integer, allowed: "10-2731", defaultValue: "341"),
        Parameter(name: "performance_schema", dataType: .enumeration, allowed: switches, defaultValue: "OFF", isDynamic: false),
        Parameter(name: "read_only", dataType: .enumeration, allowed: switches, defaultValue: "OFF", isReadOnly: true),
        Parameter(name: "require_secure_transport", dataType: .enumeration, allowed: switches, defaultValue: "ON"),
        Parameter(name: "slow_query_log", dataType: .enumeration, allowed: switches, defaultValue: "OFF"),
        Parameter(
            name: "sql_mode", dataType: .set,
            allowed: "ANSI_QUOTES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,NO_ZERO_DATE,NO_ZERO_IN_DATE,ONLY_FULL_GROUP_BY,"
                + "STRICT_ALL_TABLES,STRICT_TRANS_TABLES",
            defaultValue: "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,NO_ZERO_DATE,NO_ZERO_IN_DATE,ONLY_FULL_GROUP_BY,"
                + "STRICT_TRANS_TABLES"),
        Parameter(name: "time_zone", dataType: .string, allowed: "", defaultValue: "SYSTEM"),
        Parameter(name: "tls_version", dataType: .set, allowed: "TLSv1.2,TLSv1.3", defaultValue: "TLSv1.2,TLSv1.3", isDynamic: false),
        Parameter(
            name: "transaction_isolation", dataType: .enumeration,
            allowed: "READ-UNCOMMITTED,READ-COMMITTED,REPEATABLE-READ,SERIALIZABLE", defaultValue: "REPEATABLE-READ"),
        Parameter(name: "wait_timeout", dataType: .integer, allowed: "60-240", defaultValue: "240")
    ]

    static func named(_ name: String) -> Parameter? { all.first { $0.name == name.lowercased() } }

    /// The value as Azure spells it; nil when it is none of those that are allowed.
    func canonical(_ value: String) -> String? {
        switch dataType {
        case .string: return value
        case .integer:
            guard let number = Int64(value), contains(Double(number)) else { return nil }
            return String(number)
        case .numeric:
            guard let number = Double(value), contains(number) else { return nil }
            return value
        case .enumeration: return word(value)
        case .set:
            let words = value.split(separator: ",").map { word($0) }
            let known = words.compactMap { $0 }
            return known.count == words.count ? known.joined(separator: ",") : nil
        }
    }

    private func contains(_ number: Double) -> Bool {
        let limits = allowed.split(separator: "-").compactMap { Double($0) }
        guard let lowest = limits.first, let highest = limits.last else { return false }
        return number >= lowest && number <= highest
    }

    private func word(_ text: some StringProtocol) -> String? {
        allowed.split(separator: ",").first { $0.lowercased() == text.lowercased() }.map(String.init)
    }
}
