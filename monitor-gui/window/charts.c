#include "window/charts.h"

#include "model/text.h"
#include "window/chart.h"
#include <math.h>

#define NS_PER_S INT64_C(1000000000)
/* So many samples of a pool are not known, though it is watched from its beginning on: it is looked for each second. */
#define UNTOLD_MAX 3
/* So many seconds at least. */
#define LEAST_SHOWN 10

enum { THROUGHPUT, WAITING, CPU, MEMORY, CHARTS };

struct _MonCharts {
    GtkGrid parent_instance;
    GtkWidget *charts[CHARTS];
    struct view view; /* that was shown last */
    bool in_one_row;
};

G_DEFINE_TYPE(MonCharts, mon_charts, GTK_TYPE_GRID)

/* ---- How values are written ---- */

static void name_rate(double value, char *ret_text, size_t capacity)
{
    g_strlcpy(ret_text, text_rate(value).text, capacity);
}

static void name_count(double value, char *ret_text, size_t capacity)
{
    g_strlcpy(ret_text, text_about(value).text, capacity);
}

static void name_cpu(double value, char *ret_text, size_t capacity)
{
    if (value >= 1 && value == floor(value))
        g_snprintf(ret_text, capacity, "%.0f" TEXT_BLANK "CPU%s", value, value > 1 ? "s" : "");
    else
        g_strlcpy(ret_text, text_share(value).text, capacity);
}

static void name_bytes(double value, char *ret_text, size_t capacity)
{
    g_strlcpy(ret_text, text_bytes((uint64_t)value).text, capacity);
}

/* ---- The grid ---- */

static void mon_charts_class_init(MonChartsClass *class)
{
    (void)class;
}

static void attach_all(MonCharts *self)
{
    int in_row = self->in_one_row ? CHARTS : CHARTS / 2;
    for (int i = 0; i < CHARTS; i++)
        gtk_grid_attach(GTK_GRID(self), self->charts[i], i % in_row, i / in_row, 1, 1);
}

static void mon_charts_init(MonCharts *self)
{
    self->charts[THROUGHPUT] = mon_chart_new("Throughput", name_rate);
    self->charts[WAITING] = mon_chart_new("Waiting", name_count);
    self->charts[CPU] = mon_chart_new("CPU", name_cpu);
    self->charts[MEMORY] = mon_chart_new("Memory", name_bytes);
    gtk_grid_set_column_spacing(GTK_GRID(self), 24);
    gtk_grid_set_row_spacing(GTK_GRID(self), 6);
    gtk_grid_set_column_homogeneous(GTK_GRID(self), TRUE);
    gtk_grid_set_row_homogeneous(GTK_GRID(self), TRUE);
    gtk_widget_add_css_class(GTK_WIDGET(self), "block");
    attach_all(self);
}

GtkWidget *mon_charts_new(void)
{
    return g_object_new(MON_TYPE_CHARTS, NULL);
}

void mon_charts_arrange(MonCharts *self, bool in_one_row)
{
    if (self->in_one_row == in_one_row)
        return;
    self->in_one_row = in_one_row;
    gtk_grid_set_column_spacing(GTK_GRID(self), in_one_row ? 16 : 24);
    for (int i = 0; i < CHARTS; i++) {
        g_object_ref(self->charts[i]);
        gtk_grid_remove(GTK_GRID(self), self->charts[i]);
    }
    attach_all(self);
    for (int i = 0; i < CHARTS; i++)
        g_object_unref(self->charts[i]);
}

/* ---- Series ---- */

static double rate_at(const struct view *view, int64_t second)
{
    const struct history *history = &view->pool->history;
    double rate;
    bool is_known = view->watch->replay != NULL ? history_rate_from_begin(history, second, &rate)
                                                : history_rate(history, second, &rate);
    return is_known ? rate : NAN;
}

/* In the first moment of a recording no worker has told of it so far. */
static double cpu_at(const struct view *view, int64_t second)
{
    const struct history_sample *sample = history_at(&view->pool->history, second);
    if (isnan(sample->cpu) && !history_is_whole(&view->pool->history, second))
        sample = history_at(&view->pool->history, second + 1);
    return sample != NULL ? sample->cpu : NAN;
}

/* All charts begin together: with the first second that was watched as a whole, in a recording with its beginning. */
static double value_at(const struct view *view, int chart, int64_t second)
{
    const struct history_sample *sample = history_at(&view->pool->history, second);
    bool is_whole = history_is_whole(&view->pool->history, second);
    if (sample == NULL || (!is_whole && isnan(rate_at(view, second))))
        return NAN;
    switch (chart) {
    case THROUGHPUT:
        return rate_at(view, second);
    case WAITING:
        return (double)sample->queued;
    case CPU:
        return cpu_at(view, second);
    default:
        return sample->memory > 0 ? (double)sample->memory : NAN;
    }
}

/* As the column of the table beside it says it, at the same moment: the sum of what stands there. Nothing stands there
 * of a pool that is over. */
static double value_of_workers(const struct view *view, int chart)
{
    double share;
    uint64_t bytes;
    if (model_is_over(view->model, view->pool))
        return NAN;
    if (chart == MEMORY)
        return pool_memory(view->pool, &bytes) ? (double)bytes : NAN;
    return pool_cpu(view->pool, view->model->now_ns, &share) ? share : NAN;
}

static double value_now(const struct view *view, int chart)
{
    double rate;
    if (chart == WAITING)
        return (double)view->pool->counts.queued;
    if (chart == CPU || chart == MEMORY)
        return value_of_workers(view, chart);
    if (model_is_over(view->model, view->pool))
        return 0;
    return history_rate_now(&view->pool->history, &rate) ? rate : NAN;
}

/* What has not been heard of for a while is not known any more: the line ends where it was. */
static int64_t last_second(const struct view *view)
{
    const struct history *history = &view->pool->history;
    int64_t second = history->begun ? history->last : view->model->now_ns / NS_PER_S;
    if (view->watch->state == WATCH_LOST)
        second += (g_get_monotonic_time() - view->watch->heard_us) / G_USEC_PER_SEC;
    return second;
}

/* As many as the pool can keep busy, where the machine is known: a recording may be another one's. */
static double most_cpus(const struct view *view)
{
    unsigned workers = view->pool->said.target;
    return view->watch->path != NULL ? workers : MIN(workers, g_get_num_processors());
}

static void show_chart(MonCharts *self, int chart, const struct view *view, struct chart_data *data)
{
    int64_t last = last_second(view);
    char now[64] = "";
    for (int i = 0; i < CHART_SAMPLES; i++)
        data->values[i] = value_at(view, chart, last - (CHART_SAMPLES - 1 - i));
    double value = value_now(view, chart);
    /* The second that has begun is as it is now; the last one of what is over is as it was. */
    bool is_over = chart != WAITING && model_is_over(view->model, view->pool);
    bool is_told = last == view->pool->history.last || !view->pool->history.begun;
    if (is_told && !is_over)
        data->values[CHART_SAMPLES - 1] = value;
    chart_name_fn *const names[CHARTS] = { name_rate, name_count, name_cpu, name_bytes };
    if (!isnan(value) && chart == CPU)
        g_strlcpy(now, text_share(value).text, sizeof now);
    else if (!isnan(value))
        names[chart](value, now, sizeof now);
    data->now = now;
    data->least_top = chart == CPU ? most_cpus(view) : chart == WAITING ? 10 : 0;
    data->limit = chart == WAITING ? (double)view->pool->said.max_queued : 0;
    mon_chart_show(MON_CHART(self->charts[chart]), data);
}

/* A second is known when the next one begins, and a rate from the second one on. */
static int first_known(const struct view *view, int from)
{
    while (from < CHART_SAMPLES && isnan(rate_at(view, last_second(view) - (CHART_SAMPLES - 1 - from))))
        from++;
    return from;
}

/* One in a second that is not known, shortly before the first that is, stands at that: it was watched. */
static int sample_of_death(const struct view *view, int sample)
{
    int first = first_known(view, sample);
    return first < CHART_SAMPLES && first - sample <= UNTOLD_MAX ? first : sample;
}

static void note_deaths(const struct view *view, struct chart_data *data)
{
    int64_t last = last_second(view);
    for (uint64_t i = 0; i < events_death_count(&view->model->events); i++) {
        const struct record_death *death = &events_death_at(&view->model->events, i)->said;
        int64_t ago = last - death->time_ns / NS_PER_S;
        if (death->pool == view->number && !death->expected && ago >= 0 && ago < CHART_SAMPLES)
            data->deaths[sample_of_death(view, CHART_SAMPLES - 1 - (int)ago)] = true;
    }
}

static char *clock_at(const struct view *view, int64_t time_ns)
{
    return g_strndup(text_clock(model_wall_ns(view->model, time_ns)).text, 8);
}

/* 1:25.7, from the beginning of a recording. */
static char *place_at(const struct view *view, int64_t time_ns)
{
    int64_t tenths = MAX(time_ns - replay_begin_ns(view->watch->replay), 0) / 100000000;
    return g_strdup_printf("%d:%02d.%d", (int)(tenths / 600), (int)(tenths / 10 % 60), (int)(tenths % 10));
}

/* The sample of that moment, or of the edge behind which it is. */
static int sample_at(const struct view *view, int64_t time_ns)
{
    return (int)CLAMP(CHART_SAMPLES - 1 - (last_second(view) - time_ns / NS_PER_S), 0, CHART_SAMPLES - 1);
}

static int sample_of_birth(const struct view *view)
{
    int64_t created_ns = view->pool->said.created_ns;
    int born = created_ns > 0 ? sample_at(view, created_ns) : 0, first = first_known(view, born);
    return first - born <= UNTOLD_MAX ? first : born;
}

/* The first sample of a recording of which something is known: its beginning, or shortly behind it. */
static int first_of_replay(const struct view *view)
{
    int begin = sample_at(view, replay_begin_ns(view->watch->replay)), first = first_known(view, begin);
    return first < CHART_SAMPLES && first - begin <= UNTOLD_MAX ? first : begin;
}

/* A recording has no time before itself: it begins at the left edge, and there stands when that is. Shortly behind its
 * beginning there is room for some seconds all the same. */
static void begin_with_replay(const struct view *view, struct chart_data *data)
{
    data->begin_at = first_of_replay(view);
    data->from = MIN(data->begin_at, CHART_SAMPLES - 1 - LEAST_SHOWN);
}

static char *begin_of_replay(const struct view *view, const struct chart_data *data)
{
    int64_t begin_ns = replay_begin_ns(view->watch->replay);
    int64_t from_ns = view->model->now_ns - (CHART_SAMPLES - 1 - data->begin_at) * NS_PER_S;
    bool is_begin = from_ns / NS_PER_S <= begin_ns / NS_PER_S;
    return place_at(view, is_begin ? begin_ns : from_ns);
}

void mon_charts_show(MonCharts *self, const struct view *view)
{
    struct chart_data data = {
        .begin = "60" TEXT_BLANK "s ago", .end = "now", .before = "not watched", .after = "no answer"
    };
    g_autofree char *begin = NULL, *end = NULL;
    if (view->watch->replay != NULL) {
        data.before = "not recorded";
        begin_with_replay(view, &data);
        data.begin = begin = begin_of_replay(view, &data);
        data.end = end = place_at(view, view->model->now_ns);
    } else if (view->watch->state == WATCH_ENDED) {
        data.begin = begin = clock_at(view, view->model->now_ns - (CHART_SAMPLES - 1) * NS_PER_S);
        data.end = end = clock_at(view, view->model->now_ns);
    }
    data.born = sample_of_birth(view);
    data.is_other = !view_is_same(&self->view, view);
    self->view = *view;
    note_deaths(view, &data);
    for (int i = 0; i < CHARTS; i++)
        show_chart(self, i, view, &data);
}
