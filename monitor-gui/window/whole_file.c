#include "window/whole_file.h"

#include "platform.h"
#include <errno.h>
#include <glib/gstdio.h>

/* As many as systems follow. */
#define LINKS_MAX 40
/* Of g_access; the name that it has is in no header of C's. */
#define MAY_WRITE 2

const char *whole_file_text(int error)
{
    if (error == WHOLE_FILE_OTHER)
        return "What is there is no file";
    return error == WHOLE_FILE_LOST ? "The disk did not take what was written" : g_strerror(error);
}

/* ---- Where it is to be ---- */

/* NULL if it is no link. */
static char *behind(const char *path)
{
    g_autofree char *target = g_file_read_link(path, NULL), *folder = g_path_get_dirname(path);
    if (target == NULL)
        return NULL;
    return g_path_is_absolute(target) ? g_steal_pointer(&target) : g_build_filename(folder, target, NULL);
}

/* A name can be taken from a file that is protected, too: that is not what whoever protected it had in mind. */
static int trouble_at(const char *place)
{
    if (!g_file_test(place, G_FILE_TEST_EXISTS))
        return 0;
    if (!g_file_test(place, G_FILE_TEST_IS_REGULAR))
        return WHOLE_FILE_OTHER;
    return g_access(place, MAY_WRITE) == 0 ? 0 : errno;
}

char *whole_file_place(const char *path, int *ret_error)
{
    g_autofree char *place = g_strdup(path);
    for (int links = 0; links < LINKS_MAX; links++) {
        char *next = behind(place);
        if (next == NULL)
            break;
        g_free(place);
        place = next;
    }
    *ret_error = trouble_at(place);
    return *ret_error == 0 ? g_steal_pointer(&place) : NULL;
}

/* ---- The file ---- */

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
    *ret_file = (struct whole_file){ .file = NULL };
    ret_file->path = whole_file_place(path, &ret_file->error);
    if (ret_file->path == NULL)
        return false;
    errno = 0;
    ret_file->beside = g_strdup_printf("%s.part-XXXXXX", ret_file->path);
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
    if (keep && file->error == 0 && platform_file_flush(file->beside) < 0)
        file->error = WHOLE_FILE_LOST;
    if (keep && file->error == 0)
        note(file, g_rename(file->beside, file->path) == 0);
    if (!keep || file->error != 0)
        g_remove(file->beside);
    g_free(file->path);
    g_free(file->beside);
    return file->error;
}
