#include "load.h"

#include <stdlib.h>
#include <string.h>

void append(Buffer *buffer, const void *bytes, size_t size) {
    if (buffer->size + size > buffer->room) {
        buffer->room = (buffer->size + size) * 2;
        buffer->at = realloc(buffer->at, buffer->room);
        if (!buffer->at) abort();
    }
    memcpy(buffer->at + buffer->size, bytes, size);
    buffer->size += size;
}

void append_frame(Buffer *buffer, uint8_t opcode, const void *payload, size_t size, uint32_t mask) {
    uint8_t head[14] = {0x80 | opcode};
    size_t length = 2;
    if (size < 126) {
        head[1] = 0x80 | size;
    } else {
        int wide = size < 65536 ? 2 : 8;
        head[1] = 0x80 | (wide == 2 ? 126 : 127);
        for (int i = 0; i < wide; i++) head[length++] = size >> (8 * (wide - 1 - i));
    }
    memcpy(head + length, &mask, 4);
    const uint8_t *key = head + length;
    append(buffer, head, length + 4);
    append(buffer, payload, size);
    uint8_t *masked = buffer->at + buffer->size - size;
    for (size_t i = 0; i < size; i++) masked[i] ^= key[i & 3];
}

int64_t parse_frame(const uint8_t *bytes, size_t size, Frame *frame) {
    if (size < 2) return 0;
    if (bytes[0] & 0x70 || bytes[1] & 0x80) return -1; /* extensions, masked */
    size_t head = 2, length = bytes[1] & 0x7f;
    int wide = length == 126 ? 2 : length == 127 ? 8 : 0;
    if (wide) {
        if (size < head + wide) return 0;
        length = 0;
        for (int i = 0; i < wide; i++) length = length << 8 | bytes[head + i];
        head += wide;
    }
    if (length > 1 << 24) return -1;
    if (size - head < length) return 0;
    frame->opcode = bytes[0] & 15;
    frame->final = bytes[0] >> 7;
    frame->payload = bytes + head;
    frame->size = length;
    return head + length;
}

static void put_hex(uint8_t *at, int digits, uint32_t value) {
    while (digits--) {
        at[digits] = "0123456789abcdef"[value & 15];
        value >>= 4;
    }
}

static bool get_hex(const uint8_t *at, int digits, uint32_t *value) {
    *value = 0;
    for (; digits--; at++) {
        int digit = *at >= '0' && *at <= '9' ? *at - '0'
                  : *at >= 'a' && *at <= 'f' ? *at - 'a' + 10 : -1;
        if (digit < 0) return false;
        *value = *value << 4 | digit;
    }
    return true;
}

void write_marker(uint8_t *at, uint32_t run, uint32_t sender, uint32_t number) {
    at[0] = '~';
    put_hex(at + 1, 3, run);
    put_hex(at + 4, 4, sender);
    put_hex(at + 8, 6, number);
}

static void try_marker(const uint8_t *at, uint32_t run, Marked *marked, void *context) {
    uint32_t of, sender, number;
    if (get_hex(at + 1, 3, &of) && of == run && get_hex(at + 4, 4, &sender) &&
        get_hex(at + 8, 6, &number))
        marked(context, sender, number);
}

void find_markers(const uint8_t *bytes, size_t size, uint32_t run, Tail *tail, Marked *marked,
                  void *context) {
    const uint8_t *at = bytes, *end = bytes + size;
    if (tail->size) {
        size_t rest = MARKER - tail->size;
        size_t take = rest < size ? rest : size;
        memcpy(tail->bytes + tail->size, bytes, take);
        tail->size += take;
        if (tail->size < MARKER) return;
        tail->size = 0;
        try_marker((const uint8_t *)tail->bytes, run, marked, context);
        at += take; /* what comes before a marker's end begins none: ~ is no hexadecimal digit */
    }
    while (at < end && (at = memchr(at, '~', end - at))) {
        if (end - at < MARKER) {
            tail->size = end - at;
            memcpy(tail->bytes, at, tail->size);
            return;
        }
        try_marker(at, run, marked, context);
        at++;
    }
}
