#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t *at, *end;

static void fail(const char *what) {
    fprintf(stderr, "plan: %s\n", what);
    exit(2);
}

static uint32_t number(void) {
    uint32_t value;
    if (end - at < 4) fail("cut short");
    memcpy(&value, at, 4);
    at += 4;
    return value;
}

static Bytes bytes(void) {
    Bytes found = {.size = number()};
    found.at = at;
    if (end - at < found.size) fail("cut short");
    at += found.size;
    return found;
}

static uint8_t *contents(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    if (!file) fail("cannot be opened");
    uint8_t *all = NULL;
    size_t room = 0, got;
    *size = 0;
    do {
        room = room ? room * 2 : 1 << 20;
        all = realloc(all, room);
        got = fread(all + *size, 1, room - *size, file);
        *size += got;
    } while (*size == room);
    fclose(file);
    return all;
}

/* All numbers are of 32 bits, little-endian as the machine is; bytes have their count before them. */
void read_plan(const char *path, Plan *plan) {
    size_t size;
    at = contents(path, &size);
    end = at + size;
    plan->run = number();
    plan->size = number();
    plan->rooms = number();
    plan->parts = calloc(plan->size, sizeof *plan->parts);
    plan->members = calloc(plan->rooms, sizeof *plan->members);
    plan->senders = calloc(plan->rooms, sizeof *plan->senders);
    for (uint32_t i = 0; i < plan->size; i++) {
        Part *part = &plan->parts[i];
        part->room = number();
        if (part->room >= plan->rooms) fail("no such room");
        part->sends = number();
        part->binary = number();
        part->awaited = number();
        part->word = bytes();
        part->request = bytes();
        part->answer = bytes();
        part->message = bytes();
        part->marker = number();
        if (part->sends && part->marker + MARKER > part->message.size) fail("no marker");
        part->hellos = number();
        part->hello = calloc(part->hellos, sizeof *part->hello);
        for (uint32_t k = 0; k < part->hellos; k++) part->hello[k] = bytes();
        plan->members[part->room]++;
        plan->senders[part->room] += part->sends;
    }
    if (at != end) fail("goes on");
}
