/* A stack as the library tells it, "parse_atom+0x4a (crash_parser), sum_parser.c:33" a line, as it is shown: what the
 * functions are called, and where they are. No widget is known here.
 */
#ifndef MPROC_WINDOW_STACK_TEXT_H
#define MPROC_WINDOW_STACK_TEXT_H

#include <glib.h>
#include <stdbool.h>

/** Whether it is one: not empty, nor the library's word that there is none. */
bool stack_is_told(const char *stack);

/** Two texts of as many lines: "#0 parse_atom", and "sum_parser.c:33" or "in crash_parser". */
struct stack_text {
    char *frames, *places;
    guint own_begin, own_end; /**< in frames: the first of the program's own that has a line, or the first */
};

/** For stack_text_clear. */
struct stack_text stack_text_of(const char *stack);
void stack_text_clear(struct stack_text *text);

/** That function and its place: "parse_atom, sum_parser.c:33"; for g_free, NULL if there is no stack. */
char *stack_own_place(const char *stack);

#endif
