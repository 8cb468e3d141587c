/* What things are called, wherever a monitor speaks of them: one word for a state, one sentence for a deadlock.
 *
 * In what is put together here, a question mark stands for what a terminal would obey, the ends of lines among it. A
 * text of the watched program that stands for itself is passed on as it is, valid UTF-8: who writes to a terminal looks
 * after controls.
 */
#ifndef MPROC_MODEL_WORDS_H
#define MPROC_MODEL_WORDS_H

#include "model/model.h"
#include <mproc/base.h>

/** Room for a text made here, with its zero. Longer ones are cut, at the end of a character. */
#define WORDS_MAX 768

struct words {
    char text[WORDS_MAX];
};

/* ---- One word ---- */

const char *words_method(const struct model_pool *pool);
/** "" if it is as it should be. */
const char *words_phase(const struct model_pool *pool);
const char *words_task_state(enum task_state state);
const char *words_object_kind(unsigned kind);
/** Of a lock, queue or the like: what is the matter with it. deadlocked: it is held by somebody in a deadlock. */
const char *words_object_state(const struct model_object *object, bool deadlocked);
/** How full it is: "3 of 16 taken", "4 of 6 there", "12", "1.2 MB of 4.2 MB"; "" of what is held or not. */
struct words words_object_fill(const struct record_object *object);
const char *words_level(unsigned level);
const char *words_class(unsigned class);
/** The last part of a path of whichever system: a place in the path. */
const char *words_file(const char *path);
const char *words_verb(unsigned verb);

/** Running, Idle, Starting, Stopped and so on; of a task past its function's 99th percentile Slow. */
const char *words_worker_state(const struct model *model, const struct model_pool *pool,
                               const struct model_worker *worker);

/* ---- Some words, given by value ---- */

struct words words_format(const char *format, ...) MPROC_PRINTF(1, 2);

/** 1 task; 48 213 tasks. thing: one of them. */
struct words words_many(uint64_t count, const char *thing);

/** parse_page("corpus/0419.html"); the label, if the task has one; of a chunk with its items. */
struct words words_call(const struct model_pool *pool, uint32_t function, const char *label, const char *argument,
                        int64_t item, uint64_t items);
struct words words_worker_call(const struct model_pool *pool, const struct model_worker *worker);
struct words words_task_call(const struct model *model, const struct model_task *task);
/** What it was given, beside its function's name: the argument, or the label, and its items. */
struct words words_task_input(const struct model_task *task);
struct words words_death_call(const struct model *model, const struct record_death *death);

/** The pool's name, or its number. */
struct words words_pool(const struct model *model, uint32_t pool);
/** " of all pools" behind what is counted of the whole process, if that has several; or "". */
const char *words_of_all_pools(const struct model *model);
/** worker 2; where there are other pools worker 2 of crawler; pid 4711; of the watched process itself thread 17. */
struct words words_who(const struct model *model, int64_t pid, uint64_t thread);
/** The same on a pool's own page, where a worker of it need not be told to be its: worker 2. */
struct words words_who_beside(const struct model *model, const struct model_pool *shown, int64_t pid, uint64_t thread);
/** How it ended, without whom that was: was killed by signal 9. */
struct words words_cause(const struct record_death *death);
/** What was tried at which address, in a sentence: It read address 0x18, which is no memory of this process: a NULL
 * pointer, most likely. "" if it was no such death, or the writer does not say. */
struct words words_fault(const struct record_death *death);
/** What a death means for its task: tried again, attempt 2; failed. */
struct words words_decision(const struct record_death *death);

/* ---- Ends ---- */

/** Of a process that ended without saying so. */
#define WORDS_DIED "It was killed or it crashed"
/** Of a recording that was cut short, */
#define WORDS_CUT "This recording ends in the middle of an event"
/** and what there is of it: Everything before is here, except 111 lost events. */
struct words words_before_cut(uint64_t lost);

/* ---- Deadlocks ---- */

/** Worker 2 holds "pages" and waits for "seen" in crawl.c:118. index: of one of its waiters. */
struct words words_deadlock_step(const struct model *model, const struct deadlock *deadlock, size_t index);
/** Worker 2 and worker 6 wait for each other, for "seen" and "pages". */
struct words words_deadlock_brief(const struct model *model, const struct deadlock *deadlock);
/** Neither can ever go on. Or, where there is a time-out: Neither goes on before a time-out ends a wait. Four more wait
 * behind them. */
struct words words_deadlock_end(const struct deadlock *deadlock);
/** To mend: take "pages" before "seen" in both places, or give one of them a time-out. Where one place takes both it is
 * every time. */
struct words words_deadlock_advice(const struct model *model, const struct deadlock *deadlock);

#endif
