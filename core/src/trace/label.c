#include "trace/label.h"
#include "trace/utf8.h"
#include <string.h>

#define WORDS (LABEL_BYTES / 8)

/* A sequence lock of one writer, which a kill cannot leave locked: at worst there is no label. Above the mark stands
 * how many were written before: a task may change its label. */
void mproc__label_write(struct label_line *line, uint32_t mark, const char *text, size_t size)
{
    uint64_t words[WORDS] = { 0 };
    size_t most = LABEL_BYTES - 1;
    memcpy(words, text, mproc__utf8_valid(text, size < most ? size : most));
    uint64_t count = ((atomic_load_explicit(&line->mark, memory_order_relaxed) >> 32) + 1) << 32;
    atomic_store_explicit(&line->mark, count, memory_order_relaxed);
    /* Release, each: who has read one of them finds the mark changed when he looks again. */
    for (size_t i = 0; i < WORDS; i++)
        atomic_store_explicit(&line->words[i], words[i], memory_order_release);
    atomic_store_explicit(&line->mark, count | mark, memory_order_release);
}

size_t mproc__label_read(const struct label_line *line, uint32_t mark, char *ret_text)
{
    uint64_t words[WORDS];
    uint64_t seen = atomic_load_explicit(&line->mark, memory_order_acquire);
    if ((uint32_t)seen != mark)
        return 0;
    for (size_t i = 0; i < WORDS; i++)
        words[i] = atomic_load_explicit(&line->words[i], memory_order_acquire);
    if (atomic_load_explicit(&line->mark, memory_order_relaxed) != seen)
        return 0;
    memcpy(ret_text, words, sizeof words);
    /* A task may have scribbled over it. */
    const char *end = memchr(ret_text, '\0', LABEL_BYTES);
    return end != NULL ? (size_t)(end - ret_text) : 0;
}
