/* Something that a pool is to be asked to do once the user has agreed: for whom it was meant, whatever is looked at by
 * then, and whether that is still there.
 */
#ifndef MPROC_WINDOW_ORDER_H
#define MPROC_WINDOW_ORDER_H

#include "window/desk.h"

struct order;

/** For the view's pool, which allows it. worker: its place in the pool, -1 of none: then it is that worker which is
 * meant, and no other one in its place. */
struct order *order_new(MonDesk *desk, const struct view *view, unsigned verb, int64_t worker);
void order_free(gpointer order);

/** For tasks: these are asked for one by one. */
void order_set_tasks(struct order *order, const uint64_t *tasks, size_t count);

/** NULL; or why it cannot be done any more, as a sentence, for g_free. */
char *order_gone(void *order);

/** What its worker runs by now, "" if that is nothing. */
struct words order_call(const struct order *order);

/** Asks for it. number: of workers. */
void order_send(int number, void *order);

#endif
