/* Structs that the program hands in by pointer and that may grow: options, and what the library fills.
 *
 * Their size travels beside them, as the program's compiler knew it, through the inline functions of the public
 * headers. New members come at the end, each of 8 bytes or a multiple, so that no padding, whose content nobody knows,
 * lies where another version has a member.
 */
#ifndef MPROC_BASE_OPTIONS_H
#define MPROC_BASE_OPTIONS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** The rule: nothing lies behind a struct's last member. */
#define STRUCT_ENDS_WITH(type, last) (offsetof(type, last) + sizeof(((type *)0)->last) == sizeof(type))

int mproc__options_copy(void *ret_options, size_t size, const void *given, size_t given_size);

/** Copies options, of whichever version, into this version's struct: what the program did not know is 0, and given may
 * be NULL, which is all zero. Returns 0, or MPROC_E_NOT_SUPPORTED if the program asks for something that this version
 * does not know. Inline, since every task comes by here, most without options. */
static inline int mproc__options_take(void *ret_options, size_t size, const void *given, size_t given_size)
{
    memset(ret_options, 0, size);
    return given == NULL ? 0 : mproc__options_copy(ret_options, size, given, given_size);
}

/** An option that counts something: workers, milliseconds, tasks. */
struct option_count {
    const char *name;
    int64_t value;
};

/** 0, or MPROC_E_INVALID with the name of the first that is negative. */
int mproc__options_check_counts(const struct option_count *counts, size_t count);

/** Copies a filled struct of this version into the program's: as much as it knows, and 0 where it knows more. */
void mproc__struct_give(void *ret_struct, size_t given_size, const void *filled, size_t size);

#endif
