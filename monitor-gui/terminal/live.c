#include "terminal/live.h"

#include "model/text.h"
#include "model/words.h"
#include "terminal/frame.h"
#include "terminal/output.h"
#include "terminal/page.h"
#include "terminal/program.h"
#include "terminal/screen.h"
#include "terminal/view_log.h"
#include <stdio.h>
#include <stdlib.h>

#define FRAME_NS   INT64_C(250000000)
#define MESSAGE_NS INT64_C(6000000000)

#define ESCAPE       0x1b
#define OTHER_SCREEN "\x1b[?1049h\x1b[?25l\x1b[2J"
#define OWN_SCREEN   "\x1b[?25h\x1b[?1049l"
#define BETWEEN      " \xc2\xb7 "

struct live {
    struct session *session;
    struct page page, status;
    struct frame frame;
    enum screen screen;
    uint32_t chosen; /**< the pool, by its number; others come and go */
    bool is_shown;   /**< the terminal is this program's at the moment */
    bool has_keys, has_styles, wants_end;
    bool is_frozen;
    int64_t frozen_ns;
    uint64_t frozen_records;
    int64_t over_ns; /**< when the source was over */
    /** A recording's time is this much behind the clock's. */
    int64_t behind_ns;
    bool to_the_end;
    unsigned question; /**< the verb that a yes is waited for; 0: none */
    uint32_t asked;    /**< the pool that the question names */
    char message[256];
    int64_t message_ns;
};

static void say(struct live *live, const char *format, const char *what)
{
    snprintf(live->message, sizeof live->message, format, what);
    live->message_ns = platform_now_ns();
}

/* ---- What is drawn ---- */

static void add_frozen(struct page *status, const struct live *live)
{
    page_format(status, STYLE_BOLD, "Display frozen %s ago" BETWEEN "%s new events" BETWEEN "Space goes on",
                text_duration(platform_now_ns() - live->frozen_ns).text,
                text_count(live->session->model->records - live->frozen_records).text);
}

static void add_over(struct page *status, const struct live *live)
{
    struct number_text ago = text_duration(platform_now_ns() - live->over_ns);
    if (source_is_cut(live->session->source))
        page_format(status, STYLE_WARN, WORDS_CUT ". %s",
                    words_before_cut(events_lost(&live->session->model->events)).text);
    else if (!source_is_live(live->session->source))
        page_text(status, STYLE_BOLD, "The end of the recording");
    else if (live->session->is_lost)
        page_format(status, STYLE_BAD, "Connection lost %s ago: the program still runs but stopped answering",
                    ago.text);
    else if (live->session->model->ended)
        page_format(status, STYLE_BOLD, "Ended %s ago", ago.text);
    else
        page_format(status, STYLE_BAD, "Died %s ago. " WORDS_DIED ".", ago.text);
}

static bool has_message(const struct live *live)
{
    return live->question != 0 || (live->message[0] != '\0' && platform_now_ns() - live->message_ns < MESSAGE_NS);
}

static void draw_status(struct live *live, int columns)
{
    struct page *status = &live->status;
    page_begin(status, columns, 1, live->has_styles);
    status->is_over = true;
    if (has_message(live))
        page_text(status, STYLE_REVERSE, live->message);
    else if (live->is_frozen)
        add_frozen(status, live);
    else if (live->session->is_over)
        add_over(status, live);
    else
        page_text(status, STYLE_RUNNING, source_is_live(live->session->source) ? "Live" : "Replaying");
    page_text(status, STYLE_DIM, BETWEEN);
    view_cost(status, live->session->model, source_missed(live->session->source));
    page_text(status, STYLE_DIM, live->has_keys ? BETWEEN "q quit  1-5 pages  space freeze" : BETWEEN "Ctrl-C ends");
    page_end_line(status);
}

/* Line by line over what is there, so that nothing flickers. */
static void add_lines(struct frame *frame, const struct page *page)
{
    for (size_t at = 0; at < page->size;) {
        const char *end = memchr(page->text + at, '\n', page->size - at);
        size_t size = end != NULL ? (size_t)(end - page->text) - at : page->size - at;
        frame_add(frame, page->text + at, size);
        frame_format(frame, "\r\n");
        at += size + 1;
    }
}

static bool draw(struct live *live)
{
    int columns = 80, rows = 24;
    platform_terminal_size(&columns, &rows);
    if (!live->is_shown || rows < 3 || columns < 8)
        return true;
    if (!live->is_frozen) {
        page_begin(&live->page, columns, rows - 1, live->has_styles);
        live->page.is_over = true;
        screen_draw(&live->page, live->session->model, live->screen, live->chosen);
    }
    draw_status(live, columns);
    frame_format(&live->frame, "\x1b[H");
    add_lines(&live->frame, &live->page);
    frame_format(&live->frame, "\x1b[J\x1b[%d;1H", rows);
    frame_add(&live->frame, live->status.text, live->status.size);
    return frame_show(&live->frame);
}

/* ---- Keys ---- */

static const struct model_pool *chosen_pool(struct live *live)
{
    const struct model_pool *pool = screen_pool(live->session->model, live->chosen);
    live->chosen = pool != NULL ? pool->number : 0;
    return pool;
}

static void ask(struct live *live, unsigned verb)
{
    const struct model_pool *pool = chosen_pool(live);
    if (pool == NULL)
        say(live, "%s", "there is no pool");
    else if (!source_is_live(live->session->source) || live->session->is_over)
        say(live, "%s", "nobody is there who could do that");
    else if (!pool->said.control)
        say(live, "%s", "The program did not allow control (monitor_control)");
    else {
        live->question = verb;
        live->asked = pool->number;
        snprintf(live->message, sizeof live->message, "%s pool %.63s? %s y: yes, any other key: no",
                 verb == RECORD_VERB_PAUSE ? "Pause" : "Resume", words_pool(live->session->model, pool->number).text,
                 verb == RECORD_VERB_PAUSE ? "What runs goes on, nothing more begins." : "");
    }
}

static void answer(struct live *live, int key)
{
    struct record_control control = { .verb = (uint8_t)live->question, .pool = live->asked, .worker = -1 };
    uint32_t request;
    live->question = 0;
    live->message[0] = '\0';
    if (key != 'y')
        return;
    if (source_control(live->session->source, &control, &request) < 0)
        say(live, "%s", mproc_last_error());
}

/* What the process said to that. */
static void on_record_of_live(void *user, const struct wire_frame *frame, const union record *record)
{
    struct live *live = user;
    char text[200];
    if (frame->type != RECORD_REPLY)
        return;
    snprintf(text, sizeof text, "%.*s", (int)record->reply.text.size, record->reply.text.data);
    if (text[0] == '\0')
        snprintf(text, sizeof text, "%s", record->reply.code == 0 ? "done" : mproc_error_text((int)record->reply.code));
    say(live, record->reply.code < 0 ? "Refused: %s" : "%s", text);
}

static void freeze(struct live *live)
{
    int64_t now_ns = platform_now_ns();
    live->is_frozen = !live->is_frozen;
    if (live->is_frozen) {
        live->frozen_ns = now_ns;
        live->frozen_records = live->session->model->records;
    } else
        live->behind_ns += now_ns - live->frozen_ns;
}

static void choose_next(struct live *live)
{
    const struct model_pool *pool = screen_next_pool(live->session->model, live->chosen);
    if (pool != NULL)
        live->chosen = pool->number;
}

static void press(struct live *live, int key)
{
    if (live->question != 0)
        answer(live, key);
    else if (key == 'q')
        live->wants_end = true;
    else if (key == ' ')
        freeze(live);
    else if (key == '\t')
        choose_next(live);
    else if (key == 'p' || key == 'r')
        ask(live, key == 'p' ? RECORD_VERB_PAUSE : RECORD_VERB_RESUME);
    else if (key == 'e')
        live->to_the_end = true;
    else if (key >= '1' && key <= '0' + SCREENS)
        live->screen = (enum screen)(key - '0');
}

/* Cursor and function keys come as several bytes, which mean nothing here. */
static void skip_sequence(void)
{
    int key = platform_terminal_key();
    while (key >= 0 && key < '@')
        key = platform_terminal_key();
    if (key == '[' || key == 'O')
        skip_sequence();
}

static bool take_keys(struct live *live)
{
    bool any = false;
    int key = -1;
    while (live->has_keys && live->is_shown && (key = platform_terminal_key()) >= 0) {
        any = true;
        if (key == ESCAPE)
            skip_sequence();
        else
            press(live, key);
    }
    if (key == -2)
        live->has_keys = false;
    return any;
}

/* ---- Time ---- */

/* A recording is shown as fast as it went. */
static void set_pace(struct live *live)
{
    struct session *session = live->session;
    if (source_is_live(session->source))
        return;
    int64_t now_ns = live->is_frozen ? live->frozen_ns : platform_now_ns();
    session->until_ns = live->to_the_end ? INT64_MAX : now_ns - live->behind_ns;
    if (!session->is_over && !live->to_the_end)
        model_tick(session->model, session->until_ns);
}

/* A program that was started here takes the monitor with it when it ends. */
static bool is_over(struct live *live, enum session_news news)
{
    if (news == SESSION_OVER)
        live->over_ns = platform_now_ns();
    return live->wants_end || news == SESSION_INTERRUPTED || news == SESSION_FAILED ||
           (live->session->is_over && program_is_started());
}

static int run(struct live *live)
{
    int status = EXIT_FINE;
    int64_t next_ns = 0;
    for (;;) {
        platform_handle input = live->has_keys && live->is_shown ? platform_terminal_input() : PLATFORM_NO_HANDLE;
        set_pace(live);
        enum session_news news = session_step(live->session, input, next_ns, &status);
        live->is_shown = platform_terminal_is_shown();
        bool pressed = take_keys(live);
        if (is_over(live, news))
            return status;
        if (!pressed && platform_now_ns() < next_ns)
            continue;
        if (!draw(live))
            return EXIT_OTHER;
        next_ns = platform_now_ns() + FRAME_NS;
    }
}

int live_run(struct session *session)
{
    struct live live = { .session = session, .screen = SCREEN_OVERVIEW, .is_shown = true };
    const char *no_color = getenv("NO_COLOR");
    live.has_styles = no_color == NULL || no_color[0] == '\0';
    live.behind_ns = platform_now_ns() - session->model->now_ns;
    session->on_record = on_record_of_live;
    session->user = &live;
    live.has_keys = platform_terminal_begin() == 0;
    if (platform_terminal_show(OTHER_SCREEN, OWN_SCREEN) < 0)
        output_complain("the terminal: %s", platform_error_text());
    int status = run(&live);
    platform_terminal_end();
    frame_free(&live.frame);
    page_free(&live.page);
    page_free(&live.status);
    return status;
}
