/* mproc-monitor: what the pools of a program do, in a terminal, as lines, as JSON, as metrics, as files. */
#include "terminal/attach.h"
#include "terminal/json.h"
#include "terminal/lines.h"
#include "terminal/live.h"
#include "terminal/metrics.h"
#include "terminal/output.h"
#include "terminal/page.h"
#include "terminal/program.h"
#include "terminal/screen.h"
#include "terminal/window.h"
#include <mproc/base.h>

/* A page that is no terminal's. */
#define PRINTED_COLUMNS 132

static uint32_t wanted(const struct options *options)
{
    if (options->mode == MODE_METRICS && options->record == NULL && options->export == NULL)
        return RECORD_WANTS_OBJECTS;
    return RECORD_WANTS_LIFE | RECORD_WANTS_DETAIL | RECORD_WANTS_LOG | RECORD_WANTS_OBJECTS;
}

static void print_page(const struct model *model)
{
    struct page page = { .text = NULL };
    int columns = PRINTED_COLUMNS, rows;
    if (platform_terminal_is_there(PLATFORM_STDOUT))
        platform_terminal_size(&columns, &rows);
    page_begin(&page, columns, 0, false);
    screen_draw(&page, model, SCREEN_OVERVIEW, 0);
    output_write(page.text, page.size);
    page_free(&page);
}

static int look_once(struct session *session, const struct options *options)
{
    int status = session_look(session);
    if (status != EXIT_FINE)
        return status;
    if (options->mode == MODE_METRICS)
        metrics_write(session->model);
    else if (options->mode == MODE_JSON)
        json_document(session);
    else
        print_page(session->model);
    return output_flush() ? EXIT_FINE : EXIT_OTHER;
}

/* Files alone, or JSON line by line: nothing is drawn. */
static int run_quietly(struct session *session)
{
    for (;;) {
        int status = EXIT_FINE;
        enum session_news news = session_step(session, PLATFORM_NO_HANDLE, INT64_MAX, &status);
        if (!output_flush())
            return EXIT_OTHER;
        if (news == SESSION_FAILED)
            return status;
        if (news == SESSION_OVER || news == SESSION_INTERRUPTED)
            return EXIT_FINE;
    }
}

/* The terminal is the program's, if one was started: it is shown in lines between its own, unless --text says so. And
 * another one's, for whom this runs in the background. */
static bool is_drawn(const struct options *options)
{
    return platform_terminal_is_there(PLATFORM_STDOUT) && platform_terminal_is_shown() &&
           (!program_is_started() || options->mode == MODE_TEXT);
}

static session_record_fn *lines_of_json(const struct options *options)
{
    return options->mode == MODE_JSON && !options->once ? json_line : NULL;
}

static int run_on(struct session *session, const struct options *options)
{
    if (options->mode == MODE_JSON || options->mode == MODE_QUIET)
        return run_quietly(session);
    return is_drawn(options) ? live_run(session) : lines_run(session);
}

static int run(struct session *session, const struct options *options)
{
    if (options->once || options->mode == MODE_METRICS)
        return look_once(session, options);
    int status = run_on(session, options);
    if (status != EXIT_FINE || !session->is_lost)
        return status;
    output_complain("the connection was lost: nothing was taken for too long, or the program's endpoint, or the way "
                    "to it, is gone");
    return EXIT_OTHER;
}

static int watch(const struct options *options)
{
    platform_handle interrupts = PLATFORM_NO_HANDLE;
    struct source *source;
    struct session session;
    if (platform_interrupts_begin(&interrupts) < 0)
        output_complain("Ctrl-C will not end this in good order: %s", platform_error_text());
    int status = attach(options, wanted(options), interrupts, &source);
    output_begin();
    if (status == EXIT_FINE) {
        status = session_begin(&session, source, options, interrupts, lines_of_json(options));
        if (status == EXIT_FINE)
            status = run(&session, options);
        status = session_end(&session, status);
    }
    if (!program_is_started())
        return status;
    int program_status = program_wait();
    return program_status != 0 || status == EXIT_NOBODY ? program_status : status;
}

int main(int argc, char **argv)
{
    struct options options;
    int status;
    platform_setup();
    platform_application_begin();
    if (!options_read(argc, argv, &options))
        return EXIT_USAGE;
    switch (options.mode) {
    case MODE_HELP:
        options_help();
        return output_flush() ? EXIT_FINE : EXIT_OTHER;
    case MODE_VERSION:
        output_format("mproc-monitor %s\n", mproc_version());
        return output_flush() ? EXIT_FINE : EXIT_OTHER;
    case MODE_LIST:
        return attach_list();
    default:
        return window_show(&options, argv, &status) ? status : watch(&options);
    }
}
