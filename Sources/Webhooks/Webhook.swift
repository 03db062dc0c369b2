/// A question that is answered, each on a path of its own.
enum Webhook: String, CaseIterable {
    case validate, mutate, convert

    var path: String {
        switch self {
        case .validate: "/validate"
        case .mutate: "/mutate"
        case .convert: "/convert"
        }
    }
}
