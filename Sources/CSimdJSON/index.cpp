#include "CSimdJSON.h"

#include <cstdint>
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

// How much of a text the first stage looks at in one go, in bytes. It needs four bytes of memory for each byte of that, which this keeps small
// and in the processor's cache, however long the text is.
constexpr size_t window_size = 64 * 1024;

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

// The first stage's work for one thread; a larger one, which only a long string needs, lives as long as the index of its text is made.
thread_local FirstStage kept_stage;

// The places where the tokens of a text begin: brackets, commas, colons, and the first bytes of scalars and names.
//
// A window must not end within a string. Its end is put where a name or string seems to follow a comma; should that be inside a string after
// all, the first stage finds the window's last string open, and a window of twice the size is tried.
class Tokens {
public:
    Tokens(const uint8_t *text, size_t length) : text(text), length(length) {}

    // Set when `next` has failed for another reason than the text's end.
    Failure failure = {CSIMDJSON_OK, 0};

    // Moves to the next token of this window.
    bool next_in_window() {
        position += 1;
        return position < count;
    }

    // Moves before the first token of the next window that has any.
    bool next_window() {
        position = SIZE_MAX;
        count = 0;
        for (size_t size = window_size; count == 0 && window_end < length;) {
            const size_t end = length - window_end <= size ? length : last_gap(window_end, window_end + size);
            const auto error = end > window_end ? run_first_stage(window_end, end) : simdjson::UNCLOSED_STRING;
            if (error == simdjson::UNCLOSED_STRING && end < length) {
                size *= 2;
                continue;
            }
            if (error != simdjson::SUCCESS && error != simdjson::EMPTY) {
                failure = first_stage_failure(error, text + window_end, end - window_end);
                failure.offset += window_end;
                return false;
            }
            window = window_end;
            window_end = end;
        }
        return count > 0;
    }

    // Moves behind the last token that the brackets before it leave open, within this window.
    //
    // - level: how many brackets are open, which changes with each that is passed.
    // - Returns: whether that token was found.
    bool skip_in_window(size_t &level) {
        const uint8_t *from = text + window;
        size_t still_open = level;
        for (size_t i = position + 1; i < count; i += 1) {
            const uint8_t c = from[starts[i]];
            still_open += (c | 0x20) == '{';
            still_open -= (c | 0x20) == '}';
            if (still_open == 0) {
                position = i;
                level = 0;
                return true;
            }
        }
        position = count;
        level = still_open;
        return false;
    }

    size_t offset() const { return window + starts[position]; }

    // The first place behind the token that can belong to another one.
    size_t limit() const { return position + 1 < count ? window + starts[position + 1] : window_end; }

    size_t count_in_window() const { return count; }

    size_t end_of_window() const { return window_end; }

private:
    const uint8_t *text;
    size_t length;
    size_t window = 0;
    size_t window_end = 0;
    const uint32_t *starts = nullptr;
    // Of the token that is looked at, SIZE_MAX before the first one.
    size_t position = SIZE_MAX;
    size_t count = 0;
    FirstStage large_stage;

    // The last place between two offsets at which a comma stands before a quote, or else any comma; the first offset when there is none.
    size_t last_gap(size_t from, size_t to) const {
        bool before_quote = false;
        size_t last_comma = from;
        for (size_t i = to; i > from; i -= 1) {
            const uint8_t c = text[i - 1];
            if (c == ',' && before_quote) { return i - 1; }
            if (c == ',' && last_comma == from) { last_comma = i - 1; }
            before_quote = c == '"' || (before_quote && is_space(c));
        }
        return last_comma;
    }

    simdjson::error_code run_first_stage(size_t from, size_t to) {
        const size_t size = to - from;
        FirstStage &stage = size <= window_size ? kept_stage : large_stage;
        if (!stage || stage->capacity() < size) {
            const size_t capacity = size <= window_size ? window_size : size;
            const auto error = simdjson::get_active_implementation()->create_dom_parser_implementation(capacity, 1, stage);
            if (error != simdjson::SUCCESS) {
                stage.reset();
                return simdjson::MEMALLOC;
            }
        }
        const auto error = stage->stage1(text + from, size, simdjson::stage1_mode::regular);
        if (error == simdjson::SUCCESS) {
            starts = stage->structural_indexes.get();
            count = stage->n_structural_indexes;
        }
        return error;
    }
};

class Indexer {
public:
    Indexer(
        const uint8_t *text, size_t length, size_t maximum_depth, size_t outline_depth, csimdjson_reserve reserve, void *context
    )
        : tokens(text, length), text(text), length(length), maximum_depth(maximum_depth), outline_depth(outline_depth), reserve(reserve),
          context(context) {}

    ~Indexer() { std::free(nodes); }

    // The index, which the caller frees.
    csimdjson_node *take_nodes() {
        csimdjson_node *taken = nodes;
        nodes = nullptr;
        return taken;
    }

    size_t count = 0;

    Failure run() {
        open.reset(new (std::nothrow) uint32_t[maximum_depth + 1]);
        if (!open) { return {CSIMDJSON_OUT_OF_MEMORY, 0}; }
        bool in_object = false;
        if (!next()) { return tokens.failure.code != CSIMDJSON_OK ? tokens.failure : Failure{CSIMDJSON_EMPTY, length}; }

    value:
        if (byte == '{' || byte == '[') {
            if (depth >= outline_depth) {
                if (!skip()) { return end(); }
                goto after_value;
            }
            if (depth >= maximum_depth) { return {CSIMDJSON_TOO_DEEP, offset}; }
            in_object = byte == '{';
            begin(in_object ? CSIMDJSON_OBJECT : CSIMDJSON_ARRAY);
            if (!next()) { return end(); }
            if (byte == (in_object ? '}' : ']')) { goto close; }
            if (in_object) { goto name; }
            goto value;
        } else {
            const Failure failure = scalar();
            if (failure.code != CSIMDJSON_OK) { return failure; }
        }

    after_value:
        if (depth == 0) { return next() ? Failure{CSIMDJSON_TRAILING_CONTENT, offset} : tokens.failure; }
        if (!next()) { return end(); }
        if (byte == ',') {
            if (!next()) { return end(); }
            if (in_object) { goto name; }
            goto value;
        }
        if (byte != (in_object ? '}' : ']')) { return unexpected(); }

    close:
        close();
        in_object = depth > 0 && nodes[open[depth - 1]].kind == CSIMDJSON_OBJECT;
        goto after_value;

    name:
        if (byte != '"') { return unexpected(); }
        {
            const Failure failure = string();
            if (failure.code != CSIMDJSON_OK) { return failure; }
        }
        if (!next()) { return end(); }
        if (byte != ':') { return unexpected(); }
        if (!next()) { return end(); }
        goto value;
    }

private:
    Tokens tokens;
    const uint8_t *text;
    size_t length;
    size_t maximum_depth;
    size_t outline_depth;
    csimdjson_reserve reserve;
    void *context;
    // The token that is looked at.
    size_t offset = 0;
    uint8_t byte = 0;

    csimdjson_node *nodes = nullptr;
    size_t capacity = 0;
    // The nodes of the containers around the token.
    std::unique_ptr<uint32_t[]> open;
    size_t depth = 0;

    // No backslash stands between the string that was looked at last and here.
    const uint8_t *next_backslash = nullptr;
    size_t backslashes_known_to = 0;

    bool next() {
        if (__builtin_expect(!tokens.next_in_window(), false) && !(next_window() && tokens.next_in_window())) { return false; }
        offset = tokens.offset();
        byte = text[offset];
        return true;
    }

    // Makes room for a node for each token of the window, so that none has to be made for a single one.
    __attribute__((noinline)) bool next_window() {
        if (!tokens.next_window()) { return false; }
        const size_t needed = count + tokens.count_in_window();
        if (needed <= capacity) { return true; }
        const size_t wanted = count == 0 || needed > 2 * capacity ? needed : 2 * capacity;
        if (reserve != nullptr && !reserve(context, wanted - capacity)) {
            tokens.failure = {CSIMDJSON_NO_ROOM, 0};
            return false;
        }
        auto *grown = static_cast<csimdjson_node *>(std::realloc(nodes, wanted * sizeof(csimdjson_node)));
        if (grown == nullptr) {
            tokens.failure = {CSIMDJSON_OUT_OF_MEMORY, 0};
            return false;
        }
        nodes = grown;
        capacity = wanted;
        return true;
    }

    Failure end() const { return tokens.failure.code != CSIMDJSON_OK ? tokens.failure : Failure{CSIMDJSON_UNEXPECTED_END, length}; }

    Failure unexpected() const { return {CSIMDJSON_UNEXPECTED_CHARACTER, offset}; }

    void add(size_t start, size_t end, uint8_t kind, uint8_t flags) {
        nodes[count] = {static_cast<uint32_t>(start), static_cast<uint32_t>(end), static_cast<uint32_t>(count + 1), kind, flags, 0};
        count += 1;
    }

    void begin(uint8_t kind) {
        open[depth] = static_cast<uint32_t>(count);
        depth += 1;
        add(offset, offset, kind, 0);
    }

    void close() {
        depth -= 1;
        csimdjson_node &node = nodes[open[depth]];
        node.end = static_cast<uint32_t>(offset + 1);
        node.next = static_cast<uint32_t>(count);
    }

    // Passes over a container, whose brackets alone are counted.
    bool skip() {
        const size_t start = offset;
        const uint8_t kind = byte == '{' ? CSIMDJSON_OBJECT : CSIMDJSON_ARRAY;
        for (size_t level = 1; !tokens.skip_in_window(level);) {
            if (!next_window()) { return false; }
        }
        add(start, tokens.offset() + 1, kind, CSIMDJSON_FLAG_OUTLINED);
        return true;
    }

    // A scalar reaches to the next token, less the white space before it.
    size_t scalar_end() const {
        size_t end = tokens.limit();
        while (end > offset + 1 && is_space(text[end - 1])) { end -= 1; }
        return end;
    }

    Failure scalar() {
        switch (byte) {
        case '"': return string();
        case 't': return literal("true", 4, CSIMDJSON_TRUE);
        case 'f': return literal("false", 5, CSIMDJSON_FALSE);
        case 'n': return literal("null", 4, CSIMDJSON_NULL);
        default: break;
        }
        if (byte == '-' || is_digit(byte)) { return number(); }
        if (byte == '}' || byte == ']' || byte == ',' || byte == ':') { return unexpected(); }
        return {CSIMDJSON_INVALID_LITERAL, offset};
    }

    Failure literal(const char *word, size_t word_length, uint8_t kind) {
        const size_t end = scalar_end();
        if (end - offset != word_length || std::memcmp(text + offset, word, word_length) != 0) {
            return {CSIMDJSON_INVALID_LITERAL, offset};
        }
        add(offset, end, kind, 0);
        return {CSIMDJSON_OK, 0};
    }

    Failure number() {
        const size_t end = scalar_end();
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

    __attribute__((always_inline)) Failure string() {
        const size_t end = scalar_end();
        if (end < offset + 2 || text[end - 1] != '"') { return {CSIMDJSON_UNTERMINATED_STRING, offset}; }
        const uint8_t *to = text + end - 1;
        const uint8_t *backslash = first_backslash(text + offset + 1);
        if (backslash >= to) {
            add(offset, end, CSIMDJSON_STRING, 0);
            return {CSIMDJSON_OK, 0};
        }
        return escaped_string(backslash, to);
    }

    // Found once for all strings before it, so that what has no escapes is searched in one go.
    const uint8_t *first_backslash(const uint8_t *from) {
        if (next_backslash >= from && backslashes_known_to == tokens.end_of_window()) { return next_backslash; }
        backslashes_known_to = tokens.end_of_window();
        const uint8_t *end = text + backslashes_known_to;
        const auto *found = static_cast<const uint8_t *>(std::memchr(from, '\\', static_cast<size_t>(end - from)));
        next_backslash = found == nullptr ? end : found;
        return next_backslash;
    }

    Failure escaped_string(const uint8_t *backslash, const uint8_t *to) {
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
        add(offset, static_cast<size_t>(to - text) + 1, CSIMDJSON_STRING, CSIMDJSON_FLAG_ESCAPED);
        return {CSIMDJSON_OK, 0};
    }
};

csimdjson_result failed(Failure failure) { return {nullptr, 0, failure.code, failure.offset}; }

} // namespace

extern "C" csimdjson_result csimdjson_index(
    const uint8_t *bytes, size_t length, size_t maximum_depth, size_t outline_depth, csimdjson_reserve reserve, void *context
) {
    if (length == 0 || bytes == nullptr) { return failed({CSIMDJSON_EMPTY, 0}); }
    if (length > simdjson::SIMDJSON_MAXSIZE_BYTES) { return failed({CSIMDJSON_TOO_LARGE, 0}); }
    Indexer indexer(bytes, length, maximum_depth, outline_depth, reserve, context);
    const Failure failure = indexer.run();
    if (failure.code != CSIMDJSON_OK) { return failed(failure); }
    return {indexer.take_nodes(), indexer.count, CSIMDJSON_OK, 0};
}

extern "C" void csimdjson_free(csimdjson_node *nodes) { std::free(nodes); }
