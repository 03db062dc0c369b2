#include "CSimdJSON.h"

#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

#include <simdjson.h>

// simdjson's own second stage parses numbers into doubles and drops the offsets of everything, and its DOM refuses integers
// beyond 64 bits, which the Kubernetes API server does send. So only its first stage is used: it finds the offsets of all
// structural characters and value starts with vector instructions, and checks the encoding. The grammar is checked below.

namespace {

using FirstStage = std::unique_ptr<simdjson::internal::dom_parser_implementation>;

// A first stage holds four bytes per byte of text that it can take. Small ones are kept per thread; a large one lives for
// one document, so that one big review does not cost memory for ever.
constexpr size_t kept_capacity = 256 * 1024;

struct Failure {
    int code;
    size_t offset;
};

bool is_space(uint8_t c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
bool is_digit(uint8_t c) { return c >= '0' && c <= '9'; }
bool is_hex(uint8_t c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// The first byte that no valid UTF-8 text could have there (Unicode 15, table 3-7).
size_t first_invalid_utf8(const uint8_t *text, size_t length) {
    size_t i = 0;
    while (i < length) {
        const uint8_t c = text[i];
        if (c < 0x80) { i += 1; continue; }
        size_t more;
        uint8_t low = 0x80, high = 0xBF;
        if (c >= 0xC2 && c <= 0xDF) { more = 1; }
        else if (c >= 0xE0 && c <= 0xEF) { more = 2; if (c == 0xE0) { low = 0xA0; } else if (c == 0xED) { high = 0x9F; } }
        else if (c >= 0xF0 && c <= 0xF4) { more = 3; if (c == 0xF0) { low = 0x90; } else if (c == 0xF4) { high = 0x8F; } }
        else { return i; }
        for (size_t k = 1; k <= more; k += 1) {
            if (i + k >= length || text[i + k] < low || text[i + k] > high) { return i; }
            low = 0x80;
            high = 0xBF;
        }
        i += more + 1;
    }
    return length;
}

// The first stage says that something is wrong inside a string, not where.
Failure locate_string_failure(const uint8_t *text, size_t length) {
    size_t i = 0;
    while (i < length) {
        if (text[i] != '"') { i += 1; continue; }
        const size_t open = i;
        i += 1;
        while (i < length && text[i] != '"') {
            if (text[i] < 0x20) { return {CSIMDJSON_CONTROL_CHARACTER, i}; }
            i += text[i] == '\\' ? 2 : 1;
        }
        if (i >= length) { return {CSIMDJSON_UNTERMINATED_STRING, open}; }
        i += 1;
    }
    return {CSIMDJSON_UNEXPECTED_END, length};
}

Failure first_stage_failure(simdjson::error_code error, const uint8_t *text, size_t length) {
    switch (error) {
    case simdjson::EMPTY: return {CSIMDJSON_EMPTY, length};
    case simdjson::UTF8_ERROR: return {CSIMDJSON_INVALID_UTF8, first_invalid_utf8(text, length)};
    case simdjson::MEMALLOC: return {CSIMDJSON_OUT_OF_MEMORY, 0};
    case simdjson::CAPACITY: return {CSIMDJSON_TOO_LARGE, 0};
    default: return locate_string_failure(text, length);
    }
}

class Indexer {
public:
    Indexer(const uint8_t *text, size_t length, const uint32_t *starts, size_t start_count, csimdjson_node *nodes, size_t maximum_depth,
            uint32_t *open)
        : text(text), length(length), starts(starts), start_count(start_count), nodes(nodes), maximum_depth(maximum_depth), open(open) {}

    size_t count = 0;

    Failure run() {
        Expect expect = Expect::value;
        for (; position < start_count; position += 1) {
            const size_t offset = starts[position];
            const uint8_t c = text[offset];
            switch (expect) {
            case Expect::end: return {CSIMDJSON_TRAILING_CONTENT, offset};
            case Expect::value_or_array_end:
                if (c == ']') { close(offset); expect = after_value(); break; }
                [[fallthrough]];
            case Expect::value: {
                if (c == '{' || c == '[') {
                    if (depth >= maximum_depth) { return {CSIMDJSON_TOO_DEEP, offset}; }
                    open[depth] = static_cast<uint32_t>(count);
                    depth += 1;
                    add(offset, offset, c == '{' ? CSIMDJSON_OBJECT : CSIMDJSON_ARRAY, 0);
                    expect = c == '{' ? Expect::name_or_object_end : Expect::value_or_array_end;
                    break;
                }
                const Failure failure = scalar(offset, c);
                if (failure.code != CSIMDJSON_OK) { return failure; }
                expect = after_value();
                break;
            }
            case Expect::name_or_object_end:
                if (c == '}') { close(offset); expect = after_value(); break; }
                [[fallthrough]];
            case Expect::name: {
                if (c != '"') { return {CSIMDJSON_UNEXPECTED_CHARACTER, offset}; }
                const Failure failure = string(offset);
                if (failure.code != CSIMDJSON_OK) { return failure; }
                expect = Expect::colon;
                break;
            }
            case Expect::colon:
                if (c != ':') { return {CSIMDJSON_UNEXPECTED_CHARACTER, offset}; }
                expect = Expect::value;
                break;
            case Expect::comma_or_end: {
                const bool in_object = nodes[open[depth - 1]].kind == CSIMDJSON_OBJECT;
                if (c == ',') { expect = in_object ? Expect::name : Expect::value; break; }
                if (c != (in_object ? '}' : ']')) { return {CSIMDJSON_UNEXPECTED_CHARACTER, offset}; }
                close(offset);
                expect = after_value();
                break;
            }
            }
        }
        return expect == Expect::end ? Failure{CSIMDJSON_OK, 0} : Failure{CSIMDJSON_UNEXPECTED_END, length};
    }

private:
    enum class Expect { value, value_or_array_end, name, name_or_object_end, colon, comma_or_end, end };

    const uint8_t *text;
    size_t length;
    const uint32_t *starts;
    size_t start_count;
    csimdjson_node *nodes;
    size_t maximum_depth;
    uint32_t *open;
    size_t depth = 0;
    size_t position = 0;
    // No backslash stands between the string that was looked at last and here.
    const uint8_t *next_backslash = nullptr;

    // Found once for all strings before it, so that a text without escapes is searched in one go.
    const uint8_t *backslash_from(const uint8_t *from) {
        if (next_backslash == nullptr || next_backslash < from) {
            const uint8_t *end = text + length;
            const auto *found = static_cast<const uint8_t *>(std::memchr(from, '\\', static_cast<size_t>(end - from)));
            next_backslash = found == nullptr ? end : found;
        }
        return next_backslash;
    }

    Expect after_value() const { return depth == 0 ? Expect::end : Expect::comma_or_end; }

    void add(size_t start, size_t end, uint8_t kind, uint8_t flags) {
        nodes[count] = {static_cast<uint32_t>(start), static_cast<uint32_t>(end), static_cast<uint32_t>(count + 1), kind, flags, 0};
        count += 1;
    }

    void close(size_t offset) {
        depth -= 1;
        csimdjson_node &node = nodes[open[depth]];
        node.end = static_cast<uint32_t>(offset + 1);
        node.next = static_cast<uint32_t>(count);
    }

    // A scalar reaches to the next start, less the white space before it.
    size_t scalar_end(size_t offset) const {
        size_t end = position + 1 < start_count ? starts[position + 1] : length;
        while (end > offset + 1 && is_space(text[end - 1])) { end -= 1; }
        return end;
    }

    Failure scalar(size_t offset, uint8_t c) {
        switch (c) {
        case '"': return string(offset);
        case 't': return literal(offset, "true", 4, CSIMDJSON_TRUE);
        case 'f': return literal(offset, "false", 5, CSIMDJSON_FALSE);
        case 'n': return literal(offset, "null", 4, CSIMDJSON_NULL);
        default: break;
        }
        if (c == '-' || is_digit(c)) { return number(offset); }
        const bool punctuation = c == '}' || c == ']' || c == ',' || c == ':';
        return {punctuation ? CSIMDJSON_UNEXPECTED_CHARACTER : CSIMDJSON_INVALID_LITERAL, offset};
    }

    Failure literal(size_t offset, const char *word, size_t word_length, uint8_t kind) {
        const size_t end = scalar_end(offset);
        if (end - offset != word_length || std::memcmp(text + offset, word, word_length) != 0) {
            return {CSIMDJSON_INVALID_LITERAL, offset};
        }
        add(offset, end, kind, 0);
        return {CSIMDJSON_OK, 0};
    }

    Failure number(size_t offset) {
        const size_t end = scalar_end(offset);
        size_t i = offset;
        uint8_t flags = CSIMDJSON_FLAG_INTEGER;
        const auto digits = [&] {
            const size_t from = i;
            while (i < end && is_digit(text[i])) { i += 1; }
            return i > from;
        };
        if (text[i] == '-') { i += 1; }
        if (i < end && text[i] == '0') { i += 1; }
        else if (!digits()) { return {CSIMDJSON_INVALID_NUMBER, offset}; }
        if (i < end && text[i] == '.') {
            i += 1;
            flags = 0;
            if (!digits()) { return {CSIMDJSON_INVALID_NUMBER, offset}; }
        }
        if (i < end && (text[i] == 'e' || text[i] == 'E')) {
            i += 1;
            flags = 0;
            if (i < end && (text[i] == '+' || text[i] == '-')) { i += 1; }
            if (!digits()) { return {CSIMDJSON_INVALID_NUMBER, offset}; }
        }
        if (i != end) { return {CSIMDJSON_INVALID_NUMBER, offset}; }
        add(offset, end, CSIMDJSON_NUMBER, flags);
        return {CSIMDJSON_OK, 0};
    }

    Failure string(size_t offset) {
        const size_t end = scalar_end(offset);
        if (end < offset + 2 || text[end - 1] != '"') { return {CSIMDJSON_UNTERMINATED_STRING, offset}; }
        const uint8_t *from = text + offset + 1;
        const uint8_t *to = text + end - 1;
        const uint8_t *backslash = backslash_from(from);
        if (backslash >= to) {
            add(offset, end, CSIMDJSON_STRING, 0);
            return {CSIMDJSON_OK, 0};
        }
        for (const uint8_t *p = backslash; p < to;) {
            if (*p != '\\') { p += 1; continue; }
            const Failure invalid = {CSIMDJSON_INVALID_ESCAPE, static_cast<size_t>(p - text)};
            if (p + 1 >= to) { return invalid; }
            switch (p[1]) {
            case '"': case '\\': case '/': case 'b': case 'f': case 'n': case 'r': case 't': p += 2; break;
            case 'u':
                if (to - p < 6 || !is_hex(p[2]) || !is_hex(p[3]) || !is_hex(p[4]) || !is_hex(p[5])) { return invalid; }
                p += 6;
                break;
            default: return invalid;
            }
        }
        add(offset, end, CSIMDJSON_STRING, CSIMDJSON_FLAG_ESCAPED);
        return {CSIMDJSON_OK, 0};
    }
};

csimdjson_result failed(Failure failure) { return {nullptr, 0, failure.code, failure.offset}; }

} // namespace

extern "C" csimdjson_result csimdjson_index(const uint8_t *bytes, size_t length, size_t maximum_depth) {
    if (length == 0 || bytes == nullptr) { return failed({CSIMDJSON_EMPTY, 0}); }
    if (length > simdjson::SIMDJSON_MAXSIZE_BYTES) { return failed({CSIMDJSON_TOO_LARGE, 0}); }

    static thread_local FirstStage kept;
    FirstStage single;
    FirstStage &stage = length <= kept_capacity ? kept : single;
    if (!stage || stage->capacity() < length) {
        const size_t capacity = length <= kept_capacity ? kept_capacity : length;
        const auto error = simdjson::get_active_implementation()->create_dom_parser_implementation(capacity, 1, stage);
        if (error != simdjson::SUCCESS) {
            stage.reset();
            return failed({CSIMDJSON_OUT_OF_MEMORY, 0});
        }
    }
    const auto error = stage->stage1(bytes, length, simdjson::stage1_mode::regular);
    if (error != simdjson::SUCCESS) { return failed(first_stage_failure(error, bytes, length)); }

    const size_t start_count = stage->n_structural_indexes;
    std::unique_ptr<uint32_t[]> open(new (std::nothrow) uint32_t[maximum_depth + 1]);
    auto *nodes = static_cast<csimdjson_node *>(std::malloc((start_count + 1) * sizeof(csimdjson_node)));
    if (!open || nodes == nullptr) {
        std::free(nodes);
        return failed({CSIMDJSON_OUT_OF_MEMORY, 0});
    }
    Indexer indexer(bytes, length, stage->structural_indexes.get(), start_count, nodes, maximum_depth, open.get());
    const Failure failure = indexer.run();
    if (failure.code != CSIMDJSON_OK) {
        std::free(nodes);
        return failed(failure);
    }
    return {nodes, indexer.count, CSIMDJSON_OK, 0};
}

extern "C" void csimdjson_free(csimdjson_node *nodes) { std::free(nodes); }
