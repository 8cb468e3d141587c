/* How many CPUs this process may use, and running on one of them. */
#define _GNU_SOURCE
#include "linux/proc.h"
#include "platform.h"
#include "unix/calls.h"
#include "unix/error.h"
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int affinity_count(void)
{
    /* The kernel refuses a set smaller than its own, whose size it does not tell. */
    for (int cpus = CPU_SETSIZE; cpus <= (1 << 20); cpus *= 2) {
        size_t size = CPU_ALLOC_SIZE(cpus);
        cpu_set_t *set = CPU_ALLOC((size_t)cpus);
        if (!set)
            break;
        int result = platform_calls.sched_getaffinity(0, size, set);
        int count = result == 0 ? CPU_COUNT_S(size, set) : 0;
        int error_number = errno;
        CPU_FREE(set);
        if (count > 0)
            return count;
        if (error_number != EINVAL)
            break;
    }
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 && online < INT_MAX ? (int)online : 1;
}

static int round_up(long long quota, long long period, int most)
{
    if (quota <= 0 || period <= 0)
        return most;
    long long cpus = quota / period + (quota % period != 0);
    return cpus < most ? (int)cpus : most;
}

/* The quota of one group of the unified hierarchy, a file with "max 100000" or "150000 100000". */
static int unified_quota(const char *directory, int most)
{
    char path[4200], text[64], *end;
    snprintf(path, sizeof path, "%s/cpu.max", directory);
    if (platform__proc_read(path, text, sizeof text) <= 0 || !strncmp(text, "max", 3))
        return most;
    long long quota = strtoll(text, &end, 10);
    return round_up(quota, strtoll(end, NULL, 10), most);
}

/* The same in the older hierarchy, two files, -1 for no quota. */
static int older_quota(const char *directory, int most)
{
    char path[4200], quota[32], period[32];
    snprintf(path, sizeof path, "%s/cpu.cfs_quota_us", directory);
    if (platform__proc_read(path, quota, sizeof quota) <= 0 || quota[0] == '-')
        return most;
    snprintf(path, sizeof path, "%s/cpu.cfs_period_us", directory);
    if (platform__proc_read(path, period, sizeof period) <= 0)
        return most;
    return round_up(strtoll(quota, NULL, 10), strtoll(period, NULL, 10), most);
}

/* From our group up to the root of what is mounted: a quota holds for everything below it. In a container the upper
 * part of the path may not exist where the container sees its groups; such steps find no file and say nothing. */
static int lowest_quota(const char *mount, const char *group, int (*quota)(const char *directory, int most), int most)
{
    char directory[4096];
    size_t root = strlen(mount);
    const char *below = strcmp(group, "/") == 0 ? "" : group;
    if (snprintf(directory, sizeof directory, "%s%s", mount, below) >= (int)sizeof directory)
        return most;
    for (;;) {
        most = quota(directory, most);
        char *slash = strrchr(directory, '/');
        if (strlen(directory) <= root || !slash)
            return most;
        *slash = '\0';
    }
}

static bool lists_cpu(char *controllers)
{
    char *rest;
    for (char *name = strtok_r(controllers, ",", &rest); name; name = strtok_r(NULL, ",", &rest))
        if (!strcmp(name, "cpu"))
            return true;
    return false;
}

/* A line of /proc/self/cgroup: "0::/path" for the unified hierarchy, "4:cpu,cpuacct:/path" for an older one. */
static int quota_of_line(char *line, int most)
{
    char *controllers = strchr(line, ':');
    char *group = controllers ? strchr(controllers + 1, ':') : NULL;
    if (!group || group[1] != '/')
        return most;
    *group++ = '\0';
    if (controllers[1] == '\0') {
        most = lowest_quota("/sys/fs/cgroup", group, unified_quota, most);
        return lowest_quota("/sys/fs/cgroup/unified", group, unified_quota, most);
    }
    return lists_cpu(controllers + 1) ? lowest_quota("/sys/fs/cgroup/cpu", group, older_quota, most) : most;
}

int platform_cpu_count(void)
{
    char text[8192], *rest;
    int count = affinity_count();
    if (platform__proc_read("/proc/self/cgroup", text, sizeof text) <= 0)
        return count;
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        count = quota_of_line(line, count);
    return count;
}

/* ---- Running on one CPU ---- */

/* The kernel's mask has no limit that is told; this is above any that is built. */
#define HIGHEST_CPU 65535

static int set_affinity(size_t size, const cpu_set_t *set, int cpu)
{
    if (sched_setaffinity(0, size, set) == 0)
        return 0;
    char what[64];
    snprintf(what, sizeof what, "sched_setaffinity to CPU %d", cpu);
    return platform__fail(errno == EINVAL ? MPROC_E_INVALID : MPROC_E_OS, what);
}

static int set_one(int cpu)
{
    if (cpu < 0 || cpu > HIGHEST_CPU)
        return platform__fail_text(MPROC_E_INVALID, "there is no CPU %d", cpu);
    size_t size = CPU_ALLOC_SIZE(cpu + 1);
    cpu_set_t *set = CPU_ALLOC((size_t)cpu + 1);
    if (!set)
        return platform__fail(MPROC_E_NO_MEMORY, "a set of CPUs");
    CPU_ZERO_S(size, set);
    CPU_SET_S((size_t)cpu, size, set);
    int code = set_affinity(size, set, cpu);
    CPU_FREE(set);
    return code;
}

int platform_self_pin(int cpu)
{
    return set_one(cpu);
}

/* Only the kernel knows, of what is online and what a cpuset allows: the calling thread tries, and goes back to where
 * it may run now. */
int platform_cpu_check(int cpu)
{
    size_t size = CPU_ALLOC_SIZE(HIGHEST_CPU + 1);
    cpu_set_t *before = CPU_ALLOC(HIGHEST_CPU + 1);
    if (!before)
        return platform__fail(MPROC_E_NO_MEMORY, "a set of CPUs");
    CPU_ZERO_S(size, before);
    int code = 0;
    if (platform_calls.sched_getaffinity(0, size, before) != 0)
        code = platform__fail(MPROC_E_OS, "sched_getaffinity");
    if (code == 0)
        code = set_one(cpu);
    if (code == 0 && sched_setaffinity(0, size, before) != 0)
        code = platform__fail(MPROC_E_OS, "sched_setaffinity");
    CPU_FREE(before);
    return code;
}
