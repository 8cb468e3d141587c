#include "window/whole_file.h"

#include <errno.h>
#include <glib/gstdio.h>

static void note(struct whole_file *file, bool fine)
{
    if (!fine && file->error == 0)
        file->error = errno != 0 ? errno : EIO;
}

/* Of a name that nobody has, and nobody can have made a link of. */
static FILE *make_beside(char *beside)
{
    int descriptor = g_mkstemp(beside);
    FILE *file = descriptor >= 0 ? fdopen(descriptor, "wb") : NULL;
    if (descriptor >= 0 && file == NULL) {
        g_close(descriptor, NULL);
        g_remove(beside);
    }
    return file;
}

bool whole_file_open(struct whole_file *ret_file, const char *path)
{
    errno = 0;
    *ret_file = (struct whole_file){ .path = g_strdup(path), .beside = g_strdup_printf("%s.part-XXXXXX", path) };
    ret_file->file = make_beside(ret_file->beside);
    note(ret_file, ret_file->file != NULL);
    if (ret_file->file == NULL) {
        g_free(ret_file->path);
        g_free(ret_file->beside);
    }
    return ret_file->file != NULL;
}

bool whole_file_write(struct whole_file *file, const void *bytes, size_t size)
{
    errno = 0;
    if (file->error == 0)
        note(file, fwrite(bytes, 1, size, file->file) == size);
    return file->error == 0;
}

int whole_file_close(struct whole_file *file, bool keep)
{
    errno = 0;
    note(file, fflush(file->file) == 0);
    note(file, fclose(file->file) == 0);
    if (keep && file->error == 0)
        note(file, g_rename(file->beside, file->path) == 0);
    if (!keep || file->error != 0)
        g_remove(file->beside);
    g_free(file->path);
    g_free(file->beside);
    return file->error;
}
