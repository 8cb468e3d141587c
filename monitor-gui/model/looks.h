/* When a process was looked at. Only then it tells of each task when it is queued and begun, and what with. */
#ifndef MPROC_MODEL_LOOKS_H
#define MPROC_MODEL_LOOKS_H

#include <stdbool.h>
#include <stdint.h>

#define LOOKS_KEPT 64u

struct looks_span {
    int64_t from_ns, to_ns; /**< to_ns: INT64_MAX while it goes on */
};

/** All zero at first: nobody keeps count of it, as of a recording. */
struct looks {
    struct looks_span all[LOOKS_KEPT]; /**< the last ones; number N has place N modulo LOOKS_KEPT */
    uint64_t total;
    int64_t since_ns; /**< since when somebody keeps count; 0: nobody does */
    bool is_open;
};

/** From this time on somebody looks, or nobody does. */
void looks_set(struct looks *looks, bool is_looked_at, int64_t now_ns);

/** Whether somebody looked at that time; true where nobody keeps count. */
bool looks_had(const struct looks *looks, int64_t time_ns);

/** The last time of a second and longer that nobody looked at; false if there is none. */
bool looks_gap(const struct looks *looks, int64_t now_ns, struct looks_span *ret_gap);

#endif
