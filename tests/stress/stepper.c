#define _GNU_SOURCE
#include "stepper.h"
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

/* A step that has not ended after so long is waited for without haste. */
#define STEP_MS 5
/* One that has not ended after so long is asked about. */
#define ASLEEP_MS 200
/* One that has not ended after so long, and does not sleep, never will. */
#define STUCK_MS 30000

enum { BOARD_BEGIN = TEST_BOARD_WORDS - 2, BOARD_THROUGH = TEST_BOARD_WORDS - 1 };

/* The process whose last step has not ended, or 0. */
static pid_t underway;

/* Whether the process sleeps in a system call, as the kernel says. On a busy machine one that could run may wait for
 * its turn for longer than any step takes. */
static bool is_asleep(pid_t pid)
{
    char path[64], text[512] = "";
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "r");
    CHECK(file != NULL);
    CHECK(fgets(text, sizeof text, file) != NULL);
    fclose(file);
    /* The state stands behind the name, which may contain anything. */
    const char *name_end = strrchr(text, ')');
    return name_end != NULL && name_end[2] == 'S';
}

/* Waits for the tracee's next stop. Returns false if it does not stop, for it sleeps. */
static bool await_stop(pid_t pid)
{
    int64_t began = os_now_ms();
    for (;;) {
        int status;
        pid_t got = waitpid(pid, &status, __WALL | WNOHANG);
        CHECK(got >= 0);
        if (got == pid) {
            CHECK(WIFSTOPPED(status));
            underway = 0;
            return true;
        }
        int64_t waited = os_now_ms() - began;
        CHECK_LE(waited, test_limit_ms(STUCK_MS));
        if (waited > ASLEEP_MS && is_asleep(pid))
            return false;
        if (waited > STEP_MS)
            os_sleep_ms(1);
        else
            sched_yield();
    }
}

/* On one processor the two take turns, and a step takes half the time that it takes to wake another processor for it,
 * which the one that waits would spend to no end. */
static void share_processor(pid_t pid, cpu_set_t *ret_allowed)
{
    cpu_set_t here;
    CHECK(sched_getaffinity(0, sizeof *ret_allowed, ret_allowed) == 0);
    CPU_ZERO(&here);
    CPU_SET((size_t)sched_getcpu(), &here);
    CHECK(sched_setaffinity(0, sizeof here, &here) == 0);
    CHECK(sched_setaffinity(pid, sizeof here, &here) == 0);
}

static void part(pid_t pid, const cpu_set_t *allowed)
{
    CHECK(sched_setaffinity(0, sizeof *allowed, allowed) == 0);
    CHECK(sched_setaffinity(pid, sizeof *allowed, allowed) == 0);
}

/* Returns false if it sleeps before it has done them all. */
static bool take_steps(pid_t pid, long steps)
{
    for (long step = 0; step < steps; step++) {
        CHECK(ptrace(PTRACE_SINGLESTEP, pid, 0, 0) == 0);
        underway = pid;
        if (!await_stop(pid))
            return false;
    }
    return true;
}

void stepper_seize(int64_t pid)
{
    int status;
    CHECK(ptrace(PTRACE_SEIZE, (pid_t)pid, 0, 0) == 0);
    CHECK(ptrace(PTRACE_INTERRUPT, (pid_t)pid, 0, 0) == 0);
    CHECK(waitpid((pid_t)pid, &status, __WALL) == (pid_t)pid && WIFSTOPPED(status));
    underway = 0;
}

bool stepper_lead(int64_t pid, long steps)
{
    if (steps > 0 && underway == (pid_t)pid && !await_stop((pid_t)pid))
        return false;
    cpu_set_t allowed;
    share_processor((pid_t)pid, &allowed);
    bool has_stopped = take_steps((pid_t)pid, steps);
    part((pid_t)pid, &allowed);
    return has_stopped;
}

void stepper_leave(int64_t pid)
{
    CHECK(underway == 0);
    CHECK(ptrace(PTRACE_DETACH, (pid_t)pid, 0, 0) == 0);
}

void stepper_kill(int64_t pid)
{
    int status;
    CHECK(kill((pid_t)pid, SIGKILL) == 0);
    /* A tracee that is somebody else's child becomes known to its parent as dead only when its tracer has reaped it; of
     * a child of our own the library may have taken the status first. */
    pid_t got;
    do
        got = waitpid((pid_t)pid, &status, __WALL);
    while ((got == (pid_t)pid && WIFSTOPPED(status)) || (got < 0 && errno == EINTR));
    underway = 0;
}

void stepper_begin(void)
{
    atomic_store(&test_board()[BOARD_BEGIN], 1);
    /* No system call: the instructions before the one that matters are few, and always the same. */
    while (atomic_load(&test_board()[BOARD_BEGIN]) != 2)
        ;
}

_Noreturn void stepper_through(void)
{
    atomic_store(&test_board()[BOARD_THROUGH], 1);
    for (;;)
        os_sleep_ms(1000);
}

static bool is_prime(long number)
{
    for (long factor = 2; factor * factor <= number; factor++)
        if (number % factor == 0)
            return false;
    return true;
}

long stepper_stride(long sampled, long soak)
{
    if (test_is_soak())
        return soak;
    if (!test_is_short())
        return sampled;
    long stride = 2 * sampled + 1;
    while (!is_prime(stride))
        stride += 2;
    return stride;
}

mproc_process *stepper_start(mproc_task_fn *function, mproc_view args)
{
    atomic_store(&test_board()[BOARD_BEGIN], 0);
    atomic_store(&test_board()[BOARD_THROUGH], 0);
    mproc_process *process = test_start(function, args);
    while (atomic_load(&test_board()[BOARD_BEGIN]) != 1)
        ;
    stepper_seize(test_pid(process));
    atomic_store(&test_board()[BOARD_BEGIN], 2);
    return process;
}

bool stepper_is_through(void)
{
    return atomic_load(&test_board()[BOARD_THROUGH]) != 0;
}

bool stepper_kill_after(mproc_task_fn *function, mproc_view args, long steps, bool *ret_asleep)
{
    mproc_process *process = stepper_start(function, args);
    int64_t pid = test_pid(process);
    bool asleep = !stepper_lead(pid, steps);
    bool through = stepper_is_through();
    stepper_kill(pid);
    test_finish(process);
    if (ret_asleep)
        *ret_asleep = asleep && !through;
    return through;
}
