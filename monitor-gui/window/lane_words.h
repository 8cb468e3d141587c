/* What stands on the bars of a timeline: a letter and a colour for each function, and as much of the argument as there
 * is room for. No widget is known here.
 */
#ifndef MPROC_WINDOW_LANE_WORDS_H
#define MPROC_WINDOW_LANE_WORDS_H

#include "model/words.h"
#include "window/desk.h"
#include "window/palette.h"

/** Functions with a colour of their own; all others have one together. */
#define LANE_COLORS 5

/** Its place among the colours; LANE_COLORS of those that have one together. */
uint32_t lane_group_of(uint32_t function);

struct lane_key {
    char letter[2]; /**< of no other function; "" if none was left */
    enum palette_color color;
    bool is_other; /**< it has the colour of all others, which is hatched */
};

/** So many functions have a letter. */
#define LANE_LETTERS 36

/** All keys of a pool. */
struct lane_keys {
    struct lane_key keys[LANE_LETTERS + 1];
};
void lane_keys_make(struct lane_keys *ret_keys, const struct model_pool *pool);

/** That of a function, by its number. 0 is one that is not known. */
const struct lane_key *lane_key_of(const struct lane_keys *keys, uint32_t function);

/** Its name; "a task" if it has none. */
const char *lane_function_name(const struct model_pool *pool, uint32_t function);

/** What tells an argument from others, in a few characters: "corpus/0419.html" is 0419. */
struct words lane_short(const char *argument);

/** What is known of a bar's argument, in short: its label, its argument or its item. */
struct words lane_argument(const struct view *view, uint32_t worker, const struct bar *bar);

#endif
