#include "window/recorder.h"

#include "base/error.h"
#include "trace/recording.h"
#include "window/whole_file.h"
#include <errno.h>
#include <glib/gstdio.h>
#include <mproc/base.h>

struct recorder {
    struct recording_writer writer;
    GByteArray *greeting;
    GByteArray *frame; /* the last one, with its number here */
    uint64_t last;     /* that number; 0: there is no file so far */
    uint64_t shift;    /* from a frame's number in its connection to the one here */
    char *path;
};

struct recorder *recorder_new(const char *path, const unsigned char *greeting, size_t size)
{
    struct recorder *recorder = g_new0(struct recorder, 1);
    recorder->path = g_strdup(path);
    recorder->greeting = g_byte_array_append(g_byte_array_new(), greeting, (guint)size);
    recorder->frame = g_byte_array_new();
    return recorder;
}

/* The error is about the place that was asked for. */
static int name_place(int code, const char *beside, const char *place)
{
    g_autoptr(GString) text = g_string_new(mproc_last_error());
    g_string_replace(text, beside, place, 0);
    return mproc__error_text(code, text->str);
}

/* Made beside its place, of a name that nobody has. */
static int begin_at(struct recorder *recorder, const char *place)
{
    g_autofree char *beside = g_strdup_printf("%s.part-%08x", place, g_random_int());
    const GByteArray *greeting = recorder->greeting;
    int code = mproc__recording_create(&recorder->writer, beside, greeting->data, greeting->len);
    if (code < 0)
        return name_place(code, beside, place);
    if (g_rename(beside, place) == 0)
        return 0;
    code = mproc__error(MPROC_E_OS, "making a recording: %s: %s", place, g_strerror(errno));
    mproc__recording_finish(&recorder->writer);
    g_remove(beside);
    return code;
}

/* Whoever chose the name has agreed to lose what had it, as soon as there is a recording in its place. The greeting is
 * older than what comes behind it, and is no part of the time that is recorded. */
static int begin(struct recorder *recorder, const struct wire_frame *first)
{
    int error = 0, code;
    mproc__wire_number(recorder->greeting->data, 1);
    mproc__wire_date(recorder->greeting->data, first->time_ns);
    g_autofree char *place = whole_file_place(recorder->path, &error);
    if (place == NULL)
        code = mproc__error(MPROC_E_OS, "making a recording: %s: %s", recorder->path, whole_file_text(error));
    else
        code = begin_at(recorder, place);
    if (code == 0) {
        recorder->last = 1;
        recorder->shift = recorder->last + 1 - first->sequence;
    }
    return code;
}

/* Its greeting stands for the last frame of the one before, and is not written. */
static void take_connection(struct recorder *recorder, const struct wire_frame *greeting)
{
    recorder->shift = recorder->last - greeting->sequence;
}

/* Numbers rise, as in one connection; what was lost on the way is missing here, too. */
static int append(struct recorder *recorder, const struct wire_frame *frame, const unsigned char *bytes)
{
    recorder->last = frame->sequence + recorder->shift;
    g_byte_array_set_size(recorder->frame, 0);
    g_byte_array_append(recorder->frame, bytes, frame->size);
    mproc__wire_number(recorder->frame->data, recorder->last);
    return mproc__recording_append(&recorder->writer, recorder->frame->data, frame->size);
}

int recorder_take(struct recorder *recorder, const struct wire_frame *frame, const unsigned char *bytes)
{
    bool begins = !recorder_has_begun(recorder) && frame->type == RECORD_SNAPSHOT_BEGIN;
    int code = begins ? begin(recorder, frame) : 0;
    if (code < 0 || !recorder_has_begun(recorder))
        return code;
    if (frame->type != RECORD_GREETING)
        return append(recorder, frame, bytes);
    take_connection(recorder, frame);
    return 0;
}

int recorder_write_due(struct recorder *recorder)
{
    return recorder_has_begun(recorder) ? mproc__recording_write_due(&recorder->writer) : 0;
}

bool recorder_has_begun(const struct recorder *recorder)
{
    return recorder->last != 0;
}

int recorder_end(struct recorder *recorder)
{
    int code = 0;
    if (recorder == NULL)
        return 0;
    if (recorder_has_begun(recorder))
        code = mproc__recording_finish(&recorder->writer);
    if (recorder_has_begun(recorder) && code == 0 && !g_file_test(recorder->path, G_FILE_TEST_EXISTS))
        code = mproc__error(MPROC_E_OS, "the file was removed while it was written: %s", recorder->path);
    if (!recorder_has_begun(recorder))
        code = mproc__error(MPROC_E_END, "nothing came that could be recorded, and no file was made");
    g_byte_array_unref(recorder->greeting);
    g_byte_array_unref(recorder->frame);
    g_free(recorder->path);
    g_free(recorder);
    return code;
}

const char *recorder_path(const struct recorder *recorder)
{
    return recorder->path;
}

uint64_t recorder_bytes(const struct recorder *recorder)
{
    return recorder_has_begun(recorder) ? recorder->writer.written + recorder->writer.used : 0;
}
