/* What the library has to say beyond return values: one logger per process, silent by default.
 */
#ifndef MPROC_LOG_H
#define MPROC_LOG_H

#include <mproc/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Levels, in rising weight; the numbers are those of Python. */
typedef enum mproc_log_level {
    MPROC_LOG_SUBDEBUG = 5,
    MPROC_LOG_DEBUG = 10,
    MPROC_LOG_INFO = 20,
    MPROC_LOG_SUBWARNING = 25,
    MPROC_LOG_WARNING = 30,
    MPROC_LOG_ERROR = 40,
    MPROC_LOG_OFF = 1000 /**< the initial level */
} mproc_log_level;

/** Writes messages of this level and above to stderr, one line and one write each:
 * "[LEVEL/PROCESS-NAME] TEXT". Children inherit the level under every start method.
 *
 * level: MPROC_LOG_OFF silences.
 * Blocks: never. Threads: any. Fork: inherited.
 * Since: 0.2. Source: multiprocessing.log_to_stderr.
 */
MPROC_API void mproc_set_log_level(mproc_log_level level);

/** The level in force.
 *
 * Blocks: never. Threads: any. Fork: safe.
 * Since: 0.2
 */
MPROC_API mproc_log_level mproc_get_log_level(void);

/** Writes a message of the program's own through the library's logger.
 *
 * format: as printf; a line is cut at 1000 bytes.
 * Blocks: as a write to stderr. Threads: any; lines never mix. Fork: safe.
 * Since: 0.1. Source: multiprocessing.get_logger.
 */
MPROC_API void mproc_log(mproc_log_level level, const char *format, ...) MPROC_PRINTF(2, 3);

#ifdef __cplusplus
}
#endif
#endif
