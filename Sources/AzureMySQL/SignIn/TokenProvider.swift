import HTTPCalls

/// Gives each account its token, and keeps it until it ends. Everybody who needs one meanwhile waits for the same request.
actor TokenProvider {
    /// What nobody has asked for since is forgotten; a human would have to sign in again.
    private static let memory = Duration.seconds(24 * 60 * 60)

    private struct Entry {
        var state = TokenState()
        var device = DeviceSignIn()
        var renewal: Promise<Result<Secret, AzureError>>?
        var askedAt: ContinuousClock.Instant
    }

    private let authority: Authority
    private var entries: [AzureAccount: Entry] = [:]

    init(_ authority: Authority) {
        self.authority = authority
    }

    /// - Parameter call: For which call, for errors.
    func token(_ account: AzureAccount, until deadline: ContinuousClock.Instant, call: String) async throws(AzureError) -> Secret {
        // Who asks makes no difference to a token, and a human signs in once for all.
        let account = account.withoutUserAgent
        let now = ContinuousClock.now
        if entries[account] == nil { entries = entries.filter { now < $0.value.askedAt + Self.memory || $0.value.renewal != nil } }
        entries[account, default: Entry(askedAt: now)].askedAt = now
        switch entries[account]?.state.step(at: now) ?? .renew {
        case .use(let token): return token
        case .useAndRenew(let token):
            _ = renewal(of: account)
            return token
        case .refuse(let error): throw error
        case .renew:
            let renewal = renewal(of: account)
            do {
                return try await withDeadline(deadline) { try await renewal.wait().get() }
            } catch let error as AzureError {
                throw error
            } catch {
                throw AzureError(error is DeadlineExceeded && !Task.isCancelled ? .timeout : .cancelled, call: call)
            }
        }
    }

    /// Resource Manager has refused a token.
    ///
    /// - Returns: Whether it is worth to ask for another.
    func refuse(_ token: Secret, of account: AzureAccount) -> Bool {
        entries[account.withoutUserAgent]?.state.refuse(token, at: .now) ?? true
    }

    /// Resource Manager has taken the token that replaced a refused one.
    func accept(_ account: AzureAccount) {
        entries[account.withoutUserAgent]?.state.accept()
    }

    // MARK: Renewal

    /// The renewal that is under way. It goes on when one of those who wait for it gives up.
    private func renewal(of account: AzureAccount) -> Promise<Result<Secret, AzureError>> {
        if let renewal = entries[account]?.renewal { return renewal }
        let promise = Promise<Result<Secret, AzureError>>()
        entries[account]?.renewal = promise
        Task { promise.fulfil(await renew(account)) }
        return promise
    }

    private func renew(_ account: AzureAccount) async -> Result<Secret, AzureError> {
        let asked = ContinuousClock.now
        defer { entries[account]?.renewal = nil }
        do throws(AzureError) {
            let token =
                switch account.signIn {
                case .clientSecret(let secret): try await authority.token(account, .clientSecret(account, secret)).token
                case .workloadIdentity: try await authority.token(account, .assertion(account, try authority.assertion())).token
                case .deviceCode: try await deviceToken(account)
                }
            entries[account]?.state.take(token, asked: asked)
            return .success(token.value)
        } catch {
            entries[account]?.state.fail(error, at: .now)
            return .failure(error)
        }
    }

    // MARK: Device code

    /// Takes the next step of a sign-in at another device, and never waits for the human.
    private func deviceToken(_ account: AzureAccount) async throws(AzureError) -> AccessToken {
        // A refresh token that is refused and a code that has run out each lead to one more step.
        for _ in 0..<4 {
            switch entries[account]?.device.step(at: .now) ?? .begin {
            case .refresh(let token):
                if let token = try await refreshed(account, token) { return token }
            case .begin:
                let code = try await authority.deviceCode(account)
                entries[account]?.device.begin(code, at: .now)
            case .poll(let code):
                if let token = try await polled(account, code) { return token }
            case .wait(let code, let pause):
                throw AzureError(.signInPending(url: code.url, code: code.userCode), call: authority.title(account), retryAfter: pause)
            }
        }
        throw AzureError(.malformedAnswer("a sign-in that is over at once, again and again"), call: authority.title(account))
    }

    private func refreshed(_ account: AzureAccount, _ token: Secret) async throws(AzureError) -> AccessToken? {
        do throws(AzureError) {
            let grant = try await authority.token(account, .refresh(account, token))
            entries[account]?.device.finish(grant.refreshToken)
            return grant.token
        } catch {
            guard case .signIn(let code, _) = error.cause, ["invalid_grant", "interaction_required"].contains(code) else { throw error }
            entries[account]?.device.forget()
            return nil
        }
    }

    private func polled(_ account: AzureAccount, _ code: DeviceCode) async throws(AzureError) -> AccessToken? {
        do throws(AzureError) {
            let grant = try await authority.token(account, .poll(account, code))
            entries[account]?.device.finish(grant.refreshToken)
            return grant.token
        } catch {
            let outcome = DeviceSignIn.Outcome(error)
            entries[account]?.device.poll(outcome, at: .now)
            // The human said no, or something is wrong with us.
            if case .over = outcome, !error.isExpiredCode { throw error }
            return nil
        }
    }
}

extension DeviceSignIn.Outcome {
    /// RFC 8628, section 3.5.
    init(_ error: AzureError) {
        switch error.cause {
        case .signIn("authorization_pending", _): self = .pending
        case .signIn("slow_down", _): self = .slowDown
        case .signIn(let code, _) where !code.hasPrefix("HTTP"): self = .over
        default: self = .unanswered
        }
    }
}

extension AzureError {
    /// A human was too slow, and gets another code.
    fileprivate var isExpiredCode: Bool {
        guard case .signIn(let code, _) = cause else { return false }
        return code == "expired_token" || code == "code_expired"
    }
}
