#include "pool/journal.h"
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

struct journal {
    size_t made, size, used; /* of the bytes that it was made for, those that may be used, and that are */
    size_t text, text_end;   /* where the texts of the last record go on, and where they have to end */
    alignas(16) unsigned char bytes[];
};

/* What stands before a record. */
struct heading {
    alignas(16) uint32_t type;
    size_t size; /* from here to the next */
};

#define RECORD_SIZE(type, name, NAME, class)                                                                           \
    case RECORD_##NAME:                                                                                                \
        return sizeof(struct record_##name);

static size_t record_size(enum record_type type)
{
    switch (type) {
        RECORDS(RECORD_SIZE)
    }
    return 0;
}

struct journal *mproc__journal_new(size_t size)
{
    struct journal *journal = malloc(sizeof *journal + size);
    if (journal != NULL)
        *journal = (struct journal){ .made = size, .size = size };
    return journal;
}

void mproc__journal_free(struct journal *journal)
{
    free(journal);
}

void mproc__journal_clear(struct journal *journal)
{
    journal->used = 0;
}

void mproc__journal_limit(struct journal *journal, size_t size)
{
    journal->size = size < journal->made ? size : journal->made;
}

size_t mproc__journal_size(const struct journal *journal)
{
    return journal->size;
}

size_t mproc__journal_room(const struct journal *journal)
{
    return journal->size - journal->used;
}

size_t mproc__journal_needs(enum record_type type, size_t text_bytes)
{
    return (sizeof(struct heading) + record_size(type) + text_bytes + 15) & ~(size_t)15;
}

void *mproc__journal_add(struct journal *journal, enum record_type type, size_t text_bytes, size_t spared)
{
    size_t size = mproc__journal_needs(type, text_bytes), free_bytes = journal->size - journal->used;
    if (free_bytes < spared || free_bytes - spared < size)
        return NULL;
    struct heading *heading = (struct heading *)(journal->bytes + journal->used);
    heading->type = (uint32_t)type;
    heading->size = size;
    journal->used += size;
    journal->text = journal->used - text_bytes;
    journal->text_end = journal->used;
    return memset(heading + 1, 0, record_size(type));
}

struct record_text mproc__journal_text(struct journal *journal, const char *data, size_t size)
{
    size_t room = journal->text_end - journal->text;
    struct record_text text = { (const char *)journal->bytes + journal->text, (uint32_t)(size < room ? size : room) };
    if (text.size > 0)
        memcpy(journal->bytes + journal->text, data, text.size);
    journal->text += text.size;
    return text;
}

void *mproc__journal_next(struct journal *journal, void *record, enum record_type *ret_type)
{
    struct heading *heading = record != NULL ? (struct heading *)record - 1 : NULL;
    unsigned char *next = heading != NULL ? (unsigned char *)heading + heading->size : journal->bytes;
    if (next == journal->bytes + journal->used)
        return NULL;
    heading = (struct heading *)next;
    *ret_type = (enum record_type)heading->type;
    return heading + 1;
}
