#include "terminal/frame.h"

#include "platform.h"
#include "terminal/output.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool has_room(struct frame *frame, size_t size)
{
    if (frame->capacity - frame->size >= size)
        return true;
    size_t capacity = (frame->size + size) * 2;
    char *bytes = realloc(frame->bytes, capacity);
    if (bytes == NULL)
        return false;
    frame->bytes = bytes;
    frame->capacity = capacity;
    return true;
}

void frame_add(struct frame *frame, const char *bytes, size_t size)
{
    if (size == 0 || !has_room(frame, size))
        return;
    memcpy(frame->bytes + frame->size, bytes, size);
    frame->size += size;
}

void frame_format(struct frame *frame, const char *format, ...)
{
    char text[64];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    frame_add(frame, text, strlen(text));
}

bool frame_show(struct frame *frame)
{
    int code = platform_terminal_write(frame->bytes, frame->size);
    frame->size = 0;
    if (code < 0)
        output_complain("the terminal: %s", platform_error_text());
    return code == 0;
}

void frame_free(struct frame *frame)
{
    free(frame->bytes);
    *frame = (struct frame){ .bytes = NULL };
}
