/* Leading a process to its death instruction by instruction. Linux, under fork, without a sanitizer.
 *
 * The usual way is stepper_kill_after: a process of its own that does one thing and is killed after so many of its
 * instructions. What holds afterwards must hold wherever it died, so a test calls it with 0, 1, 2 ... steps (or with a
 * prime stride, which meets every kind of instruction within a sample) until it says that the process was through.
 *
 * A process that somebody else starts, a pool's worker for instance, is seized, led and killed by hand.
 */
#ifndef MPROC_TESTS_STEPPER_H
#define MPROC_TESTS_STEPPER_H

#include "test.h"

/* ---- By hand. All calls for one process come from one thread. ---- */

/** Stops the process where it is: its main thread, that is. Its other threads run on. */
void stepper_seize(int64_t pid);

/** Leads the seized process on by so many instructions. Returns false if it is inside a system call that waits before
 * it has done them all; the next call then goes on from there, once somebody has woken it. */
bool stepper_lead(int64_t pid, long steps);

/** Lets the seized process, which does not sleep, go on by itself. It can be seized again. */
void stepper_leave(int64_t pid);

/** Kills the seized process, and returns when it is dead. Its exit status may be lost to whoever else waits for it. */
void stepper_kill(int64_t pid);

/* ---- The usual way. Uses the last two words of the board. ---- */

/** In the process: waits for being seized. Steps are counted from inside of this function. */
void stepper_begin(void);

/** In the process: all that was to be done is done. Stays until killed. */
_Noreturn void stepper_through(void);

/** How many instructions lie between two kills: so many for MPROC_TEST_SOAK; else a prime, which meets every kind of
 * instruction within the sample: that one, or, if the test is to be short, the next one above its double. */
long stepper_stride(long sampled, long soak);

/** Starts the function as a process, which calls stepper_begin, and seizes it there: from here on it is led by hand. */
mproc_process *stepper_start(mproc_task_fn *function, mproc_view args);

/** Whether that process has come to stepper_through. */
bool stepper_is_through(void);

/** Starts the function as a process, which calls stepper_begin, does its work and calls stepper_through; kills it after
 * so many steps, and joins it. Returns whether it was through. A process that sleeps before it is through is killed in
 * its sleep: ret_asleep says so, if not NULL. */
bool stepper_kill_after(mproc_task_fn *function, mproc_view args, long steps, bool *ret_asleep);

#endif
