#include "terminal/window.h"

#include "terminal/output.h"
#include "terminal/program.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROGRAM        "mproc-monitor-gtk"
#define PATH_MAX_BYTES 1024

/* On a system without displays of this kind there are no such variables. */
static bool has_display(void)
{
    const char *x11 = getenv("DISPLAY"), *wayland = getenv("WAYLAND_DISPLAY");
    return (x11 != NULL && x11[0] != '\0') || (wayland != NULL && wayland[0] != '\0');
}

static bool is_wanted(const struct options *options)
{
    return options->mode == MODE_DISPLAY && !options->once && options->connect == NULL &&
           options->duration_ns == INT64_MAX && has_display();
}

/* Beside this program, whose name has the same end. */
static void find(char ret_path[PATH_MAX_BYTES + sizeof PROGRAM])
{
    char *file = ret_path;
    platform_self_program(ret_path, PATH_MAX_BYTES);
    for (char *at = ret_path; *at != '\0'; at++)
        if (*at == '/' || *at == '\\')
            file = at + 1;
    memcpy(file, PROGRAM, sizeof PROGRAM);
}

bool window_show(const struct options *options, char **argv, int *ret_status)
{
    char path[PATH_MAX_BYTES + sizeof PROGRAM];
    int64_t pid;
    if (!is_wanted(options))
        return false;
    find(path);
    argv[0] = path;
    if (program_start(argv, NULL, &pid) < 0) {
        output_complain("without a window, since " PROGRAM " is not installed beside this program");
        return false;
    }
    *ret_status = program_wait();
    return true;
}
