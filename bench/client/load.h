/* A WebSocket load client: one thread, epoll, no libraries. bench/README.md says how it is told what to do. */
#ifndef LOAD_H
#define LOAD_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ~ and 13 hexadecimal digits: 3 of the run, 4 of the sender, 6 of its message's number. */
enum { MARKER = 14 };
/* Messages of one sender that can be under way. A power of two. */
enum { UNDER_WAY = 1024 };

/* -- plan.c: what each connection is to do, from a file that the harness writes. */

typedef struct {
    const uint8_t *at;
    uint32_t size;
} Bytes;

typedef struct {
    uint32_t room;
    bool sends, binary;
    uint32_t awaited; /* frames holding `word` to wait for before it counts as ready */
    Bytes word, request, answer, message;
    uint32_t marker; /* where in the message it goes */
    uint32_t hellos;
    Bytes *hello;
} Part;

typedef struct {
    uint32_t run, size, rooms;
    Part *parts;
    uint32_t *members, *senders; /* of each room */
} Plan;

void read_plan(const char *path, Plan *plan);

/* -- frames.c: bytes and frames, without a socket. */

typedef struct {
    uint8_t *at;
    size_t size, room;
} Buffer;

typedef struct {
    uint8_t opcode;
    bool final;
    const uint8_t *payload;
    size_t size;
} Frame;

void append(Buffer *buffer, const void *bytes, size_t size);
void append_frame(Buffer *buffer, uint8_t opcode, const void *payload, size_t size, uint32_t mask);
/* Bytes taken, 0 if the frame is not whole yet, -1 if a server may not send it. */
int64_t parse_frame(const uint8_t *bytes, size_t size, Frame *frame);

typedef struct {
    char bytes[MARKER];
    uint32_t size;
} Tail;

typedef void Marked(void *context, uint32_t sender, uint32_t number);
/* Calls `marked` for each marker of this run. One may straddle two payloads: `tail` keeps its
   beginning. */
void find_markers(const uint8_t *bytes, size_t size, uint32_t run, Tail *tail, Marked *marked,
                  void *context);
void write_marker(uint8_t *at, uint32_t run, uint32_t sender, uint32_t number);

/* -- measure.c: times, percentiles, what the kernel says of processes. */

uint64_t now(void); /* ns */

typedef struct {
    uint64_t *counts, total, largest;
} Times;

void new_times(Times *times);
void add_time(Times *times, uint64_t ns);
double percentile(const Times *times, double part); /* ms */

typedef struct {
    double cpu, user, system; /* seconds */
    double rss;               /* KiB */
    int processes;
    double own;   /* seconds of this process */
    double busy;  /* seconds of all processors, of everybody */
    double stolen;
} Account;

Account account(int group);

/* -- sockets.c: connections. */

enum { CONNECTING, UPGRADING, GREETING, READY, CLOSED };

typedef struct {
    uint64_t sent_at;
    uint32_t number, missing;
} Message;

typedef struct {
    int fd, state;
    const Part *part;
    Buffer in, out;
    bool blocked;
    uint32_t heard; /* frames towards `awaited` */
    Tail tail;
    uint32_t sent, answered;
    Message *messages;  /* of a sender: those under way */
    uint32_t slot;      /* of a sender: among his room's */
    uint32_t *expected; /* of each sender of the room: the number to come */
    uint64_t received, order;
} Connection;

typedef struct {
    Plan plan;
    int port, epoll;
    Connection *connections;
    uint32_t opened, ready, closed;
    uint64_t frames, bytes; /* received, of data */
    uint64_t pings;
    char why[512];          /* the first connection that was closed */
    void (*on_marker)(Connection *, uint32_t sender, uint32_t number);
    void (*on_answer)(Connection *);
    bool quiet; /* payloads are only counted */
} Load;

extern Load load;

void open_connection(uint32_t index);
void send_message(Connection *connection);
void drop(Connection *connection);
/* Handle what is there, waiting at most so long. */
void turn(double seconds);

#endif
