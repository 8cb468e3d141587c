#include "terminal/files.h"

#include "base/error.h"
#include <stdio.h>

/* With the name of the file before the text. */
static int fail(const char *path, int code)
{
    char text[512];
    snprintf(text, sizeof text, "%s: %s", path,
             mproc_last_code() == code ? mproc_last_error() : mproc_error_text(code));
    return mproc__error_text(code, text);
}

/* Other texts of these have the name. */
static int fail_begin(const char *path, int code)
{
    return code == MPROC_E_EXISTS ? mproc__error(code, "%s is there already: give the name of a new file", path) : code;
}

/* ---- The export ---- */

static int write_export(const void *bytes, size_t size, void *user)
{
    struct files *files = user;
    size_t done;
    int code = platform_file_append(files->export_file, bytes, size, &done);
    files->exported += done;
    if (code == 0)
        return 0;
    return mproc__error_platform(code, files->exported > 0 ? "what is there is not all of it" : "nothing was exported");
}

static int begin_export(struct files *files, const struct options *options)
{
    if (options->export == NULL)
        return 0;
    files->export_path = options->export;
    int code = platform_file_begin(options->export, NULL, 0, &files->export_file);
    if (code < 0)
        return fail_begin(options->export, mproc__error_platform(code, "making an export"));
    code = options_export_is_table(options) ? export_csv_begin(write_export, files, &files->export)
                                            : export_trace_begin(write_export, files, &files->export);
    return code < 0 ? fail(options->export, code) : 0;
}

static int end_export(struct files *files)
{
    int code = files->export != NULL ? export_end(files->export) : 0;
    files->export = NULL;
    platform_handle_close(files->export_file);
    files->export_file = PLATFORM_NO_HANDLE;
    if (code < 0 && files->exported == 0)
        remove(files->export_path);
    return code < 0 ? fail(files->export_path, code) : 0;
}

/* ---- The recording ---- */

static int begin_recording(struct files *files, const struct options *options, const unsigned char *greeting,
                           size_t size)
{
    if (options->record == NULL)
        return 0;
    files->record_path = options->record;
    int code = mproc__recording_create(&files->recorder, options->record, greeting, size);
    if (code < 0)
        return fail_begin(options->record, code);
    files->is_recording = true;
    return 0;
}

static int end_recording(struct files *files)
{
    if (!files->is_recording)
        return 0;
    files->is_recording = false;
    int code = mproc__recording_finish(&files->recorder);
    return code < 0 ? fail(files->record_path, code) : 0;
}

/* ---- Both ---- */

/* Nothing was written but beginnings. */
static void drop(struct files *files)
{
    bool has_export = files->export_file != PLATFORM_NO_HANDLE, has_recording = files->is_recording;
    files_end(files);
    if (has_export)
        remove(files->export_path);
    if (has_recording)
        remove(files->record_path);
}

int files_begin(struct files *ret_files, const struct options *options, const unsigned char *greeting, size_t size)
{
    *ret_files = (struct files){ .export_file = PLATFORM_NO_HANDLE };
    int code = begin_recording(ret_files, options, greeting, size);
    if (code == 0)
        code = begin_export(ret_files, options);
    if (code < 0)
        drop(ret_files);
    return code;
}

int64_t files_due_ns(const struct files *files)
{
    return files->is_recording ? mproc__recording_due_ns(&files->recorder) : INT64_MAX;
}

int files_write_due(struct files *files)
{
    int code = files->is_recording ? mproc__recording_write_due(&files->recorder) : 0;
    return code < 0 ? fail(files->record_path, code) : 0;
}

int files_take(struct files *files, const unsigned char *bytes, size_t size, const struct wire_frame *frame,
               const union record *record)
{
    int code = 0;
    if (files->is_recording && frame->type != RECORD_GREETING)
        code = mproc__recording_append(&files->recorder, bytes, size);
    if (code < 0)
        return fail(files->record_path, code);
    if (files->export != NULL)
        code = export_take(files->export, frame, record);
    return code < 0 ? fail(files->export_path, code) : 0;
}

int files_end(struct files *files)
{
    int code = end_recording(files), export_code = end_export(files);
    return code < 0 ? code : export_code;
}
