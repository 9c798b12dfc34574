#define _GNU_SOURCE
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

Load load;

static uint8_t input[1 << 20];

static uint32_t random_mask(void) {
    static uint32_t state = 2463534242u;
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

static uint32_t index_of(const Connection *c) { return c - load.connections; }

static void watch(Connection *c, int operation, bool output) {
    struct epoll_event event = {.events = EPOLLIN | (output ? EPOLLOUT : 0), .data.u32 = index_of(c)};
    epoll_ctl(load.epoll, operation, c->fd, &event);
    c->blocked = output;
}

void drop(Connection *c) {
    if (c->state == CLOSED) return;
    if (c->state == READY) load.ready--;
    c->state = CLOSED;
    c->in.size = c->out.size = 0;
    load.closed++;
    close(c->fd);
}

static void lose(Connection *c, const char *why) {
    static const char *states[] = {"connecting", "upgrading", "greeting", "ready"};
    if (!load.why[0])
        snprintf(load.why, sizeof load.why, "connection %u, %s: %.400s", index_of(c),
                 states[c->state], why);
    drop(c);
}

static void flush(Connection *c) {
    size_t gone = 0;
    while (gone < c->out.size) {
        ssize_t sent = send(c->fd, c->out.at + gone, c->out.size - gone, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN) {
            lose(c, strerror(errno));
            return;
        }
        if (sent < 0) break;
        gone += sent;
    }
    memmove(c->out.at, c->out.at + gone, c->out.size - gone);
    c->out.size -= gone;
    if (c->blocked != (c->out.size > 0)) watch(c, EPOLL_CTL_MOD, c->out.size > 0);
}

static void send_frame(Connection *c, uint8_t opcode, const void *payload, size_t size) {
    append_frame(&c->out, opcode, payload, size, random_mask());
    if (!c->blocked) flush(c);
}

void send_message(Connection *c) {
    const Part *part = c->part;
    static Buffer message;
    message.size = 0;
    append(&message, part->message.at, part->message.size);
    write_marker(message.at + part->marker, load.plan.run, index_of(c), c->sent++);
    send_frame(c, part->binary ? 2 : 1, message.at, message.size);
}

void open_connection(uint32_t index) {
    Connection *c = &load.connections[index];
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(load.port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int yes = 1;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    c->state = CONNECTING;
    c->heard = c->tail.size = 0;
    load.opened++;
    if (c->fd < 0) {
        perror("socket");
        exit(2);
    }
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (connect(c->fd, (struct sockaddr *)&to, sizeof to) && errno != EINPROGRESS) {
        lose(c, strerror(errno));
        return;
    }
    watch(c, EPOLL_CTL_ADD, true);
}

static void greet(Connection *c) {
    const Part *part = c->part;
    c->state = GREETING;
    for (uint32_t i = 0; i < part->hellos && c->state != CLOSED; i++)
        send_frame(c, part->binary ? 2 : 1, part->hello[i].at, part->hello[i].size);
}

static bool holds(const Frame *frame, Bytes word) {
    return !word.size || memmem(frame->payload, frame->size, word.at, word.size);
}

static void marked(void *context, uint32_t sender, uint32_t number) {
    load.on_marker(context, sender, number);
}

static void take_data(Connection *c, const Frame *frame) {
    const Part *part = c->part;
    load.frames++;
    load.bytes += frame->size;
    if (c->state == GREETING) {
        c->heard += holds(frame, part->word);
        return;
    }
    if (load.quiet) return;
    if (part->answer.size && holds(frame, part->answer)) load.on_answer(c);
    find_markers(frame->payload, frame->size, load.plan.run, &c->tail, marked, c);
}

static void take(Connection *c, const Frame *frame) {
    char why[160];
    switch (frame->opcode) {
    case 0: case 1: case 2:
        take_data(c, frame);
        break;
    case 8:
        snprintf(why, sizeof why, "closed with %d: %.*s",
                 frame->size > 1 ? frame->payload[0] << 8 | frame->payload[1] : 0,
                 frame->size > 2 ? (int)frame->size - 2 : 0, frame->payload + 2);
        lose(c, why);
        break;
    case 9:
        load.pings++;
        send_frame(c, 10, frame->payload, frame->size);
        break;
    }
}

static void become_ready(Connection *c) {
    if (c->state == GREETING && c->heard >= c->part->awaited) {
        c->state = READY;
        load.ready++;
    }
}

/* Bytes of the answer to the upgrade request, 0 if it is not whole yet. */
static size_t take_head(Connection *c, const uint8_t *bytes, size_t size) {
    const uint8_t *end = memmem(bytes, size, "\r\n\r\n", 4);
    if (!end) return 0;
    if (memcmp(bytes, "HTTP/1.1 101", 12)) {
        char line[100];
        snprintf(line, sizeof line, "answered %.*s", (int)(size < 60 ? size : 60), bytes);
        lose(c, line);
        return 0;
    }
    greet(c);
    become_ready(c);
    return end + 4 - bytes;
}

static void take_bytes(Connection *c, const uint8_t *bytes, size_t size) {
    size_t taken = c->state == UPGRADING ? take_head(c, bytes, size) : 0;
    Frame frame;
    while (c->state == GREETING || c->state == READY) {
        int64_t length = parse_frame(bytes + taken, size - taken, &frame);
        if (length == 0) break;
        if (length < 0) {
            lose(c, "a frame that a server may not send");
            return;
        }
        taken += length;
        take(c, &frame);
        become_ready(c);
    }
    if (c->state == CLOSED) return;
    c->in.size = 0;
    if (taken < size) append(&c->in, bytes + taken, size - taken);
}

static void receive(Connection *c) {
    ssize_t got = recv(c->fd, input, sizeof input, 0);
    if (got <= 0) {
        if (got == 0 || errno != EAGAIN) lose(c, got == 0 ? "ended" : strerror(errno));
        return;
    }
    if (!c->in.size) {
        take_bytes(c, input, got);
        return;
    }
    append(&c->in, input, got);
    Buffer all = c->in;
    c->in = (Buffer){0};
    take_bytes(c, all.at, all.size);
    free(all.at);
}

static void handle(Connection *c, uint32_t events) {
    if (c->state == CONNECTING && events & EPOLLOUT && !(events & EPOLLERR)) {
        c->state = UPGRADING;
        append(&c->out, c->part->request.at, c->part->request.size);
    }
    if (events & EPOLLOUT && c->state != CLOSED) flush(c);
    if (events & ~EPOLLOUT && c->state != CLOSED) receive(c);
}

void turn(double seconds) {
    static struct epoll_event events[512];
    struct timespec wait = {.tv_sec = seconds > 0 ? seconds : 0};
    if (seconds > 0) wait.tv_nsec = (seconds - wait.tv_sec) * 1e9;
    int count = epoll_pwait2(load.epoll, events, 512, &wait, NULL);
    for (int i = 0; i < count; i++) {
        Connection *c = &load.connections[events[i].data.u32];
        if (c->state != CLOSED) handle(c, events[i].events);
    }
}
