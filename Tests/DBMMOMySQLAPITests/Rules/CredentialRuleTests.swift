import DBMMOMySQLAPI
import Testing

/// C: who signs in, and with what.
@Suite("The rules on credentials")
struct CredentialRuleTests {
    @Test("answer as the table says", arguments: cases)
    func answer(row: RuleCase) throws { try row.check() }

    static let cases = c1 + c2 + c3

    private static func login(_ login: String) -> String { azure(more: #","credentials":{"login":"\#(login)"}"#) }
    private static let path = "spec.credentials.login"
    private static let form = "must be 1-32 of letters, digits and _, and not begin with a digit"
    private static let reserved = "is reserved on Azure; choose another"

    private static let c1: [RuleCase] = [
        RuleCase(.c1, "1 character", create: login("a")),
        RuleCase(.c1, "32 characters", create: login(String(repeating: "a", count: 32))),
        RuleCase(.c1, "letters of both cases, digits and _", create: login("_Root1")),
        RuleCase(.c1, "none, as typed clients of v1alpha1 write it", create: login("")),
        RuleCase(.c1, "on the cluster root is right", create: #"{"credentials":{"login":"root"}}"#),
        RuleCase(
            .c1, "33 characters", create: login(String(repeating: "a", count: 33)),
            .fault(path, #"Invalid value: "\#(String(repeating: "a", count: 33))": \#(form)"#)),
        RuleCase(.c1, "a digit in front", create: login("1st"), .fault(path, #"Invalid value: "1st": \#(form)"#)),
        RuleCase(.c1, "a hyphen", create: login("db-admin"), .fault(path, #"Invalid value: "db-admin": \#(form)"#)),
        RuleCase(.c1, "root", create: login("root"), .fault(path, #"Invalid value: "root": \#(reserved)"#)),
        RuleCase(.c1, "a reserved name in capitals", create: login("Admin"), .fault(path, #"Invalid value: "Admin": \#(reserved)"#)),
        RuleCase(.c1, "a name of MySQL itself", create: login("mysql.sys"), .fault(path, #"Invalid value: "mysql.sys": \#(reserved)"#)),
        RuleCase(.c1, "another one before there is a server", update: login("one"), to: login("two")),
        RuleCase(
            .c1, "another one of an existing server", update: login("one"), to: login("two"), status: #"{"azure":{"created":true}}"#,
            .fault(path, "Forbidden: cannot change while the server exists on Azure"))
    ]

    private static func password(_ password: String, login: String = "dbmmo_admin") -> String {
        azure(more: #","credentials":{"login":"\#(login)","password":"\#(password)"}"#)
    }
    private static let passwordPath = "spec.credentials.password"
    private static let v1alpha1Path = "spec.deployment.serverCredentials.mysqlAdministratorLoginPassword"
    private static let plain = RuleCase.Line.warning("\(passwordPath) is plain text; use spec.credentials.passwordSecretRef")
    private static let plainInV1alpha1 = RuleCase.Line.warning("\(v1alpha1Path) is plain text; in v1 use credentials.passwordSecretRef")
    private static let length = #"Invalid value: "(hidden)": must be 8-128 characters"#
    private static let classes = #"Invalid value: "(hidden)": must have three of: lower-case letters, upper-case letters, digits, others"#
    private static let containsLogin = #"Invalid value: "(hidden)": must not contain the login"#

    private static func password(_ title: String, _ spec: String, _ faults: String...) -> RuleCase {
        RuleCase(
            .c2, title, create: spec, lines: faults.map { .fault(passwordPath, $0) } + [plain],
            v1alpha1: faults.map { .fault(v1alpha1Path, $0) } + [plainInV1alpha1])
    }

    private static let c2: [RuleCase] = [
        RuleCase(.c2, "a reference", create: #"{"credentials":{"passwordSecretRef":{"name":"orders"}}}"#),
        RuleCase(.c2, "no password, as typed clients of v1alpha1 write it", create: #"{"credentials":{"login":"","password":""}}"#),
        password("plain text on the cluster, where any will do", #"{"credentials":{"password":"x"}}"#),
        password("8 characters of three classes", password("abcdEF12")),
        password("128 characters", password(String(repeating: "aB1-", count: 32))),
        password("7 characters", password("abcEF12"), length),
        password("129 characters", password(String(repeating: "aB1-", count: 32) + "x"), length),
        password("two classes", password("abcdefg1"), classes),
        password("short and simple", password("abc"), length, classes),
        password("the login within", password("1-Orders-1", login: "orders"), containsLogin),
        RuleCase(
            .c2, "both forms at once",
            create: #"{"credentials":{"password":"x","passwordSecretRef":{"name":"orders"}}}"#,
            .fault(passwordPath, "Forbidden: passwordSecretRef is there too; keep that one and remove the plain text"), plain,
            v1alpha1: [
                .fault(v1alpha1Path, "Forbidden: passwordSecretRef is there too; keep that one and remove the plain text"),
                plainInV1alpha1
            ]),
        RuleCase(
            .c2, "a plain-text client secret", create: azure(["clientSecretRef": nil, "clientSecret": #""s3cret""#]),
            .warning("spec.azure.clientSecret is plain text; use spec.azure.clientSecretRef"),
            v1alpha1: [.warning("spec.deployment.azureConfig.clientSecret is plain text; in v1 use spec.azure.clientSecretRef")])
    ]

    private static func reference(_ members: String) -> String { #"{"credentials":{"passwordSecretRef":{\#(members)}}}"# }
    private static let aKey = "must be a key of a Secret (A-Z, a-z, 0-9, -, _, .)"
    private static let aName = "must be the name of a Secret (a-z, 0-9, -, .)"

    private static let c3: [RuleCase] = [
        RuleCase(.c3, "a name and a key", create: reference(#""name":"orders.eu-1","key":"ROOT_pass-1.txt""#)),
        RuleCase(.c3, "253 characters", create: reference(#""name":"\#(String(repeating: "a.", count: 126))a""#)),
        RuleCase(
            .c3, "254 characters", create: reference(#""name":"\#(String(repeating: "a.", count: 126))aa""#),
            .fault(
                "spec.credentials.passwordSecretRef.name",
                #"Invalid value: "\#(String(repeating: "a.", count: 126))aa": \#(aName)"#)),
        RuleCase(
            .c3, "no name", create: reference(#""key":"x""#),
            .fault("spec.credentials.passwordSecretRef.name", "Required value: the name of a Secret in the same namespace")),
        RuleCase(
            .c3, "a name in capitals", create: reference(#""name":"Orders""#),
            .fault("spec.credentials.passwordSecretRef.name", #"Invalid value: "Orders": \#(aName)"#)),
        RuleCase(
            .c3, "a key with a space", create: reference(#""name":"orders","key":"root password""#),
            .fault("spec.credentials.passwordSecretRef.key", #"Invalid value: "root password": \#(aKey)"#)),
        RuleCase(
            .c3, "an empty key", create: reference(#""name":"orders","key":"""#),
            .fault("spec.credentials.passwordSecretRef.key", #"Invalid value: "": \#(aKey)"#)),
        RuleCase(
            .c3, "a secret of Azure", create: azure("clientSecretRef", #"{"name":"-","key":".."}"#),
            .fault("spec.azure.clientSecretRef.name", #"Invalid value: "-": \#(aName)"#),
            .fault("spec.azure.clientSecretRef.key", #"Invalid value: "..": \#(aKey)"#)),
        RuleCase(.c3, "a secret of Azure that is not in use", create: #"{"azure":{"clientSecretRef":{"name":"-"}}}"#)
    ]
}
