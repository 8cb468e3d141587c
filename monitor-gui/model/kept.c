#include "model/kept.h"

#include <mproc/base.h>
#include <stdlib.h>

static struct record_text *text_at(void *record, const struct wire_field *field)
{
    return (struct record_text *)((char *)record + field->offset);
}

static bool is_text(const struct wire_field *field)
{
    return mproc__wire_text_max(field->kind) > 0;
}

/* What the texts take with their zeros. Empty ones take nothing. */
static size_t texts_size(const struct wire_type *type, const void *record)
{
    size_t size = 0;
    for (size_t i = 0; i < type->count; i++) {
        if (!is_text(&type->fields[i]))
            continue;
        const struct record_text *text = (const void *)((const char *)record + type->fields[i].offset);
        size += text->size > 0 ? text->size + 1 : 0;
    }
    return size;
}

static char *move_text(struct record_text *text, char *room)
{
    if (text->size == 0) {
        text->data = "";
        return room;
    }
    memcpy(room, text->data, text->size);
    room[text->size] = '\0';
    text->data = room;
    return room + text->size + 1;
}

int kept_store(unsigned type, void *slot, char **texts, const void *record)
{
    const struct wire_type *shape = mproc__wire_type(type);
    size_t size = texts_size(shape, record);
    char *block = NULL;
    if (size > 0 && (block = malloc(size)) == NULL)
        return MPROC_E_NO_MEMORY;
    memcpy(slot, record, shape->size);
    char *room = block;
    for (size_t i = 0; i < shape->count; i++)
        if (is_text(&shape->fields[i]))
            room = move_text(text_at(slot, &shape->fields[i]), room);
    free(*texts);
    *texts = block;
    return 0;
}
