/* Writes a recording of a program that never ran: monitor_recording FILE [BYTES | hostile], cut short to so many; or
 * with texts, in the place of all that there are, which terminals, JSON, CSV and metrics would take for their own. */
#include "monitor_story.h"
#include "trace/recording.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const hostile[] = {
    "\x1b]0;pwned\x07\x1b[2J\x1b[31m",
    ("\xc2\x9b"
     "31m\xc2\x9d"
     "0;x\xc2\x9c"),
    ("\xe2\x80\xae"
     "abc\xe2\x81\xa6"),
    "\xff\xfe\xc3( \xc0\x80 \xed\xa0\x80",
    "\"';\n,{}<b>&amp;\\",
    "a\r\nb\tc\v\f\b\x7f",
    "%s%n%d",
    "# EOF\n# TYPE x counter\nx_total 1",
    "\xe2\x80\xa8 \xf3\xa0\x81\x81 e\xcc\x81\xcc\x81",
    "12345678901234567890123456789012345678901234567890123456789012\xf0\x9f\x98\x80\x1b[m",
};
static bool is_hostile;
static struct recording_writer writer;

static void replace_texts(unsigned number, union record *record)
{
    static size_t next;
    const struct wire_type *type = mproc__wire_type(number);
    for (size_t i = 0; i < type->count; i++) {
        struct record_text *text = (struct record_text *)((char *)record + type->fields[i].offset);
        if (mproc__wire_text_max(type->fields[i].kind) > 0 && text->size > 0)
            *text = record_text_of(hostile[next++ % (sizeof hostile / sizeof *hostile)]);
    }
}

static size_t encode(unsigned char *bytes, size_t capacity, const struct wire_frame *frame, const void *record)
{
    union record copy;
    if (!is_hostile)
        return mproc__wire_encode(bytes, capacity, frame, record);
    memcpy(&copy, record, mproc__wire_type(frame->type)->size);
    replace_texts(frame->type, &copy);
    return mproc__wire_encode(bytes, capacity, frame, &copy);
}

static void write_frame(void *user, const struct wire_frame *frame, const void *record)
{
    static unsigned char bytes[WIRE_OWN_MAX];
    size_t size = encode(bytes, sizeof bytes, frame, record);
    int code = frame->sequence == 1 ? mproc__recording_create(&writer, user, bytes, size)
                                    : mproc__recording_append(&writer, bytes, size);
    if (code < 0) {
        mproc_perror("monitor_recording");
        exit(1);
    }
}

static int cut(const char *path, size_t size)
{
    void *bytes;
    size_t whole;
    if (platform_file_read(path, (size_t)1 << 30, &bytes, &whole) < 0 || size > whole || remove(path) != 0)
        return 1;
    int code = platform_file_create(path, &(mproc_view){ bytes, size }, 1);
    free(bytes);
    return code < 0;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    platform_setup();
    is_hostile = argc > 2 && strcmp(argv[2], "hostile") == 0;
    struct story story = { .sink = write_frame, .user = argv[1] };
    story_run_all(&story);
    if (mproc__recording_finish(&writer) < 0)
        return 1;
    return argc > 2 && !is_hostile ? cut(argv[1], strtoul(argv[2], NULL, 10)) : 0;
}
