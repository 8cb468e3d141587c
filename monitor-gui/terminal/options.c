#include "terminal/options.h"

#include "terminal/output.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_S 1e9

/* Longer than any machine stays up. */
#define DURATION_MAX_S 1e9

void options_help(void)
{
    output_format(
        "usage: mproc-monitor [OPTION]... [FILE.mproc | -- PROGRAM [ARGUMENT]...]\n"
        "\n"
        "Shows what the mproc pools of a program do: one that runs and publishes it (MPROC_MONITOR=1 in its\n"
        "environment), one that is started here, or one of which there is a recording.\n"
        "\n"
        "  --list              the processes of yours that can be watched\n"
        "  --text              in the terminal, though there is a display\n"
        "  --json              one object per line and event, for other programs\n"
        "  --metrics           one look as OpenMetrics text\n"
        "  --once              one look, then the end: with --text and --json\n"
        "  --pid N             watches that process\n"
        "  --connect PATH      watches the process that listens there, of another machine for instance\n"
        "  --duration SECONDS  ends after so long\n"
        "  --record FILE       writes a recording; --text and --json show it as well\n"
        "  --export FILE       writes FILE.json, a trace for Perfetto or Chrome, or FILE.csv, a table of tasks\n"
        "  -h, --help, --version\n"
        "\n"
        "Keys: q quit, space freeze, 1 to 5 pages, tab next pool, p pause the pool, r resume it,\n"
        "      e to the end of a recording.\n");
}

static bool refuse(const char *format, const char *what)
{
    char text[512];
    snprintf(text, sizeof text, format, what);
    output_complain("%s. Try mproc-monitor --help", text);
    return false;
}

/* ---- Values ---- */

static bool read_pid(const char *value, struct options *options)
{
    char *end;
    errno = 0;
    long long pid = strtoll(value, &end, 10);
    if (*value == '\0' || *end != '\0' || pid <= 0 || errno != 0)
        return refuse("--pid %s: not the number of a process; mproc-monitor --list tells them", value);
    options->pid = pid;
    return true;
}

static bool read_connect(const char *value, struct options *options)
{
    options->connect = value;
    return *value != '\0' ? true : refuse("--connect%s: the path of a socket is missing", value);
}

static bool read_duration(const char *value, struct options *options)
{
    char *end;
    double seconds = strtod(value, &end);
    if (*value == '\0' || *end != '\0' || !(seconds > 0 && seconds <= DURATION_MAX_S))
        return refuse("--duration %s: not a number of seconds above 0", value);
    options->duration_ns = (int64_t)(seconds * NS_PER_S);
    return true;
}

static bool ends_with(const char *text, const char *end)
{
    size_t size = strlen(text), end_size = strlen(end);
    return size > end_size && strcmp(text + size - end_size, end) == 0;
}

static bool read_export(const char *value, struct options *options)
{
    if (!ends_with(value, ".json") && !ends_with(value, ".csv"))
        return refuse("--export %s: its name has to end with .json, for a trace, or .csv, for a table", value);
    options->export = value;
    return true;
}

static bool read_record(const char *value, struct options *options)
{
    options->record = value;
    return *value != '\0' ? true : refuse("--record%s: the name of a file is missing", value);
}

/* ---- Options ---- */

static const struct flag {
    const char *name;
    enum mode mode;
} FLAGS[] = {
    { "--list", MODE_LIST }, { "--text", MODE_TEXT }, { "--json", MODE_JSON },       { "--metrics", MODE_METRICS },
    { "--help", MODE_HELP }, { "-h", MODE_HELP },     { "--version", MODE_VERSION },
};

static const struct valued {
    const char *name;
    bool (*read)(const char *value, struct options *options);
} VALUED[] = {
    { "--pid", read_pid },       { "--connect", read_connect }, { "--duration", read_duration },
    { "--record", read_record }, { "--export", read_export },
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* 1 if it was one of them, 0 if not, -1 if it cannot be. */
static int read_flag(const char *argument, struct options *options)
{
    if (strcmp(argument, "--once") == 0) {
        options->once = true;
        return 1;
    }
    for (size_t i = 0; i < COUNT(FLAGS); i++) {
        if (strcmp(argument, FLAGS[i].name) != 0)
            continue;
        if (options->mode != MODE_DISPLAY && options->mode != FLAGS[i].mode)
            return refuse("%s: another option says what to show already", argument) ? 1 : -1;
        options->mode = FLAGS[i].mode;
        return 1;
    }
    return 0;
}

/* "--name value" takes two arguments, "--name=value" one. Returns how many; 0 if it is none of them, -1 if its value is
 * wrong. */
static int read_valued(char **argv, struct options *options)
{
    for (size_t i = 0; i < COUNT(VALUED); i++) {
        size_t size = strlen(VALUED[i].name);
        if (strncmp(argv[0], VALUED[i].name, size) != 0)
            continue;
        if (argv[0][size] == '=')
            return VALUED[i].read(argv[0] + size + 1, options) ? 1 : -1;
        if (argv[0][size] != '\0')
            continue;
        if (argv[1] == NULL)
            return refuse("%s: its value is missing", argv[0]) ? 2 : -1;
        return VALUED[i].read(argv[1], options) ? 2 : -1;
    }
    return 0;
}

static int read_file(const char *argument, struct options *options)
{
    if (argument[0] == '-' && argument[1] != '\0')
        return refuse("%s: there is no such option", argument) ? 1 : -1;
    if (options->file != NULL)
        return refuse("%s: one recording at a time", argument) ? 1 : -1;
    options->file = argument;
    return 1;
}

/* How many arguments were taken, or -1. */
static int read_one(char **argv, struct options *options)
{
    int taken = read_flag(argv[0], options);
    if (taken == 0)
        taken = read_valued(argv, options);
    return taken == 0 ? read_file(argv[0], options) : taken;
}

static bool check(struct options *options)
{
    int sources =
        (options->file != NULL) + (options->program != NULL) + (options->pid != 0) + (options->connect != NULL);
    if (sources > 1)
        return refuse("%s", "a recording, a program to start, --pid or --connect: one of them");
    if (options->program != NULL && options->program[0] == NULL)
        return refuse("%s", "--: the program to start is missing");
    if (options->mode == MODE_LIST && (sources > 0 || options->record != NULL || options->export != NULL))
        return refuse("%s", "--list shows all processes and writes no files: it stands alone");
    if (options->mode == MODE_DISPLAY && (options->record != NULL || options->export != NULL) && !options->once)
        options->mode = MODE_QUIET;
    return true;
}

bool options_read(int argc, char **argv, struct options *ret_options)
{
    struct options options = { .duration_ns = INT64_MAX };
    for (int i = 1; i < argc;) {
        if (strcmp(argv[i], "--") == 0) {
            options.program = argv + i + 1;
            break;
        }
        int taken = read_one(argv + i, &options);
        if (taken < 0)
            return false;
        i += taken;
    }
    if (!check(&options))
        return false;
    *ret_options = options;
    return true;
}

bool options_export_is_table(const struct options *options)
{
    return ends_with(options->export, ".csv");
}
