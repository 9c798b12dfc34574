/* The limit: rooms over WebSocket, and nothing but reading, framing once and send().
 *
 *     limit PORT BATCH
 *
 * One thread, one epoll. What came for a room in one round of epoll is sent to each member in
 * writes of up to BATCH messages; with 1, each delivery is one send(). It asks for no name, keeps
 * nothing, checks no UTF-8, and closes on a fragmented message: less than this no server can do.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "handshake.h"

enum { EVENTS = 512, READ = 1 << 18, REST = 1 << 17, REQUEST = 8192, ROOMS = 4096 };
enum { TEXT = 1, CLOSE = 8, PING = 9, PONG = 10 };

typedef struct {
  uint8_t *at;
  size_t length, space;
} Buffer;

typedef struct Room Room;

typedef struct Connection {
  int fd;
  bool dead, waits_to_write;
  Room *room; /* none before the handshake */
  size_t place; /* in the room's members */
  Buffer rest; /* read, not yet whole */
  Buffer backlog; /* what the kernel did not take */
  struct Connection *next_dead;
} Connection;

struct Room {
  char *name;
  Connection **members;
  size_t count, size;
  Buffer pending; /* frames of this round */
  int messages; /* in `pending` */
  bool dirty;
  Room *next_dirty, *next;
};

static int epoll, batch;
static Room *rooms[ROOMS], *dirty;
static Connection *dead;

static void die(const char *what) {
  perror(what);
  exit(1);
}

static void append(Buffer *buffer, const void *data, size_t length) {
  if (buffer->length + length > buffer->space) {
    buffer->space = (buffer->length + length) * 2;
    buffer->at = realloc(buffer->at, buffer->space);
    if (!buffer->at) die("realloc");
  }
  memcpy(buffer->at + buffer->length, data, length);
  buffer->length += length;
}

static void release(Buffer *buffer) {
  free(buffer->at);
  *buffer = (Buffer){0};
}

/* ---- writing ---- */

/* Freed at the end of the round: until then events and rooms may still name it. */
static void doom(Connection *c) {
  if (c->dead) return;
  c->dead = true;
  c->next_dead = dead;
  dead = c;
}

static void watch(Connection *c, bool write) {
  struct epoll_event event = {.events = EPOLLIN | (write ? EPOLLOUT : 0), .data.ptr = c};
  epoll_ctl(epoll, EPOLL_CTL_MOD, c->fd, &event);
  c->waits_to_write = write;
}

static void deliver(Connection *c, const uint8_t *data, size_t length) {
  if (c->dead) return;
  if (!c->backlog.length) {
    ssize_t sent = send(c->fd, data, length, MSG_NOSIGNAL);
    if (sent == (ssize_t)length) return;
    if (sent < 0 && errno != EAGAIN) {
      doom(c);
      return;
    }
    if (sent > 0) data += sent, length -= sent;
  }
  append(&c->backlog, data, length);
  if (!c->waits_to_write) watch(c, true);
}

static void drain(Connection *c) {
  ssize_t sent = send(c->fd, c->backlog.at, c->backlog.length, MSG_NOSIGNAL);
  if (sent < 0) {
    if (errno != EAGAIN) doom(c);
    return;
  }
  c->backlog.length -= sent;
  memmove(c->backlog.at, c->backlog.at + sent, c->backlog.length);
  if (c->backlog.length) return;
  release(&c->backlog);
  watch(c, false);
}

static void flush(Room *room) {
  for (size_t i = 0; i < room->count; i++)
    deliver(room->members[i], room->pending.at, room->pending.length);
  room->pending.length = 0;
  room->messages = 0;
}

static void publish(Room *room, const uint8_t *text, size_t length) {
  uint8_t head[4] = {0x80 | TEXT, length};
  if (length < 126) {
    append(&room->pending, head, 2);
  } else {
    head[1] = 126, head[2] = length >> 8, head[3] = length;
    append(&room->pending, head, 4);
  }
  append(&room->pending, text, length);
  if (++room->messages == batch) {
    flush(room);
  } else if (!room->dirty) {
    room->dirty = true;
    room->next_dirty = dirty;
    dirty = room;
  }
}

/* ---- rooms ---- */

static void enter(Connection *c, const char *name, size_t length) {
  size_t hash = 5381;
  for (size_t i = 0; i < length; i++) hash = hash * 33 + (uint8_t)name[i];
  Room **slot = &rooms[hash % ROOMS], *room = *slot;
  while (room && (strlen(room->name) != length || memcmp(room->name, name, length))) room = room->next;
  if (!room) {
    room = calloc(1, sizeof *room);
    room->name = strndup(name, length);
    room->next = *slot;
    *slot = room;
  }
  if (room->count == room->size) {
    room->size = room->size ? room->size * 2 : 8;
    room->members = realloc(room->members, room->size * sizeof *room->members);
    if (!room->members) die("realloc");
  }
  c->room = room;
  c->place = room->count;
  room->members[room->count++] = c;
}

static void leave(Connection *c) {
  Connection *last = c->room->members[--c->room->count];
  c->room->members[c->place] = last;
  last->place = c->place;
}

static void bury(void) {
  while (dead) {
    Connection *c = dead;
    dead = c->next_dead;
    if (c->room) leave(c);
    close(c->fd);
    release(&c->rest);
    release(&c->backlog);
    free(c);
  }
}

/* ---- reading ---- */

/* How much of `data` is done with: the request with its end, or nothing of it. */
static size_t greet(Connection *c, const uint8_t *data, size_t length) {
  const char *request = (const char *)data, *name;
  const uint8_t *end = memmem(data, length, "\r\n\r\n", 4);
  char answer[ANSWER];
  size_t name_length;
  if (!end) {
    if (length > REQUEST) doom(c);
    return 0;
  }
  size_t head = end + 4 - data;
  int size = upgrade(request, head, answer, &name, &name_length);
  if (!size) {
    doom(c);
    return 0;
  }
  deliver(c, (uint8_t *)answer, size);
  enter(c, name, name_length);
  return head;
}

/* Unmasks the payload where it lies, eight bytes at a time. */
static void unmask(uint8_t *payload, size_t length, const uint8_t *key) {
  uint64_t wide;
  size_t i = 0;
  memcpy(&wide, key, 4);
  memcpy((uint8_t *)&wide + 4, key, 4);
  for (; i + 8 <= length; i += 8) {
    uint64_t word;
    memcpy(&word, payload + i, 8);
    word ^= wide;
    memcpy(payload + i, &word, 8);
  }
  for (; i < length; i++) payload[i] ^= key[i & 3];
}

static void control(Connection *c, int opcode, const uint8_t *payload, size_t length) {
  uint8_t frame[2 + 125] = {0x80 | (opcode == PING ? PONG : opcode), length};
  if (opcode == PONG) return;
  memcpy(frame + 2, payload, length);
  deliver(c, frame, 2 + length);
  if (opcode != PING) doom(c);
}

/* Takes the whole frames from `data`; what is left of it is returned as a length. */
static size_t frames(Connection *c, uint8_t *data, size_t length) {
  uint8_t *at = data, *end = data + length;
  while (!c->dead && end - at >= 6) {
    int opcode = at[0] & 15;
    size_t size = at[1] & 127, head = 6;
    if (!(at[1] & 0x80) || !(at[0] & 0x80) || at[0] & 0x70 || size == 127) {
      doom(c);
      break;
    }
    if (size == 126) {
      head = 8;
      size = at[2] << 8 | at[3];
    }
    if ((size_t)(end - at) < head + size) break;
    uint8_t *payload = at + head;
    unmask(payload, size, payload - 4);
    if (opcode == TEXT)
      publish(c->room, payload, size);
    else if (opcode >= CLOSE && opcode <= PONG && size <= 125)
      control(c, opcode, payload, size);
    else
      doom(c);
    at = payload + size;
  }
  return end - at;
}

static void hear(Connection *c) {
  static uint8_t buffer[REST + READ];
  uint8_t *data = buffer;
  size_t had = c->rest.length;
  if (had) memcpy(buffer, c->rest.at, had);
  ssize_t got = recv(c->fd, buffer + had, READ, 0);
  if (got <= 0) {
    if (got == 0 || errno != EAGAIN) doom(c);
    return;
  }
  size_t length = had + got, left;
  if (!c->room) {
    size_t done = greet(c, data, length);
    data += done;
    length -= done;
  }
  left = c->room ? frames(c, data, length) : length;
  if (left > REST) {
    doom(c);
  } else if (left) {
    c->rest.length = 0;
    append(&c->rest, data + length - left, left);
  } else if (had) {
    release(&c->rest);
  }
}

static void welcome(int listener) {
  int fd, on = 1;
  while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
    Connection *c = calloc(1, sizeof *c);
    if (!c) die("calloc");
    c->fd = fd;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event)) die("epoll_ctl");
  }
}

static int listen_on(int port) {
  int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, (void *)&address, sizeof address) || listen(fd, SOMAXCONN)) die("listen");
  return fd;
}

int main(int count, char **arguments) {
  struct epoll_event events[EVENTS];
  struct rlimit files;
  if (count != 3) {
    fprintf(stderr, "limit PORT BATCH\n");
    return 2;
  }
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  int listener = listen_on(atoi(arguments[1]));
  batch = atoi(arguments[2]);
  epoll = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
  for (;;) {
    int ready = epoll_wait(epoll, events, EVENTS, -1);
    for (int i = 0; i < ready; i++) {
      Connection *c = events[i].data.ptr;
      if (!c) {
        welcome(listener);
        continue;
      }
      if (!c->dead && events[i].events & EPOLLOUT) drain(c);
      if (!c->dead && events[i].events & ~EPOLLOUT) hear(c);
    }
    for (; dirty; dirty = dirty->next_dirty) {
      dirty->dirty = false;
      if (dirty->messages) flush(dirty);
    }
    bury();
  }
}
