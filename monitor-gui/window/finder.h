/* Looks for processes that can be watched, once a second, on a thread of its own: a directory may be slow. */
#ifndef MPROC_WINDOW_FINDER_H
#define MPROC_WINDOW_FINDER_H

#include <glib.h>
#include <stdint.h>

struct found {
    int64_t pid;
    char name[128]; /**< of the program, as it says itself */
};

/** Told in the main loop of all that there are now, the first time at once. why: "" or why nothing can be found. */
typedef void finder_fn(void *user, const struct found *found, size_t count, const char *why);

struct finder;

struct finder *finder_start(finder_fn *told, void *user);
void finder_free(struct finder *finder);

/** Looks at once. */
void finder_look(struct finder *finder);

#endif
