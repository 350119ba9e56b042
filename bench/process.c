// SPDX-License-Identifier: MPL-2.0
#include "process.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PROCESSES_MAX 65536

struct seen {
    pid_t pid, parent;
    int64_t user, system;   // ticks
    bool counted;
};

// Reads field 4 (parent) and fields 14 to 17 (processor time, own and of children waited for) of
// proc_pid_stat(5).
static bool read_stat(const char *name, struct seen *seen)
{
    char path[300], text[1024];
    (void)snprintf(path, sizeof(path), "/proc/%s/stat", name);
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    size_t len = fread(text, 1, sizeof(text) - 1, file);
    (void)fclose(file);
    text[len] = '\0';
    const char *after_name = strrchr(text, ')');   // the name may hold anything
    long long own_user, own_system, child_user, child_system;
    int parent;
    if (!after_name ||
        sscanf(after_name + 1, " %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lld %lld %lld %lld",
               &parent, &own_user, &own_system, &child_user, &child_system) != 5)
        return false;
    *seen = (struct seen){ .pid = (pid_t)strtol(name, NULL, 10),
                           .parent = parent,
                           .user = own_user + child_user,
                           .system = own_system + child_system };
    return true;
}

static size_t read_all(struct seen *all)
{
    size_t count = 0;
    DIR *folder = opendir("/proc");
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        if (isdigit((unsigned char)entry->d_name[0]) && count < PROCESSES_MAX)
            count += read_stat(entry->d_name, &all[count]);
    if (folder)
        closedir(folder);
    return count;
}

// Adds up a process and its descendants, however deep. Whether there was any.
static bool add_up(struct seen *all, size_t count, pid_t pid, struct process_time *sum)
{
    bool any = false;
    for (bool grew = true; grew;) {
        grew = false;
        for (size_t i = 0; i < count; i++) {
            bool belongs = all[i].pid == pid;
            for (size_t j = 0; j < count && !belongs; j++)
                belongs = all[j].counted && all[j].pid == all[i].parent;
            if (!belongs || all[i].counted)
                continue;
            all[i].counted = grew = any = true;
            sum->user += all[i].user;
            sum->system += all[i].system;
        }
    }
    return any;
}

int process_times(pid_t pid, struct process_time *ret_time)
{
    struct seen *all = calloc(PROCESSES_MAX, sizeof(*all));
    if (!all)
        return -ENOMEM;
    struct process_time sum = { 0, 0 };
    bool any = add_up(all, read_all(all), pid, &sum);
    free(all);
    if (!any)
        return -ESRCH;
    int64_t tick = 1000000 / sysconf(_SC_CLK_TCK);
    *ret_time = (struct process_time){ sum.user * tick, sum.system * tick };
    return 0;
}

int64_t process_cpu(pid_t pid)
{
    struct process_time time;
    return process_times(pid, &time) < 0 ? -1 : time.user + time.system;
}

int64_t process_own_cpu(void)
{
    struct timespec used;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return (int64_t)used.tv_sec * 1000000000 + used.tv_nsec;
}

int64_t process_memory(pid_t pid)
{
    char path[64], line[256];
    long long kilobytes = -1;
    (void)snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return -1;
    while (fgets(line, sizeof(line), file) && sscanf(line, "Pss: %lld kB", &kilobytes) != 1) {
    }
    (void)fclose(file);
    return kilobytes < 0 ? -1 : kilobytes * 1024;
}

int64_t process_memory_all(pid_t pid)
{
    struct seen *all = calloc(PROCESSES_MAX, sizeof(*all));
    struct process_time unused = { 0, 0 };
    size_t count = all ? read_all(all) : 0;
    int64_t sum = all && add_up(all, count, pid, &unused) ? 0 : -1;
    for (size_t i = 0; sum >= 0 && i < count; i++) {
        int64_t memory = all[i].counted ? process_memory(all[i].pid) : 0;
        sum += memory > 0 ? memory : 0;   // one that has just ended has none
    }
    free(all);
    return sum;
}

int64_t process_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}
