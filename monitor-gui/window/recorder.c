#include "window/recorder.h"

#include "base/error.h"
#include "trace/recording.h"
#include "window/whole_file.h"
#include <errno.h>
#include <glib/gstdio.h>
#include <mproc/base.h>

struct recorder {
    struct recording_writer writer;
    bool is_begun; /* the greeting is in the file */
    char *path;
};

struct recorder *recorder_new(const char *path)
{
    struct recorder *recorder = g_new0(struct recorder, 1);
    recorder->path = g_strdup(path);
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
static int begin_at(struct recorder *recorder, const char *place, const unsigned char *greeting, size_t size)
{
    g_autofree char *beside = g_strdup_printf("%s.part-%08x", place, g_random_int());
    int code = mproc__recording_create(&recorder->writer, beside, greeting, size);
    if (code < 0)
        return name_place(code, beside, place);
    if (g_rename(beside, place) == 0)
        return 0;
    code = mproc__error(MPROC_E_OS, "making a recording: %s: %s", place, g_strerror(errno));
    mproc__recording_finish(&recorder->writer);
    g_remove(beside);
    return code;
}

/* Whoever chose the name has agreed to lose what had it, as soon as there is a recording in its place. */
static int begin(struct recorder *recorder, const unsigned char *greeting, size_t size)
{
    int error = 0, code;
    g_autofree char *place = whole_file_place(recorder->path, &error);
    if (place == NULL)
        code = mproc__error(MPROC_E_OS, "making a recording: %s: %s", recorder->path, whole_file_text(error));
    else
        code = begin_at(recorder, place, greeting, size);
    recorder->is_begun = code == 0;
    return code;
}

int recorder_take(struct recorder *recorder, bool is_greeting, const unsigned char *bytes, size_t size)
{
    if (is_greeting)
        return recorder->is_begun ? 0 : begin(recorder, bytes, size);
    return recorder->is_begun ? mproc__recording_append(&recorder->writer, bytes, size) : 0;
}

int recorder_write_due(struct recorder *recorder)
{
    return recorder->is_begun ? mproc__recording_write_due(&recorder->writer) : 0;
}

bool recorder_has_begun(const struct recorder *recorder)
{
    return recorder->is_begun;
}

int recorder_end(struct recorder *recorder)
{
    int code = 0;
    if (recorder == NULL)
        return 0;
    if (recorder->is_begun)
        code = mproc__recording_finish(&recorder->writer);
    if (recorder->is_begun && code == 0 && !g_file_test(recorder->path, G_FILE_TEST_EXISTS))
        code = mproc__error(MPROC_E_OS, "the file was removed while it was written: %s", recorder->path);
    if (!recorder->is_begun)
        code = mproc__error(MPROC_E_END, "nothing came that could be recorded, and no file was made");
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
    return recorder->is_begun ? recorder->writer.written + recorder->writer.used : 0;
}
