/* Both sides of the handshake: see handshake.h. */
#include "process/handshake.h"
#include "base/error.h"
#include "process/boot_layout.h"
#include "process/crash_report.h"
#include "process/exit_code.h"
#include "process/flush.h"
#include "process/segment.h"
#include <mproc/init.h>
#include <stdio.h>
#include <string.h>

/* The one change of state, unless another was before. Release: pairs with the acquire load of mproc__child_await, which
 * then sees the reason of a failure. */
static void leave_starting(struct child_boot *boot, enum child_state state)
{
    uint32_t starting = CHILD_STARTING;
    atomic_compare_exchange_strong_explicit(&boot->state.value, &starting, state, memory_order_seq_cst,
                                            memory_order_relaxed);
    platform_wake(&boot->state, INT32_MAX);
}

/* ---- In the parent ---- */

void mproc__child_exited(struct child_segment *segment, platform_exit how)
{
    if (segment->boot == NULL)
        return;
    segment->how = how;
    /* The release in it pairs with the acquire load of mproc__child_await: whoever reads DIED may read how. */
    leave_starting(segment->boot, CHILD_DIED);
}

/* The child may have been killed while it wrote, or be anything: what it left is not taken for a code or a string. */
static int pass_failure(const struct child_boot *boot)
{
    char text[sizeof boot->fail_text];
    memcpy(text, boot->fail_text, sizeof text);
    text[sizeof text - 1] = 0;
    return mproc__error_text(boot->fail_code < 0 ? boot->fail_code : MPROC_E_START_FAILED, text);
}

/* Where it died, if it was to leave its stack and has. It may take seconds: whoever waits for such a one holds no lock
 * that others need. */
static void find_fault(const struct child_segment *segment, int64_t pid, char *ret_text, size_t capacity)
{
    struct crash_report *report = NULL;
    ret_text[0] = '\0';
    if (segment->boot->crash_reports != 0)
        report = mproc__crash_report_take(segment->boot, segment->how, pid);
    if (report != NULL)
        mproc__crash_report_brief(report, ret_text, capacity);
    mproc__crash_report_free(report);
}

/* What to look for if it has not even said where it died. */
static const char *hint_for(const struct child_boot *boot)
{
    return boot->start_method == MPROC_START_SPAWN
               ? "; does its main call mproc_init first? A plug-in names mproc-worker by mproc_set_executable"
               : "";
}

static int tell_death(const struct child_segment *segment)
{
    const struct child_boot *boot = segment->boot;
    int64_t pid = atomic_load_explicit(&boot->pid, memory_order_relaxed);
    char how[64], fault[360];
    mproc__exit_text(segment->how, how, sizeof how);
    find_fault(segment, pid, fault, sizeof fault);
    return mproc__error(MPROC_E_START_FAILED, "%.*s (pid %lld) %s before it was ready%s", CHILD_NAME_MAX - 1,
                        boot->name, (long long)pid, how, fault[0] != '\0' ? fault : hint_for(boot));
}

int mproc__child_await(struct child_segment *segment, int64_t deadline_ns)
{
    struct child_boot *boot = segment->boot;
    int waited = 0;
    for (;;) {
        /* Acquire: pairs with leave_starting in the child. */
        switch (atomic_load_explicit(&boot->state.value, memory_order_acquire)) {
        case CHILD_STARTING:
            break;
        case CHILD_READY:
            return 0;
        case CHILD_FAILED:
            return pass_failure(boot);
        default:
            return tell_death(segment);
        }
        if (waited < 0)
            return mproc__error(MPROC_E_TIMEOUT, "the process was not ready within its start time limit");
        waited = platform_wait(&boot->state, CHILD_STARTING, NULL, 0, deadline_ns);
    }
}

/* ---- In the child ---- */

void mproc__child_ready(struct child_boot *boot)
{
    leave_starting(boot, CHILD_READY);
}

void mproc__child_fail(struct child_boot *boot, int code)
{
    mproc__flush_stdio();
    boot->fail_code = code;
    snprintf(boot->fail_text, sizeof boot->fail_text, "%s", mproc_last_error());
    leave_starting(boot, CHILD_FAILED);
    platform_exit_now(1);
}

void mproc__child_require(struct child_boot *boot, int code)
{
    if (code < 0)
        mproc__child_fail(boot, code);
}
