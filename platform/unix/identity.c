/* Processes by identity: who this one is, and waiting for the end of one that is no child. */
#define _GNU_SOURCE
#include "unix/identity.h"
#include "unix/error.h"
#include "unix/handle.h"
#include "unix/os.h"
#include "unix/wait.h"
#include <errno.h>
#include <pthread.h>
#include <unistd.h>

/* How often a process is looked at that there is no descriptor to wait for. */
#define CHECK_NS 200000000

static struct {
    pthread_mutex_t lock;
    platform_identity identity; /* pid 0: not found out yet */
} self = { .lock = PTHREAD_MUTEX_INITIALIZER };

void platform__identity_after_fork(void)
{
    /* The lock may be held by a thread that does not exist here; the descriptor is closed by the table of handle.c. */
    self.lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    self.identity.pid = 0;
}

int64_t platform_self_pid(void)
{
    return getpid();
}

static int find_out_locked(void)
{
    bool locked = platform__descriptors_lock();
    int descriptor = platform__adopt_unlock(locked, platform__os_process_open(getpid()));
    if (descriptor < 0 && errno != ENOSYS)
        return platform__fail(MPROC_E_OS, "opening this process");
    platform_handle handle = descriptor < 0 ? PLATFORM_NO_HANDLE : descriptor;
    self.identity = (platform_identity){ getpid(), platform_self_start_time(), handle };
    return 0;
}

int platform_self_identity(platform_identity *ret_identity)
{
    pthread_mutex_lock(&self.lock);
    /* A copy that the program itself has forked finds its parent's. */
    int code = self.identity.pid == getpid() ? 0 : find_out_locked();
    /* It could not be read, for want of a descriptor perhaps: another time it can. */
    if (code == 0 && self.identity.start_time == 0)
        self.identity.start_time = platform_self_start_time();
    if (code == 0)
        *ret_identity = self.identity;
    pthread_mutex_unlock(&self.lock);
    return code;
}

static int wait_by_number(const platform_identity *identity, int64_t deadline_ns)
{
    while (platform_is_alive(identity->pid, identity->start_time)) {
        int64_t now_ns = platform_now_ns();
        if (now_ns >= deadline_ns)
            return 0;
        int64_t pause_ns = deadline_ns - now_ns < CHECK_NS ? deadline_ns - now_ns : CHECK_NS;
        platform__pause(pause_ns);
    }
    return 1;
}

int platform_identity_wait(const platform_identity *identity, int64_t deadline_ns)
{
    unsigned char is_ready;
    if (identity->handle != PLATFORM_NO_HANDLE) {
        int code = platform_wait_handles(&identity->handle, 1, deadline_ns, &is_ready);
        if (code == 0 || identity->start_time == 0)
            return code;
    }
    /* A wait that sleeps holds on to what the descriptor stood for, so that closing it changes nothing. But one that
     * returns may be about another file: the program may have closed the descriptor, and even have a file of its own
     * under that number now. */
    return wait_by_number(identity, deadline_ns);
}
