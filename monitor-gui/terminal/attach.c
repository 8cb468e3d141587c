#include "terminal/attach.h"

#include "model/card.h"
#include "model/text.h"
#include "model/words.h"
#include "terminal/output.h"
#include "terminal/program.h"
#include "terminal/table.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define CLIENT_NAME "mproc-monitor"

/* How long a process may take to answer, and one that was started to publish. */
#define ANSWER_NS     INT64_C(10000000000)
#define LOOK_NS       INT64_C(1500000000)
#define LOOK_AGAIN_NS INT64_C(20000000)

static int complain_of_process(int code)
{
    output_complain("%s", mproc_last_error());
    if (code == MPROC_E_NOT_FOUND)
        output_complain("mproc-monitor --list tells what can be watched; a program publishes its pools if it runs with "
                        "MPROC_MONITOR=1 in its environment");
    return session_status(code);
}

static int connect_to(int64_t pid, uint32_t wants, platform_handle interrupts, struct source **ret_source)
{
    int code = source_connect(pid, wants, CLIENT_NAME, interrupts, platform_now_ns() + ANSWER_NS, ret_source);
    return code < 0 ? complain_of_process(code) : EXIT_FINE;
}

static int connect_to_address(const char *address, uint32_t wants, platform_handle interrupts,
                              struct source **ret_source)
{
    int64_t deadline_ns = platform_now_ns() + ANSWER_NS;
    int code = source_connect_to(address, wants, CLIENT_NAME, interrupts, deadline_ns, ret_source);
    if (code < 0)
        output_complain("%s: %s", address, mproc_last_error());
    return code < 0 ? session_status(code) : EXIT_FINE;
}

/* ---- Who is there ---- */

static bool gather(const platform_found *found, void *user)
{
    platform_found *place = list_add(user);
    if (place == NULL)
        return false;
    *place = *found;
    return true;
}

static int by_pid(const void *one, const void *other)
{
    int64_t difference = ((const platform_found *)one)->pid - ((const platform_found *)other)->pid;
    return difference < 0 ? -1 : difference > 0;
}

static int find_all(struct list *ret_found)
{
    *ret_found = LIST_OF(platform_found);
    int code = platform_endpoint_list(gather, ret_found);
    if (code < 0) {
        output_complain("looking for processes: %s", platform_error_text());
        list_free(ret_found);
        return session_status(code);
    }
    if (ret_found->count > 0)
        qsort(ret_found->first, ret_found->count, ret_found->element, by_pid);
    return EXIT_FINE;
}

static const platform_found *found_at(const struct list *found, size_t index)
{
    return list_at(found, index);
}

/* ---- The list ---- */

static const struct table_column COLUMNS[] = {
    { "PID", 9, true }, { "Name", 24, false }, { "Pools", 30, false }, { "Program", 0, false }, { NULL, 0, false },
};

/* The names of its pools, as it tells them now. */
static void name_pools(const struct model *model, char *ret_names, size_t capacity)
{
    size_t used = 0;
    ret_names[0] = '\0';
    for (size_t i = 0; i < model->pools.all.count && used < capacity; i++)
        used += (size_t)snprintf(ret_names + used, capacity - used, "%s%s", i > 0 ? ", " : "",
                                 words_pool(model, pools_at(&model->pools, i)->number).text);
    if (model->pools.all.count == 0)
        snprintf(ret_names, capacity, "none yet");
}

static void ask_pools(int64_t pid, char *ret_names, size_t capacity)
{
    struct source *source;
    struct model *model = NULL;
    struct wire_frame frame;
    union record record;
    int64_t deadline_ns = platform_now_ns() + LOOK_NS;
    snprintf(ret_names, capacity, "(does not answer)");
    if (source_connect(pid, 0, CLIENT_NAME, PLATFORM_NO_HANDLE, deadline_ns, &source) < 0)
        return;
    int code = model_create(&(struct model_limits){ .tasks = 1 }, &model);
    while (code >= 0 && !model->whole && platform_now_ns() < deadline_ns) {
        platform_handle handles[2];
        unsigned char ready[2];
        code = source_next(source, &frame, &record);
        if (code == 1)
            code = model_take(model, &frame, &record);
        else if (code == 0)
            platform_wait_handles(handles, (size_t)source_handles(source, handles), deadline_ns, ready);
    }
    if (code >= 0 && model->whole)
        name_pools(model, ret_names, capacity);
    model_free(model);
    source_close(source);
}

static void list_one(struct table *table, const platform_found *found)
{
    char name[64], program[512], pools[256];
    card_text(found->card, "name", name, sizeof name);
    card_text(found->card, "program", program, sizeof program);
    ask_pools(found->pid, pools, sizeof pools);
    table_format(table, STYLE_PLAIN, "%" PRId64, found->pid);
    table_cell(table, STYLE_PLAIN, name);
    table_cell(table, STYLE_PLAIN, pools);
    table_cell(table, STYLE_PLAIN, program);
    table_row(table);
}

static void list_found(const struct list *found, struct page *page)
{
    int columns = 132, rows;
    if (platform_terminal_is_there(PLATFORM_STDOUT))
        platform_terminal_size(&columns, &rows);
    page_begin(page, columns, 0, false);
    struct table table = table_begin(page, COLUMNS);
    for (size_t i = 0; i < found->count; i++)
        list_one(&table, found_at(found, i));
}

static void say_nobody(void)
{
    output_complain(
        "no process of yours can be watched. Start a program with MPROC_MONITOR=1 in its environment, or as "
        "mproc-monitor -- PROGRAM");
}

int attach_list(void)
{
    struct list found;
    struct page page = { .text = NULL };
    int status = find_all(&found);
    if (status != EXIT_FINE)
        return status;
    if (found.count > 0) {
        list_found(&found, &page);
        output_write(page.text, page.size);
    } else {
        say_nobody();
        status = EXIT_NOBODY;
    }
    page_free(&page);
    list_free(&found);
    return output_flush() ? status : EXIT_OTHER;
}

/* ---- Choosing one ---- */

static int say_several(const struct list *found)
{
    struct page page = { .text = NULL };
    output_complain("there are several processes: choose one with --pid");
    list_found(found, &page);
    platform_write_stderr(page.text, page.size);
    page_free(&page);
    return EXIT_NOBODY;
}

static int attach_only(uint32_t wants, platform_handle interrupts, struct source **ret_source)
{
    struct list found;
    int status = find_all(&found);
    if (status != EXIT_FINE)
        return status;
    if (found.count == 1)
        status = connect_to(found_at(&found, 0)->pid, wants, interrupts, ret_source);
    else if (found.count > 1)
        status = say_several(&found);
    else {
        say_nobody();
        status = EXIT_NOBODY;
    }
    list_free(&found);
    return status;
}

/* ---- A program of ours ---- */

static bool is_over(platform_handle interrupts)
{
    platform_handle handles[2] = { program_ended(), interrupts };
    unsigned char ready[2];
    return platform_wait_handles(handles, interrupts != PLATFORM_NO_HANDLE ? 2 : 1, platform_now_ns() + LOOK_AGAIN_NS,
                                 ready) > 0;
}

/* It publishes nothing before its mproc_init. */
static int attach_started(const struct options *options, uint32_t wants, platform_handle interrupts,
                          struct source **ret_source)
{
    static const char *const environment[] = { "MPROC_MONITOR=1", NULL };
    int64_t pid;
    int code = program_start(options->program, environment, &pid);
    if (code < 0) {
        output_complain("the program was not started: %s", platform_error_text());
        return code == MPROC_E_START_FAILED ? EXIT_NOBODY : EXIT_OTHER;
    }
    do {
        code = source_connect(pid, wants, CLIENT_NAME, interrupts, platform_now_ns() + ANSWER_NS, ret_source);
    } while ((code == MPROC_E_NOT_FOUND || code == MPROC_E_END) && !is_over(interrupts));
    if (code == 0)
        return EXIT_FINE;
    if (code == MPROC_E_NOT_FOUND || code == MPROC_E_END) {
        output_complain("%s ended before it could be watched: it was too short, or publishes nothing, having no mproc",
                        options->program[0]);
        return EXIT_NOBODY;
    }
    return complain_of_process(code);
}

int attach(const struct options *options, uint32_t wants, platform_handle interrupts, struct source **ret_source)
{
    if (options->program != NULL)
        return attach_started(options, wants, interrupts, ret_source);
    if (options->pid != 0)
        return connect_to(options->pid, wants, interrupts, ret_source);
    if (options->connect != NULL)
        return connect_to_address(options->connect, wants, interrupts, ret_source);
    if (options->file == NULL)
        return attach_only(wants, interrupts, ret_source);
    int code = source_open(options->file, ret_source);
    if (code < 0)
        output_complain("%s", mproc_last_error());
    return code < 0 ? session_status(code) : EXIT_FINE;
}
