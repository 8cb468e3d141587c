/* Telling files apart that are in no file system. */
#define _GNU_SOURCE
#include "unix/os.h"
#include <fcntl.h>
#include <stdatomic.h>

/* The signal that a file would send which nobody has asked to send any: a number that the file keeps, and that is 0 for
 * all that the program makes. The numbers by which the system knows them are used again at once. */
#define FIRST 35u
#define COUNT 30u

/* Relaxed: a number is all that it is. */
static _Atomic unsigned last;

uint64_t platform__os_mark_anonymous(int fd)
{
    unsigned number = FIRST + atomic_fetch_add_explicit(&last, 1, memory_order_relaxed) % COUNT;
    return fcntl(fd, F_SETSIG, (int)number) == 0 ? number : 0;
}

uint64_t platform__os_anonymous_mark(int fd)
{
    int number = fcntl(fd, F_GETSIG);
    return number > 0 ? (uint64_t)number : 0;
}
