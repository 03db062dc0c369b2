#ifndef CSIMDJSON_H
#define CSIMDJSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What a node of the index stands for.
enum {
    CSIMDJSON_NULL = 0,
    CSIMDJSON_FALSE = 1,
    CSIMDJSON_TRUE = 2,
    CSIMDJSON_NUMBER = 3,
    CSIMDJSON_STRING = 4,
    CSIMDJSON_ARRAY = 5,
    CSIMDJSON_OBJECT = 6,
};

/// The string has at least one backslash escape; without it the bytes between the quotes are the value.
#define CSIMDJSON_FLAG_ESCAPED 1
/// The number has neither fraction nor exponent.
#define CSIMDJSON_FLAG_INTEGER 2
/// The container was passed over: its brackets are balanced, and nothing more is known of what is between them.
#define CSIMDJSON_FLAG_OUTLINED 4

/// One value (or member name) of a document. Nodes stand in document order: the children of a node at `i` are the nodes
/// from `i + 1` up to, not including, `next`; an object's children alternate between name and value.
typedef struct {
    /// Byte offset of the first byte of the value's text.
    uint32_t start;
    /// Byte offset after the last byte of the value's text.
    uint32_t end;
    /// Index of the first node behind this one and all that it holds.
    uint32_t next;
    uint8_t kind;
    uint8_t flags;
    uint16_t reserved;
} csimdjson_node;

/// Why a text is not JSON (RFC 8259).
enum {
    CSIMDJSON_OK = 0,
    CSIMDJSON_EMPTY = 1,
    CSIMDJSON_INVALID_UTF8 = 2,
    CSIMDJSON_UNTERMINATED_STRING = 3,
    CSIMDJSON_CONTROL_CHARACTER = 4,
    CSIMDJSON_INVALID_ESCAPE = 5,
    CSIMDJSON_INVALID_NUMBER = 6,
    CSIMDJSON_INVALID_LITERAL = 7,
    CSIMDJSON_UNEXPECTED_CHARACTER = 8,
    CSIMDJSON_UNEXPECTED_END = 9,
    CSIMDJSON_TRAILING_CONTENT = 10,
    CSIMDJSON_TOO_DEEP = 11,
    CSIMDJSON_TOO_LARGE = 12,
    CSIMDJSON_OUT_OF_MEMORY = 13,
    /// `reserve` has refused.
    CSIMDJSON_NO_ROOM = 14,
};

typedef struct {
    /// The index, owned by the caller and given back with `csimdjson_free`; NULL on error.
    csimdjson_node *nodes;
    size_t count;
    int error;
    /// Byte offset at which the text stops being JSON.
    size_t error_offset;
} csimdjson_result;

/// Asks, before the index grows, whether it may by so many nodes.
typedef bool (*csimdjson_reserve)(void *context, size_t nodes);

/// Checks that the whole text is one JSON value and indexes it. simdjson finds the structure and checks the encoding
/// (no padding behind the text is needed); grammar, escapes and numbers are checked here, and every number and string
/// keeps its spelling because the index holds offsets, not values.
///
/// `reserve` may be NULL, for an index that grows as it has to; what was reserved is for the caller to give back, after an error as well.
///
/// Containers within `outline_depth` others are passed over and marked CSIMDJSON_FLAG_OUTLINED; their grammar is not checked.
csimdjson_result csimdjson_index(const uint8_t *bytes, size_t length, size_t maximum_depth, size_t outline_depth, csimdjson_reserve reserve,
    void *context);

void csimdjson_free(csimdjson_node *nodes);

#ifdef __cplusplus
}
#endif

#endif
