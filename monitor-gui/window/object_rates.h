/* How much comes out of each queue and pipe per second, from what came out in all at two moments. */
#ifndef MPROC_WINDOW_OBJECT_RATES_H
#define MPROC_WINDOW_OBJECT_RATES_H

#include "model/model.h"
#include <glib.h>

struct object_rates;

struct object_rates *object_rates_new(void);
void object_rates_free(struct object_rates *rates);

/** Looks at all objects of the model; to be called a few times a second. Another model, or an earlier time, begins
 * anew. */
void object_rates_note(struct object_rates *rates, const struct model *model);

/** Messages or bytes per second, over the last second or so; false if it is not known (yet). */
bool object_rates_get(const struct object_rates *rates, uint64_t object, double *ret_rate);

#endif
