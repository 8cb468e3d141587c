/* What else is written into files than platform_file_*. */
#ifndef MPROC_UNIX_FILE_H
#define MPROC_UNIX_FILE_H

#include <stddef.h>

/** Writes all of it, and goes on after signals. Returns how many bytes were written; all but after an error, with errno
 * set: EFBIG, and no signal, if the file may not grow above RLIMIT_FSIZE. Blocks. */
size_t platform__file_write(int fd, const void *bytes, size_t size);

#endif
