#include "terminal/view_log.h"

#include "model/text.h"
#include "model/words.h"
#include <inttypes.h>
#include <mproc/log.h>
#include <stdio.h>

static enum style level_style(unsigned level)
{
    if (level >= MPROC_LOG_ERROR)
        return STYLE_BAD;
    return level >= MPROC_LOG_WARNING ? STYLE_WARN : STYLE_DIM;
}

static void add_from(struct page *page, const struct model *model, const struct record_log *line)
{
    char from[96];
    if (line->worker >= 0)
        snprintf(from, sizeof from, "worker %" PRId64, line->worker);
    else if (line->pool != 0)
        snprintf(from, sizeof from, "%.64s", words_pool(model, line->pool).text);
    else
        snprintf(from, sizeof from, "pid %" PRId64, line->pid);
    page_cell(page, STYLE_DIM, 16, false, from);
}

static void add_line(struct page *page, const struct model *model, const struct record_log *line)
{
    const char *text = kept_string(line->text);
    page_format(page, STYLE_DIM, "%s ", text_clock(model_wall_ns(model, line->time_ns)).text);
    page_cell(page, level_style(line->level), 8, false, words_level(line->level));
    add_from(page, model, line);
    page_format(page, STYLE_PLAIN, " %.*s", (int)strcspn(text, "\n"), text);
    page_line(page);
}

void view_log(struct page *page, const struct model *model, int rows)
{
    uint64_t count = events_line_count(&model->events);
    if (count == 0)
        return;
    page_title(page, "Log", "");
    for (uint64_t i = count < (uint64_t)rows ? count : (uint64_t)rows; i-- > 0;)
        add_line(page, model, &events_line_at(&model->events, i)->said);
}

void view_cost(struct page *page, const struct model *model, uint64_t missed)
{
    double cpu, events;
    uint64_t lost = events_lost(&model->events);
    if (model_cost(model, &cpu, &events))
        page_format(page, STYLE_DIM, "%s events/s \xc2\xb7 ", text_about(events).text);
    if (model_ignored(model) > 0)
        page_format(page, STYLE_WARN, "%s ignored \xc2\xb7 ", text_count(model_ignored(model)).text);
    page_format(page, lost > 0 ? STYLE_WARN : STYLE_DIM, "%s lost", text_count(lost > missed ? lost : missed).text);
    if (model_cost(model, &cpu, &events))
        page_format(page, STYLE_DIM, " \xc2\xb7 watching costs %s of one CPU", text_share(cpu).text);
}
