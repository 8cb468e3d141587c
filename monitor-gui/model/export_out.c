#include "model/export_out.h"

#include "trace/wire_json.h"
#include <stdarg.h>
#include <stdio.h>

#define LINE_MAX_BYTES 512u

int export_flush(struct export_out *out)
{
    if (out->code == 0 && out->used > 0)
        out->code = out->write(out->room, out->used, out->user);
    out->used = 0;
    return out->code;
}

/* Room for so many bytes, which are never more than all of it. */
static char *room(struct export_out *out, size_t size)
{
    if (EXPORT_ROOM - out->used < size)
        export_flush(out);
    return out->room + out->used;
}

void export_format(struct export_out *out, const char *format, ...)
{
    char *at = room(out, LINE_MAX_BYTES);
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(at, LINE_MAX_BYTES, format, arguments);
    va_end(arguments);
    out->used += (size_t)size < LINE_MAX_BYTES ? (size_t)size : LINE_MAX_BYTES - 1;
}

static size_t bounded(struct record_text text)
{
    return text.size < EXPORT_TEXT_MAX ? text.size : EXPORT_TEXT_MAX;
}

/* Six times as long if each of its characters is escaped. */
void export_json(struct export_out *out, struct record_text text)
{
    size_t size = bounded(text), most = 6 * size + 3;
    out->used += mproc__wire_json_text(room(out, most), most, text.data, size);
}

/* Quotes are doubled; all else, line ends too, stands as it is within quotes. */
void export_quoted(struct export_out *out, struct record_text text)
{
    size_t size = bounded(text);
    char *at = room(out, 2 * size + 2), *first = at;
    *at++ = '"';
    for (size_t i = 0; i < size; i++) {
        if (text.data[i] == '"')
            *at++ = '"';
        *at++ = text.data[i];
    }
    *at++ = '"';
    out->used += (size_t)(at - first);
}
