/* What mproc-monitor was asked to do. */
#ifndef MPROC_MONITOR_OPTIONS_H
#define MPROC_MONITOR_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

enum mode { MODE_DISPLAY, MODE_TEXT, MODE_LIST, MODE_JSON, MODE_METRICS, MODE_QUIET, MODE_HELP, MODE_VERSION };

struct options {
    enum mode mode; /**< MODE_DISPLAY: a window, if there can be one, else text. MODE_QUIET: only files are written */
    bool once;      /**< one look, then the end */
    int64_t pid;    /**< 0: of the only process there is */
    const char *connect;         /**< where a process listens, instead of its number; NULL */
    int64_t duration_ns;         /**< INT64_MAX: until something else ends it */
    const char *record, *export; /**< files to write; NULL */
    const char *file;            /**< a recording to read; NULL */
    char **program;              /**< to be started; NULL */
};

/** Reads the command line. Returns false, with a line on stderr that says what to do, if it makes no sense. */
bool options_read(int argc, char **argv, struct options *ret_options);

/** Whether the file to export to is a table, by the end of its name; the other kind is a trace. */
bool options_export_is_table(const struct options *options);

/** Prints how the program is used. */
void options_help(void);

#endif
