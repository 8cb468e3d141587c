/* What the window says in words, beyond model/words.h: of a connection, of a pool in one line, of a worker's place in a
 * table. No widget is known here.
 */
#ifndef MPROC_WINDOW_SAYS_H
#define MPROC_WINDOW_SAYS_H

#include "model/words.h"
#include "window/desk.h"
#include "window/glyph.h"

#define DOT           " \xc2\xb7 "
#define NO_POOL_TITLE "Process pools"
/** Without that option nobody is told what workers write; and nobody is told whether a pool has it. */
#define SAYS_NO_OUTPUT "Nothing was written to stderr, or the pool's option monitor_output is 0."

/** The pool's name; before it is known its program's. */
struct words says_title(const struct view *view);

/** "pid 41207 · spawn · checksum · running 3 min 48 s". */
struct words says_facts(const struct view *view);
/** As much of it as there is room for beside a name in a narrow window: "pid 41207 · spawn · running 3 min 48 s". */
struct words says_brief_facts(const struct view *view);

/** The glyph of a pool, as it is; and the word for the chip behind its name, "" if all is well, with its class. */
enum glyph says_pool_glyph(const struct view *view);
const char *says_chip(const struct view *view, const char **ret_class);

/** What the window is called, in lists of windows: "crawler (deadlock)". */
struct words says_window(const struct view *view);

/** What stands below a pool's name in the sidebar; ret_class: "bad" for trouble. */
struct words says_summary(const struct view *view, const char **ret_class);

/** How many times as much: a multiplication sign and the number. */
struct words says_ratio(double times);

/** 12 s, 3 min, 2 h: since then, as short as it can be; "now" of the last two seconds. */
struct words says_ago(int64_t ns);

/** "8 s", as part of a sentence. */
struct words says_since(int64_t since_us);

/** How a worker does, as a row of a table has it. ret_class: "warn", "bad", "dim" or NULL. */
struct words says_worker(const struct model *model, const struct model_pool *pool, const struct model_worker *worker,
                         enum glyph *ret_glyph, const char **ret_class);

/** What it does: the call, or what it waits for. */
struct words says_doing(const struct model *model, const struct model_pool *pool, const struct model_worker *worker,
                        const char **ret_class);

/** Whether it is shown as one that waits, for a lock or what else others have. */
bool says_waits(const struct model *model, const struct model_pool *pool, const struct model_worker *worker);
/** Whether it is one of those that wait for each other, and so can never go on. */
bool says_is_deadlocked(const struct model *model, const struct model_pool *pool, const struct model_worker *worker);

/** For how long it does that, or waits; "" if it does nothing. */
struct words says_for(const struct model *model, const struct model_pool *pool, const struct model_worker *worker);

/** Whether it has ended without saying so: it was killed, or crashed. */
bool says_has_died(const struct watch *watch);

/** Whether nothing more comes of it: its process has ended, or the pool alone has. Of a recording this is no news. */
bool says_is_over(const struct view *view);

/** The limit for which a pool has killed a worker, out of the library's sentence: "timed out after 5.00 s", "took more
 * memory than 100 MB"; "" if that was no reason. */
struct words says_limit(const char *sentence);

/** A death in two words: "Signal 11", "Timed out", "Exit 3". */
struct words says_death(const struct record_death *death);
/** Why it died: killed (signal 9, SIGKILL); and as the beginning of a sentence. */
struct words says_why(const struct record_death *death);
struct words says_cause(const struct record_death *death);
/** How a process ended, to follow "ended 3 s ago": " with exit code 3", ", killed (signal 9, SIGKILL)"; "" if it is not
 * known. */
struct words says_exit(const platform_exit *how);
/** The same without what the signal is called, too, where there is little room: killed (signal 9). */
struct words says_brief_why(const struct record_death *death);
struct words says_brief_cause(const struct record_death *death);

/** Whether it is a task's own, and none of the library's errors. */
bool says_is_own_code(int64_t code);

/** How a task failed: "-22: bad character set", a code of its own and what it says of it; of an error of the library
 * the text alone, error or, if that is "", the code's. */
struct words says_error(int64_t code, const char *error);

/** A text that begins in the midst of a sentence, as the library's errors do, as a sentence. */
struct words says_sentence(const char *text);

/** Why something went wrong, as a sentence: the library's text without what it says of every error of that code, nor
 * that it was reading a recording, which is told beside it. */
struct words says_reason(int code, const char *text);

/** Of a file that could not be written: which, why, and what to do now; for g_free. */
char *says_unwritten(const char *path, const char *why);

/** Why nothing that reads a recording's file once more can be done, as a sentence; NULL if it can. */
const char *says_why_stuck(const struct watch *watch);

/** The part of a path that is shown: all of it, with a tilde for the home directory. Of a very long one the end is cut.
 */
struct words says_path(const char *path);

#endif
