import JSON
import NIOCore
import NIOHTTP1
import TestSupport

/// Gives tokens, and knows them again. It knows no clock: whoever calls it says when it is.
///
/// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
struct SignInService: Sendable {
    /// A device code (RFC 8628).
    struct Device: Sendable {
        enum Decision: Sendable {
            case pending, approved, denied
        }

        let userCode: String
        let expiresAt: ContinuousClock.Instant
        /// In seconds.
        var interval: Int
        var askAgainAt: ContinuousClock.Instant
        var decision = Decision.pending
    }

    /// So many tokens may be fetched while there are good ones, as by a client that has started anew.
    private static let spareTokens = 3
    /// A token with less than this left may be renewed.
    private static let renewalMargin = Duration.seconds(600)

    let options: EmulatorOptions
    var secret: String
    var federatedToken: String
    /// For which audience tokens are given.
    var audience = ""
    /// Until when the access tokens that were given are good.
    private var tokens: [String: ContinuousClock.Instant] = [:]
    private var refreshTokens: Set<String> = []
    private(set) var devices: [String: Device] = [:]
    private var tokensInARow = 0
    var complaints: [String] = []
    private var random: SeededGenerator

    init(_ options: EmulatorOptions) {
        self.options = options
        secret = options.secret
        federatedToken = options.federatedToken
        random = SeededGenerator(seed: ~options.seed)
    }

    // MARK: Tokens

    mutating func forgetPace() {
        tokensInARow = 0
    }

    /// What was given to clients and is to stay with them.
    var issuedSecrets: [String] { Array(tokens.keys) + Array(refreshTokens) + Array(devices.keys) }

    /// Refuses whoever has not signed in.
    mutating func check(authorization: String?, at now: ContinuousClock.Instant) throws(Refusal) {
        let parts = (authorization ?? "").split(separator: " ", maxSplits: 1)
        guard parts.count == 2, let scheme = parts.first, let token = parts.last, scheme == "Bearer" else {
            throw Refusal(
                401, "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.",
                complaint: "no bearer token")
        }
        guard let end = tokens[String(token)] else {
            tokensInARow = 0
            throw Refusal(401, "InvalidAuthenticationToken", "The access token is invalid.")
        }
        guard end > now else {
            tokensInARow = 0
            throw Refusal(401, "ExpiredAuthenticationToken", "The access token expiry UTC time is earlier than current UTC time.")
        }
    }

    /// Ends all access tokens.
    mutating func expireTokens(at now: ContinuousClock.Instant) {
        tokens = tokens.mapValues { min($0, now) }
        tokensInARow = 0
    }

    /// Ends all sign-ins of humans: their refresh tokens.
    mutating func revokeSignIns() {
        refreshTokens = []
    }

    mutating func decide(_ decision: Device.Decision) -> Bool {
        let pending = devices.filter { $0.value.decision == .pending }.keys
        for code in pending { devices[code]?.decision = decision }
        return !pending.isEmpty
    }

    // MARK: Calls

    /// Answers a call; nil when the path is none of these.
    mutating func answer(_ call: Call, at now: ContinuousClock.Instant, time: String) -> Answer? {
        let segments = call.segments
        guard segments.count == 4, segments[1] == "oauth2", segments[2] == "v2.0", let tenant = segments.first else { return nil }
        guard segments[3] == "token" || segments[3] == "devicecode" else { return nil }
        do throws(SignInRefusal) {
            let form = try form(call)
            guard tenant.lowercased() == options.tenant.lowercased() else {
                throw SignInRefusal(400, "invalid_request", 90002, "Tenant '\(tenant)' not found.")
            }
            guard let client = form["client_id"] else { throw .malformed("the body has no 'client_id'") }
            guard client.lowercased() == options.client.lowercased() else {
                throw SignInRefusal(
                    400, "unauthorized_client", 700_016, "Application with identifier '\(client)' was not found in the directory.")
            }
            let body = segments[3] == "token" ? try token(form, at: now) : try deviceCode(form, at: now)
            return Answer(status: 200, headers: ["Cache-Control": "no-store, no-cache", "Pragma": "no-cache"], body: body)
        } catch {
            if let complaint = error.complaint { complaints.append("\(call.method) \(call.path): \(complaint)") }
            return error.answer(id: random.uuid(), time: time)
        }
    }

    private func form(_ call: Call) throws(SignInRefusal) -> [String: String] {
        guard call.method == "POST" else { throw .malformed("the method is not POST") }
        guard call.has(contentType: "application/x-www-form-urlencoded") else {
            throw .malformed("the content type is not application/x-www-form-urlencoded")
        }
        let pairs = FormText.pairs(String(buffer: call.body))
        let form = Dictionary(pairs.map { ($0.name, $0.value) }) { $1 }
        guard form.count == pairs.count else { throw .malformed("a parameter stands twice in the body") }
        return form
    }

    private mutating func token(_ form: [String: String], at now: ContinuousClock.Instant) throws(SignInRefusal) -> JSONTree {
        switch form["grant_type"] {
        case "client_credentials":
            try checkClient(form)
            try checkScope(form, isForClient: true)
            return issue(refreshable: false, at: now)
        case "urn:ietf:params:oauth:grant-type:device_code":
            return try deviceToken(form, at: now)
        case "refresh_token":
            guard let token = form["refresh_token"] else { throw .malformed("the body has no 'refresh_token'") }
            guard refreshTokens.contains(token) else {
                throw SignInRefusal(400, "invalid_grant", 700_082, "The refresh token has expired or was revoked.")
            }
            try checkScope(form, isForClient: false)
            return issue(refreshable: true, at: now)
        case nil: throw .malformed("the body has no 'grant_type'")
        default: throw SignInRefusal(400, "unsupported_grant_type", 70003, "The grant type is not supported.", complaint: "grant_type")
        }
    }

    private func checkClient(_ form: [String: String]) throws(SignInRefusal) {
        if let assertion = form["client_assertion"] {
            guard form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" else {
                throw .malformed("the 'client_assertion_type' is not jwt-bearer")
            }
            guard form["client_secret"] == nil else { throw .malformed("both 'client_secret' and 'client_assertion'") }
            guard assertion == federatedToken else {
                throw SignInRefusal(401, "invalid_client", 700_213, "No matching federated identity record found for the assertion.")
            }
            return
        }
        guard let given = form["client_secret"] else {
            throw SignInRefusal(401, "invalid_client", 7_000_218, "The body has neither 'client_assertion' nor 'client_secret'.")
        }
        guard given == secret else {
            throw SignInRefusal(401, "invalid_client", 7_000_215, "Invalid client secret provided.")
        }
    }

    private func checkScope(_ form: [String: String], isForClient: Bool) throws(SignInRefusal) {
        guard let text = form["scope"] else { throw .malformed("the body has no 'scope'") }
        let resources = text.split(separator: " ").filter { !["openid", "profile", "offline_access"].contains($0) }
        guard let scope = resources.first, resources.count == 1 else {
            throw SignInRefusal(400, "invalid_scope", 70011, "The scope is not valid.", complaint: "a scope for none or many resources")
        }
        guard scope.hasSuffix("/.default") || (!isForClient && scope.hasSuffix("/user_impersonation")) else {
            throw SignInRefusal(400, "invalid_scope", 1_002_012, "The scope is not valid; it has to end with /.default.")
        }
        guard scope.split(separator: "/").dropLast() == audience.split(separator: "/")[...] else {
            throw SignInRefusal(400, "invalid_resource", 500_011, "The resource principal of the scope was not found in the tenant.")
        }
    }

    private mutating func issue(refreshable: Bool, at now: ContinuousClock.Instant) -> JSONTree {
        let isEarly = tokens.values.contains { $0 > now + Self.renewalMargin }
        tokensInARow = isEarly ? tokensInARow + 1 : 0
        if tokensInARow > Self.spareTokens { complaints.append("another token, though \(tokensInARow) good ones were given in a row") }
        let token = "emulated-\(random.hex())\(random.hex())"
        tokens[token] = now + .seconds(options.tokenLifetime)
        var refresh: JSONTree?
        if refreshable {
            let text = "refresh-\(random.hex())"
            refreshTokens.insert(text)
            refresh = .string(text)
        }
        return [
            "token_type": "Bearer", "expires_in": .integer(Int64(options.tokenLifetime)),
            "ext_expires_in": .integer(Int64(options.tokenLifetime)), "access_token": .string(token), "refresh_token": refresh
        ]
    }

    // MARK: Devices

    private mutating func deviceCode(_ form: [String: String], at now: ContinuousClock.Instant) throws(SignInRefusal) -> JSONTree {
        try checkScope(form, isForClient: false)
        let userCode = String(random.hex().prefix(9)).uppercased()
        let code = random.hex()
        devices[code] = Device(
            userCode: userCode, expiresAt: now + .seconds(options.deviceCodeLifetime), interval: options.deviceInterval,
            askAgainAt: now + .seconds(options.deviceInterval))
        let page = "https://microsoft.com/devicelogin"
        return [
            "device_code": .string(code), "user_code": .string(userCode), "verification_uri": .string(page),
            "expires_in": .integer(Int64(options.deviceCodeLifetime)), "interval": .integer(Int64(options.deviceInterval)),
            "message": "To sign in, use a web browser to open the page \(page) and enter the code \(userCode) to authenticate."
        ]
    }

    private mutating func deviceToken(_ form: [String: String], at now: ContinuousClock.Instant) throws(SignInRefusal) -> JSONTree {
        guard let code = form["device_code"] else { throw .malformed("the body has no 'device_code'") }
        guard var device = devices[code] else {
            throw SignInRefusal(400, "bad_verification_code", 70018, "The device code was not recognised.")
        }
        guard device.expiresAt > now else { throw SignInRefusal(400, "expired_token", 70020, "The device code has expired.") }
        if now + options.slack < device.askAgainAt {
            device.interval += 5
            device.askAgainAt = now + .seconds(device.interval)
            devices[code] = device
            throw SignInRefusal(400, "slow_down", 70016, "You are polling too often.", complaint: "a device code polled too often")
        }
        device.askAgainAt = now + .seconds(device.interval)
        devices[code] = device
        switch device.decision {
        case .pending: throw SignInRefusal(400, "authorization_pending", 70016, "The user has not yet finished signing in.")
        case .denied: throw SignInRefusal(400, "authorization_declined", 70017, "The user declined to sign in.")
        case .approved:
            devices[code] = nil
            return issue(refreshable: true, at: now)
        }
    }
}
