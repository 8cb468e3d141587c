/* A file that is whole or not there: it is written beside its place, under a name of its own that others writing the
 * same file do not have, and takes it when the disk has all of it, so that a loss of power leaves no half of it either.
 * What stood there until then stays if that fails.
 * Its owner alone can read it. Links stay what they are: it is the file behind them that is written. What is no file, a
 * folder or a device, is not replaced, nor what is protected from being written.
 *
 * Any thread, one at a time.
 */
#ifndef MPROC_WINDOW_WHOLE_FILE_H
#define MPROC_WINDOW_WHOLE_FILE_H

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

struct whole_file {
    char *path, *beside;
    FILE *file;
    int error; /**< errno of the first call that failed; WHOLE_FILE_OTHER, WHOLE_FILE_LOST; 0 */
};

/** What stands there is no file. */
#define WHOLE_FILE_OTHER (-1)
/** The disk did not take what was written. */
#define WHOLE_FILE_LOST (-2)

/** An error in words. */
const char *whole_file_text(int error);

/** The path behind the links of this one, where there may be a file or nothing so far; NULL, with *ret_error written,
 * if something else is there, or a file that is not to be written. */
char *whole_file_place(const char *path, int *ret_error);

/** False, with file->error set, if it cannot be made; then it is not to be closed. */
bool whole_file_open(struct whole_file *ret_file, const char *path);

bool whole_file_write(struct whole_file *file, const void *bytes, size_t size);

/** Puts it in its place if keep is true and nothing has failed, else removes what was written. Returns the error, 0 if
 * it is there. It may take as long as a disk takes. */
int whole_file_close(struct whole_file *file, bool keep);

#endif
