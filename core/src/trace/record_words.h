/* The words of numbers in records that stand for something: states, kinds, causes, flags.
 */
#ifndef MPROC_TRACE_RECORD_WORDS_H
#define MPROC_TRACE_RECORD_WORDS_H

#include <stddef.h>

/** The words of a field's values, from 0 on. */
struct record_words {
    unsigned type; /**< enum record_type */
    const char *field;
    const char *const *words; /**< NULL for values that are not used; NULL alone: it is a flag, 0 or 1 */
    size_t count;
};

/** Those of a field; NULL if it is a number and nothing else. */
const struct record_words *mproc__record_words(unsigned type, const char *field);

/** The word of a value; NULL if it has none, as what a newer process says may not. A flag has none. */
const char *mproc__record_word(const struct record_words *words, unsigned value);

/** All of them: the index-th; NULL past the end. */
const struct record_words *mproc__record_words_at(size_t index);

#endif
