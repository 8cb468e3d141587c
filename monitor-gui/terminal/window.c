#include "terminal/window.h"

#include "model/words.h"
#include "terminal/output.h"
#include "terminal/program.h"
#include <stdio.h>
#include <string.h>

#define OWN            "mproc-monitor"
#define PROGRAM        OWN "-gtk"
#define PATH_MAX_BYTES 1024

static bool is_wanted(const struct options *options)
{
    return options->mode == MODE_DISPLAY && !options->once && options->connect == NULL &&
           options->duration_ns == INT64_MAX;
}

/* Beside this program, with what its name has behind ours: ".exe" for instance. */
static void find(char ret_path[PATH_MAX_BYTES + sizeof PROGRAM])
{
    char own[PATH_MAX_BYTES];
    platform_self_program(own, sizeof own);
    const char *file = words_file(own);
    const char *end = strncmp(file, OWN, strlen(OWN)) == 0 ? file + strlen(OWN) : "";
    snprintf(ret_path, PATH_MAX_BYTES + sizeof PROGRAM, "%.*s" PROGRAM "%s", (int)(file - own), own, end);
}

bool window_show(const struct options *options, char **argv, int *ret_status)
{
    char path[PATH_MAX_BYTES + sizeof PROGRAM];
    int64_t pid;
    if (!is_wanted(options))
        return false;
    if (!platform_application_has_display()) {
        output_complain("without a window, since there is no display");
        return false;
    }
    find(path);
    argv[0] = path;
    if (program_start(argv, NULL, &pid) < 0) {
        output_complain("without a window, since " PROGRAM " is not installed beside this program");
        return false;
    }
    *ret_status = program_wait();
    return true;
}
