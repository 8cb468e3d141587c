#include "trace/wire_json.h"
#include "trace/record_words.h"
#include "trace/utf8.h"
#include "trace/wire.h"
#include <mproc/base.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct line {
    char *out;
    size_t capacity, used; /**< used counts on where the room ends */
};

static void add(struct line *line, const char *text, size_t size)
{
    if (line->used < line->capacity) {
        size_t room = line->capacity - line->used;
        memcpy(line->out + line->used, text, size < room ? size : room);
    }
    line->used += size;
}

static void add_format(struct line *line, const char *format, ...) MPROC_PRINTF(2, 3);

static void add_format(struct line *line, const char *format, ...)
{
    char text[128];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    add(line, text, (size_t)length);
}

/* ---- Texts ---- */

static void add_number(struct line *line, uint32_t code)
{
    if (code == '\n')
        add(line, "\\n", 2);
    else if (code == '\t')
        add(line, "\\t", 2);
    else
        add_format(line, "\\u%04x", (unsigned)code);
}

/* What a terminal would obey comes as its number: it is one that shows these lines, at times. Beyond U+FFFF, where it
 * would take two numbers, are only tags, which nobody obeys and nobody sees. */
static void add_character(struct line *line, const char *character, size_t length)
{
    uint32_t code = length > 0 ? mproc__utf8_code(character, length) : 0xfffd;
    if (length == 0 || (code <= 0xffff && mproc__utf8_is_obeyed(code)))
        add_number(line, code);
    else if (code == '"' || code == '\\')
        add_format(line, "\\%c", character[0]);
    else
        add(line, character, length);
}

static void add_text(struct line *line, const char *text, size_t size)
{
    add(line, "\"", 1);
    for (size_t at = 0; at < size;) {
        size_t length = mproc__utf8_character(text + at, size - at);
        add_character(line, text + at, length);
        at += length > 0 ? length : 1;
    }
    add(line, "\"", 1);
}

/* ---- Records ---- */

/* A number that has no word is one that a newer process says. */
static void add_small(struct line *line, const struct record_words *words, unsigned value)
{
    const char *word = words != NULL ? mproc__record_word(words, value) : NULL;
    if (word != NULL)
        add_format(line, "\"%s\"", word);
    else if (words != NULL && words->words == NULL && value <= 1)
        add_format(line, value ? "true" : "false");
    else
        add_format(line, "%u", value);
}

static void add_value(struct line *line, unsigned type, const struct wire_field *field, const void *member)
{
    const struct record_text *text = member;
    switch (field->kind) {
    case RECORD_U8:
        add_small(line, mproc__record_words(type, field->name), *(const uint8_t *)member);
        break;
    case RECORD_U16:
        add_format(line, "%u", *(const uint16_t *)member);
        break;
    case RECORD_U32:
        add_format(line, "%lu", (unsigned long)*(const uint32_t *)member);
        break;
    case RECORD_U64:
        add_format(line, "%llu", (unsigned long long)*(const uint64_t *)member);
        break;
    case RECORD_I64:
        add_format(line, "%lld", (long long)*(const int64_t *)member);
        break;
    default:
        add_text(line, text->data, text->size);
    }
}

/* The zero stands behind what was written, or in the last place. */
static size_t finish(const struct line *line)
{
    if (line->capacity > 0)
        line->out[line->used < line->capacity ? line->used : line->capacity - 1] = '\0';
    return line->used;
}

size_t mproc__wire_json(char *out, size_t capacity, unsigned type, const void *record)
{
    const struct wire_type *table = mproc__wire_type(type);
    struct line line = { out, capacity, 0 };
    if (table == NULL)
        return 0;
    add_format(&line, "{\"record\":\"%s\"", table->name);
    for (size_t i = 0; i < table->count; i++) {
        const struct wire_field *field = &table->fields[i];
        add_format(&line, ",\"%s\":", field->name);
        add_value(&line, type, field, (const char *)record + field->offset);
    }
    add(&line, "}", 1);
    return finish(&line);
}

size_t mproc__wire_json_text(char *out, size_t capacity, const char *text, size_t size)
{
    struct line line = { out, capacity, 0 };
    add_text(&line, text, size);
    return finish(&line);
}
