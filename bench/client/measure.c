#define _GNU_SOURCE
#include "load.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static uint64_t ns_of(struct timespec t) { return t.tv_sec * 1000000000ull + t.tv_nsec; }

uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return ns_of(t);
}

/* 64 buckets for each power of two: within 1.6 %. */
enum { FINE = 6, BUCKETS = 64 << FINE };

void new_times(Times *times) {
    *times = (Times){.counts = calloc(BUCKETS, sizeof *times->counts)};
}

void add_time(Times *times, uint64_t ns) {
    int shift = ns >> FINE ? 63 - FINE - __builtin_clzll(ns) : 0;
    times->counts[((uint64_t)shift << FINE) + (ns >> shift)]++;
    times->total++;
    if (ns > times->largest) times->largest = ns;
}

double percentile(const Times *times, double part) {
    uint64_t wanted = times->total * part, seen = 0;
    for (uint64_t i = 0; i < BUCKETS; i++) {
        seen += times->counts[i];
        if (seen > wanted) {
            uint64_t shift = i >> (FINE + 1) ? (i >> FINE) - 1 : 0;
            double low = (double)((i - (shift << FINE)) << shift), width = 1ull << shift;
            return (low + width / 2) / 1e6;
        }
    }
    return times->largest / 1e6;
}

/* The clock of another process is exact; its ticks in stat are not, and only divide it. */
static void add_process(Account *account, int pid, const char *stat) {
    const char *rest = strrchr(stat, ')');
    unsigned long user, system;
    long rss;
    if (!rest || sscanf(rest + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %*d %*d %*d "
                                  "%*d %*d %*d %*u %*u %ld", &user, &system, &rss) != 3)
        return;
    clockid_t clock;
    struct timespec spent;
    if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &spent)) return;
    double ticks = sysconf(_SC_CLK_TCK);
    account->cpu += ns_of(spent) / 1e9;
    account->user += user / ticks;
    account->system += system / ticks;
    account->rss += rss * (sysconf(_SC_PAGESIZE) / 1024.0);
    account->processes++;
}

static int group_of(const char *stat) {
    int group = 0;
    const char *rest = strrchr(stat, ')');
    if (rest) sscanf(rest + 2, "%*c %*d %d", &group);
    return group;
}

static void add_group(Account *account, int group) {
    DIR *all = opendir("/proc");
    for (struct dirent *entry; all && (entry = readdir(all));) {
        int pid = atoi(entry->d_name);
        char path[64], stat[1024];
        if (pid <= 0) continue;
        snprintf(path, sizeof path, "/proc/%d/stat", pid);
        FILE *file = fopen(path, "r");
        if (!file) continue;
        size_t got = fread(stat, 1, sizeof stat - 1, file);
        stat[got] = 0;
        fclose(file);
        if (group_of(stat) == group) add_process(account, pid, stat);
    }
    if (all) closedir(all);
}

static void add_machine(Account *account) {
    double user = 0, nice = 0, system = 0, irq = 0, softirq = 0, steal = 0;
    double ticks = sysconf(_SC_CLK_TCK);
    FILE *file = fopen("/proc/stat", "r");
    if (!file) return;
    if (fscanf(file, "cpu %lf %lf %lf %*f %*f %lf %lf %lf", &user, &nice, &system, &irq, &softirq,
               &steal) == 6) {
        account->busy = (user + nice + system + irq + softirq) / ticks;
        account->stolen = steal / ticks;
    }
    fclose(file);
}

Account account(int group) {
    Account account = {0};
    struct timespec own;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &own);
    account.own = ns_of(own) / 1e9;
    add_machine(&account);
    if (group) add_group(&account, group);
    return account;
}
