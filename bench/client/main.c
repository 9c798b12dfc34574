/* Connect as the plan says, put the server under one kind of load, print what came of it as JSON. */
#define _GNU_SOURCE
#include "load.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

typedef struct {
    const char *plan, *mode;
    int group, at_once;
    uint32_t window;
    double rate, warm, time, settle, stall;
    bool signalled;
} Options;

static Options options = {
    .mode = "window", .at_once = 32, .window = 1, .rate = 1, .warm = 0.5, .time = 2, .settle = 0.5,
    .stall = 10,
};

static uint32_t *senders, sender_count, turn_of; /* connections that send, in rounds */
static uint64_t sent, whole, expected, received, disordered, deliveries, answers;
static bool measuring;
/* With --signalled the first begins what is measured, and the second ends it. */
static volatile sig_atomic_t signals;
static Times latency, acknowledgement;

/* -- what arrives */

static void on_marker(Connection *c, uint32_t sender, uint32_t number) {
    received++;
    if (sender >= load.plan.size || load.connections[sender].part->room != c->part->room ||
        !load.connections[sender].messages) {
        disordered++;
        return;
    }
    Connection *from = &load.connections[sender];
    if (number != c->expected[from->slot]) disordered++;
    c->expected[from->slot] = number + 1;
    c->received++;
    c->order = c->order * 1099511628211u + ((uint64_t)sender << 32 | number);
    Message *message = &from->messages[number % UNDER_WAY];
    if (message->number != number || !message->missing) {
        disordered++;
        return;
    }
    if (measuring) {
        deliveries++;
        add_time(&latency, now() - message->sent_at);
    }
    if (--message->missing == 0) whole++;
}

/* Answers come in the order of the requests. */
static void on_answer(Connection *c) {
    if (c->answered == c->sent) return;
    Message *message = &c->messages[c->answered++ % UNDER_WAY];
    if (measuring) {
        answers++;
        add_time(&acknowledgement, now() - message->sent_at);
    }
}

/* -- what is sent */

static bool may_send(const Connection *c) {
    return c->state == READY && !c->messages[c->sent % UNDER_WAY].missing;
}

static void publish(Connection *c, uint64_t at) {
    uint32_t members = load.plan.members[c->part->room];
    c->messages[c->sent % UNDER_WAY] = (Message){.sent_at = at, .number = c->sent, .missing = members};
    sent++;
    expected += members;
    send_message(c);
}

static Connection *next_sender(void) { return &load.connections[senders[turn_of++ % sender_count]]; }

/* So many messages under way, of all senders together, taking turns. */
static double keep_window(void) {
    for (uint32_t refused = 0; sent - whole < options.window && refused < sender_count;) {
        Connection *c = next_sender();
        refused = may_send(c) ? 0 : refused + 1;
        if (!refused) publish(c, now());
    }
    return 0.05;
}

/* So many messages of each sender under way. */
static double keep_each(void) {
    for (uint32_t i = 0; i < sender_count; i++) {
        Connection *c = &load.connections[senders[i]];
        while (may_send(c) && !c->messages[(c->sent - options.window) % UNDER_WAY].missing)
            publish(c, now());
    }
    return 0.05;
}

/* A message is sent at its time by the schedule, and its latency counts from there. */
static double keep_rate(void) {
    static uint64_t first, count;
    if (!first) first = now();
    for (;;) {
        uint64_t due = first + count * 1e9 / options.rate;
        double wait = ((double)due - (double)now()) / 1e9;
        if (wait > 0) return wait < 0.05 ? wait : 0.05;
        Connection *c = next_sender();
        if (!may_send(c)) {
            turn_of--;
            return 0.001;
        }
        publish(c, due);
        count++;
    }
}

/* -- phases */

static void prepare(void) {
    uint32_t *seen = calloc(load.plan.rooms, sizeof *seen);
    load.connections = calloc(load.plan.size, sizeof *load.connections);
    senders = calloc(load.plan.size, sizeof *senders);
    for (uint32_t i = 0; i < load.plan.size; i++) {
        Connection *c = &load.connections[i];
        c->part = &load.plan.parts[i];
        c->state = CLOSED;
        c->expected = calloc(load.plan.senders[c->part->room] + 1, sizeof *c->expected);
        if (!c->part->sends) continue;
        c->messages = calloc(UNDER_WAY, sizeof *c->messages);
        c->slot = seen[c->part->room]++;
        senders[sender_count++] = i;
    }
    free(seen);
}

static void give_up(const char *what) {
    fprintf(stderr, "%s: %u of %u ready, %u closed (%s)\n", what, load.ready, load.plan.size,
            load.closed, load.why[0] ? load.why : "none");
    exit(3);
}

static void connect_all(int at_once) {
    uint64_t progress = now();
    uint32_t before = 0;
    load.opened = load.closed = 0;
    while (load.ready < load.plan.size) {
        while (load.opened < load.plan.size &&
               load.opened - load.ready - load.closed < (uint32_t)at_once)
            open_connection(load.opened);
        turn(0.05);
        if (load.closed) give_up("not connected");
        if (load.ready != before) progress = now(), before = load.ready;
        if (now() - progress > options.stall * 1e9) give_up("stalled while connecting");
    }
}

static void pass(double seconds) {
    for (uint64_t end = now() + seconds * 1e9; now() < end;) turn(0.02);
}

/* Until nothing has come for a while: when the last thing came, or 0 if it never ended. */
static uint64_t pass_until_quiet(double quiet, double longest) {
    uint64_t frames = load.frames, last = now(), end = last + longest * 1e9;
    while (now() - last < quiet * 1e9) {
        if (now() > end) return 0;
        turn(0.02);
        if (load.frames != frames) frames = load.frames, last = now();
    }
    return last;
}

/* Close as a client does, so that the server is done with it before the next measurement. */
static void say_goodbye(void) {
    for (uint32_t i = 0; i < load.plan.size; i++) {
        Connection *c = &load.connections[i];
        if (c->state != READY) continue;
        static const uint8_t close_1000[] = {0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8};
        append(&c->out, close_1000, sizeof close_1000);
    }
    for (uint64_t end = now() + 5e9; load.ready && now() < end;) {
        for (uint32_t i = 0; i < load.plan.size; i++) {
            Connection *c = &load.connections[i];
            if (c->state == READY && c->out.size && !c->blocked) {
                struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.u32 = i};
                c->blocked = true;
                epoll_ctl(load.epoll, EPOLL_CTL_MOD, c->fd, &event);
            }
        }
        turn(0.02);
    }
}

/* Members of one room that hear the same messages in different orders. */
static uint64_t different_orders(void) {
    uint64_t *first = calloc(load.plan.rooms, sizeof *first), found = 0;
    for (uint32_t i = 0; i < load.plan.size; i++) {
        Connection *c = &load.connections[i];
        if (!first[c->part->room]) first[c->part->room] = c->order;
        else if (first[c->part->room] != c->order) found++;
    }
    free(first);
    return found;
}

/* -- results */

static void print_costs(const Account *from, const Account *to, double seconds) {
    double others = (to->busy - from->busy) - (to->cpu - from->cpu) - (to->own - from->own);
    printf(",\"seconds\":%.4f,\"cpu\":%.6f,\"user\":%.2f,\"system\":%.2f,\"processes\":%d,"
           "\"client_cpu\":%.4f,\"foreign_cpu\":%.3f,\"stolen\":%.3f",
           seconds, to->cpu - from->cpu, to->user - from->user, to->system - from->system,
           to->processes, to->own - from->own, others > 0 ? others : 0, to->stolen - from->stolen);
}

static void print_times(const char *name, const Times *times) {
    printf(",\"%s\":{\"count\":%lu,\"p50\":%.4f,\"p90\":%.4f,\"p99\":%.4f,\"max\":%.4f}", name,
           (unsigned long)times->total, percentile(times, .5), percentile(times, .9),
           percentile(times, .99), times->largest / 1e6);
}

static void print_connected(const Account *before, const Account *after, double seconds) {
    printf("{\"connections\":%u,\"connect_seconds\":%.4f,\"connect_cpu\":%.6f,\"rss_before\":%.0f,"
           "\"rss\":%.0f", load.plan.size, seconds, after->cpu - before->cpu, before->rss, after->rss);
}

static void on_signal(int number) {
    (void)number;
    signals++;
}

static bool may_begin(uint64_t begin) {
    return options.signalled ? signals > 0 : now() - begin >= options.warm * 1e9;
}

static bool goes_on(uint64_t from) {
    return !from || (now() - from < options.time * 1e9 && signals < 2);
}

/* Messages: warm up, measure, and then wait for what is still missing. */
static void talk(double (*keep)(void)) {
    uint64_t begin = now(), from = 0, progress = begin, seen = 0, frames = 0, bytes = 0;
    Account before = {0}, after;
    bool stalled = false;
    if (options.signalled) fprintf(stderr, "talking\n");
    do {
        turn(keep());
        uint64_t at = now();
        if (!from && may_begin(begin)) {
            before = account(options.group);
            from = now();
            frames = load.frames, bytes = load.bytes;
            measuring = true;
        }
        if (received != seen) seen = received, progress = at;
        stalled = at - progress > options.stall * 1e9 || load.closed;
    } while (goes_on(from) && !stalled);
    measuring = false;
    uint64_t until = now();
    after = account(options.group);
    frames = load.frames - frames, bytes = load.bytes - bytes;
    for (progress = now(); received < expected && now() - progress < options.stall * 1e9;) {
        turn(0.02);
        if (received != seen) seen = received, progress = now();
    }
    print_costs(&before, &after, from ? (until - from) / 1e9 : 0);
    printf(",\"sent\":%lu,\"deliveries\":%lu,\"frame_bytes\":%.1f,\"expected\":%lu,\"received\":%lu,"
           "\"disordered\":%lu,\"orders\":%lu,\"stalled\":%s",
           (unsigned long)sent, (unsigned long)deliveries, frames ? (double)bytes / frames : 0,
           (unsigned long)expected, (unsigned long)received, (unsigned long)disordered,
           (unsigned long)different_orders(), stalled ? "true" : "false");
    print_times("latency", &latency);
    print_times("answers", &acknowledgement);
}

/* Nothing is read any more, until a signal. */
static void be_stuck(void) {
    Account before = account(options.group);
    uint64_t begin = now();
    fprintf(stderr, "there\n");
    while (!signals) usleep(10000);
    Account after = account(options.group);
    print_costs(&before, &after, (now() - begin) / 1e9);
}

static void stay(void) {
    load.quiet = true;
    fprintf(stderr, "there\n");
    Account before = account(options.group);
    uint64_t frames = load.frames, pings = load.pings;
    pass(options.time);
    Account after = account(options.group);
    print_costs(&before, &after, options.time);
    printf(",\"frames\":%lu,\"pings\":%lu", (unsigned long)(load.frames - frames),
           (unsigned long)(load.pings - pings));
}

/* All connections are lost in one moment, and all come back in the next. */
static void storm(void) {
    load.quiet = true;
    pass_until_quiet(1, 60);
    fprintf(stderr, "storm\n");
    Account before = account(options.group);
    uint64_t begin = now(), frames = load.frames, bytes = load.bytes;
    for (uint32_t i = 0; i < load.plan.size; i++) drop(&load.connections[i]);
    connect_all(load.plan.size);
    uint64_t back = now(), last = pass_until_quiet(1, 60);
    Account after = account(options.group);
    fprintf(stderr, "steady\n");
    print_costs(&before, &after, (last ? last - begin : now() - begin) / 1e9);
    printf(",\"back_seconds\":%.3f,\"steady\":%s,\"frames\":%lu,\"frame_bytes\":%.1f",
           (back - begin) / 1e9, last ? "true" : "false", (unsigned long)(load.frames - frames),
           (double)(load.bytes - bytes) / (load.frames - frames + 1));
}

static void read_options(int count, char **words) {
    static const struct option known[] = {
        {"plan", 1, 0, 'p'}, {"port", 1, 0, 'P'}, {"group", 1, 0, 'g'}, {"mode", 1, 0, 'm'},
        {"at-once", 1, 0, 'a'}, {"window", 1, 0, 'w'}, {"rate", 1, 0, 'r'}, {"warm", 1, 0, 'W'},
        {"time", 1, 0, 't'}, {"settle", 1, 0, 's'}, {"stall", 1, 0, 'S'}, {"signalled", 0, 0, 'u'}, {0},
    };
    for (int option; (option = getopt_long(count, words, "", known, NULL)) != -1;) switch (option) {
        case 'p': options.plan = optarg; break;
        case 'P': load.port = atoi(optarg); break;
        case 'g': options.group = atoi(optarg); break;
        case 'm': options.mode = optarg; break;
        case 'a': options.at_once = atoi(optarg); break;
        case 'w': options.window = atoi(optarg); break;
        case 'r': options.rate = atof(optarg); break;
        case 'W': options.warm = atof(optarg); break;
        case 't': options.time = atof(optarg); break;
        case 's': options.settle = atof(optarg); break;
        case 'S': options.stall = atof(optarg); break;
        case 'u': options.signalled = true; break;
        default: exit(2);
    }
    if (!options.plan || !load.port || options.window >= UNDER_WAY) {
        fprintf(stderr, "--plan FILE and --port NUMBER are needed; bench/README.md has the others\n");
        exit(2);
    }
}

int main(int count, char **words) {
    read_options(count, words);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    read_plan(options.plan, &load.plan);
    signal(SIGUSR1, on_signal);
    load.epoll = epoll_create1(EPOLL_CLOEXEC);
    load.on_marker = on_marker;
    load.on_answer = on_answer;
    new_times(&latency);
    new_times(&acknowledgement);
    prepare();
    Account before = account(options.group);
    uint64_t begin = now();
    connect_all(options.at_once);
    double connected = (now() - begin) / 1e9;
    pass(options.settle);
    Account after = account(options.group);
    print_connected(&before, &after, connected);
    if (!strcmp(options.mode, "idle")) stay();
    else if (!strcmp(options.mode, "stuck")) be_stuck();
    else if (!strcmp(options.mode, "storm")) storm();
    else if (!strcmp(options.mode, "each")) talk(keep_each);
    else if (!strcmp(options.mode, "rate")) talk(keep_rate);
    else talk(keep_window);
    printf(",\"closed\":%u,\"why\":\"", load.closed);
    for (const char *at = load.why; *at; at++)
        if (*at != '"' && *at != '\\' && (unsigned char)*at >= ' ') putchar(*at);
    printf("\"}\n");
    if (strcmp(options.mode, "stuck")) say_goodbye();
    return 0;
}
