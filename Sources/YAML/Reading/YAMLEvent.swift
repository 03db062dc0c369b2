/// A step of reading a YAML text, as libyaml takes it.
struct YAMLEvent {
    enum Content {
        case streamStart, streamEnd
        case documentStart, documentEnd
        case alias(String)
        case scalar(Scalar)
        case sequenceStart(anchor: String?), sequenceEnd
        case mappingStart(anchor: String?), mappingEnd
    }

    struct Scalar {
        var anchor: String?
        /// The tag in full, such as `tag:yaml.org,2002:int`.
        var tag: String?
        /// The text after escapes and folding.
        var text: String
        /// Whether the text decides what type the value has: it stands without quotes, or behind a lone `!`.
        var isImplicit: Bool
    }

    let content: Content
    let position: YAMLPosition
}
