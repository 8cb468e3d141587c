/* How the window of the monitor keeps up.
 *
 * gui_frame_gap_max: the longest time between two of its frames, while a process of 64 workers tells it of a million
 * tasks as fast as it can take them, then of 100 000 events a second, and each of its pages is looked at.
 * gui_frame_work_max: the most that its main loop worked between two, in time of the processor: what the gap would be
 * on a machine that does nothing else.
 * gui_idle_cpu: the share of one CPU that it takes beside a pool that rests.
 * gui_idle_cpu_beside: the same, while another process does 2,000 tasks a second at which nobody looks.
 *
 * Comments tell the longest gap and the most work of each page, of a jump to the midst of a million rows, of a loss of
 * the connection beside them and of its end, of saving them and of closing them, and what they were for. Of a gap that
 * is: how long the main loop worked in it, how long it was ready and had no processor, because somebody else had it,
 * and how much of the machine its host had given to others; what is left it slept, for the turn of the screen or for
 * the display. All need a display: tests/bench/run brings one. The programs that are watched are those of the window's
 * tests.
 */
#include "window/window.h"
#include "bench.h"
#include "window/application.h"
#include "window/pages.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BEGINNING_MS  1500 /* the window and its first page are made meanwhile */
#define PAGE_MS       3000
#define FROZEN_MS     3500
#define LOSS_MS       6000 /* what is silent for four seconds does not answer */
#define BEGINNING_S   4
#define IDLE_S        30
#define TICKS_SKIPPED 11 /* fields of /proc/PID/stat between the state and the two that count */

/* ---- Programs ---- */

static void make_path(const char *program, char *ret_path, size_t capacity)
{
    char own[1024];
    ssize_t size = readlink("/proc/self/exe", own, sizeof own - 1);
    BENCH_CHECK(size > 0);
    own[size] = '\0';
    *strrchr(own, '/') = '\0';
    BENCH_CHECK((size_t)snprintf(ret_path, capacity, "%s/../../%s", own, program) < capacity);
}

/* Its standard input stays open as long as the write end does that is returned. */
static pid_t start(const char *program, char *const *arguments, int *ret_input)
{
    char path[1200];
    int ends[2];
    make_path(program, path, sizeof path);
    BENCH_CHECK(pipe(ends) == 0 && fcntl(ends[1], F_SETFD, FD_CLOEXEC) == 0);
    pid_t pid = fork();
    BENCH_CHECK(pid >= 0);
    if (pid == 0) {
        dup2(ends[0], STDIN_FILENO);
        dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
        execv(path, arguments);
        _exit(127);
    }
    close(ends[0]);
    *ret_input = ends[1];
    return pid;
}

static void end(pid_t pid)
{
    kill(pid, SIGTERM);
    BENCH_CHECK(waitpid(pid, NULL, 0) == pid);
}

/* Where nobody else can be found, and no settings are kept. */
static void begin_alone(char folder[], size_t size)
{
    snprintf(folder, size, "/tmp/mproc-bench-XXXXXX");
    BENCH_CHECK(mkdtemp(folder) != NULL);
    setenv("XDG_RUNTIME_DIR", folder, 1);
    setenv("TMPDIR", folder, 1);
    setenv("XDG_CONFIG_HOME", folder, 1);
    setenv("GSK_RENDERER", "cairo", 1);
    setenv("GTK_A11Y", "none", 1);
}

static void end_alone(const char *folder)
{
    g_autofree char *command = g_strdup_printf("rm -rf '%s'", folder);
    BENCH_CHECK(system(command) == 0);
}

/* ---- Frames ---- */

enum row { WALL, WORK };

/* What a frame's work is for: what is dispatched between two of them, then what the frame clock has done for it. */
enum phase { BETWEEN, UPDATE, LAYOUT, PAINT, PHASES };

/* What the clocks say. Of the main thread: how long it worked, and how long it waited for a processor. Of all threads
 * of the window, how long they worked. Of the machine, what its host took away from all its processors together. */
struct clocks {
    gint64 wall_us, work_us, waited_us, process_us, stolen_us;
};

struct frame {
    struct clocks took;
    gint64 phases_us[PHASES];
};

struct extremes {
    struct frame gap, work; /* the longest by the clock, and that with the most work */
    guint late;             /* gaps above the limit */
};

static struct {
    GtkWidget *window;
    pid_t flood; /* the process that is watched */
    size_t step;
    uint64_t events;    /* that had come when the step began */
    gint64 mark_us;     /* the work until the last phase ended */
    struct clocks last; /* when the last frame ended */
    gint64 phases_us[PHASES];
    struct extremes of_step, of_all;
    bool is_measured;
} frames;

#define LIMIT_US 50000

static gint64 clock_us(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (gint64)time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000;
}

/* The first line of a file of the system's, whatever was in it before; empty where there is no such file. */
static void read_line(const char *path, char *ret_line, size_t capacity)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = file >= 0 ? read(file, ret_line, capacity - 1) : 0;
    ret_line[MAX(size, 0)] = '\0';
    if (file >= 0)
        close(file);
}

/* In nanoseconds, behind how long it has run: 0 where Linux is built without. */
static gint64 waited_us(void)
{
    char line[128];
    long long waited_ns = 0;
    read_line("/proc/self/schedstat", line, sizeof line);
    return sscanf(line, "%*d %lld", &waited_ns) == 1 ? waited_ns / 1000 : 0;
}

static gint64 stolen_us(void)
{
    char line[256];
    long long ticks = 0;
    read_line("/proc/stat", line, sizeof line);
    if (sscanf(line, "cpu %*d %*d %*d %*d %*d %*d %*d %lld", &ticks) != 1)
        return 0;
    return ticks * G_USEC_PER_SEC / sysconf(_SC_CLK_TCK);
}

static struct clocks read_clocks(void)
{
    return (struct clocks){ g_get_monotonic_time(), clock_us(CLOCK_THREAD_CPUTIME_ID), waited_us(),
                            clock_us(CLOCK_PROCESS_CPUTIME_ID), stolen_us() };
}

static struct clocks time_between(const struct clocks *a, const struct clocks *b)
{
    return (struct clocks){ b->wall_us - a->wall_us, b->work_us - a->work_us, b->waited_us - a->waited_us,
                            b->process_us - a->process_us, b->stolen_us - a->stolen_us };
}

static void end_phase(enum phase phase)
{
    gint64 now_us = clock_us(CLOCK_THREAD_CPUTIME_ID);
    frames.phases_us[phase] += now_us - frames.mark_us;
    frames.mark_us = now_us;
}

static void keep(struct extremes *of, const struct frame *frame)
{
    if (frame->took.wall_us > of->gap.took.wall_us)
        of->gap = *frame;
    if (frame->took.work_us > of->work.took.work_us)
        of->work = *frame;
    of->late += frame->took.wall_us > LIMIT_US;
}

static void keep_all(struct extremes *all, const struct extremes *step)
{
    guint late = all->late + step->late;
    keep(all, &step->gap);
    keep(all, &step->work);
    all->late = late;
}

static void on_begin(void)
{
    end_phase(BETWEEN);
}

static void on_update(void)
{
    end_phase(UPDATE);
}

static void on_layout(void)
{
    end_phase(LAYOUT);
}

/* What it takes to read the clocks is work of no phase, but of the next frame. */
static void on_end(void)
{
    struct clocks now = read_clocks();
    end_phase(PAINT);
    struct frame frame = { .took = time_between(&frames.last, &now) };
    memcpy(frame.phases_us, frames.phases_us, sizeof frame.phases_us);
    memset(frames.phases_us, 0, sizeof frames.phases_us);
    if (frames.is_measured && frames.last.wall_us != 0)
        keep(&frames.of_step, &frame);
    frames.last = now;
}

/* A frame comes with each turn of the screen, whether there is something to draw or not. */
static gboolean on_tick(GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
    (void)widget, (void)clock, (void)data;
    return G_SOURCE_CONTINUE;
}

/* Behind GTK's own handlers, which are there by then: so what they do belongs to the phase that ends here. */
static void on_mapped(GtkWidget *window)
{
    GdkFrameClock *clock = gtk_widget_get_frame_clock(window);
    g_signal_connect(clock, "before-paint", G_CALLBACK(on_begin), NULL);
    g_signal_connect(clock, "update", G_CALLBACK(on_update), NULL);
    g_signal_connect(clock, "layout", G_CALLBACK(on_layout), NULL);
    g_signal_connect(clock, "after-paint", G_CALLBACK(on_end), NULL);
    gtk_widget_add_tick_callback(window, on_tick, NULL, NULL);
}

/* ---- What is looked at, one thing after the other ---- */

static GtkAdjustment *find_scroll(GtkWidget *widget)
{
    GtkAdjustment *found = NULL;
    if (GTK_IS_COLUMN_VIEW(widget))
        return gtk_scrollable_get_vadjustment(GTK_SCROLLABLE(widget));
    for (GtkWidget *child = gtk_widget_get_first_child(widget); child != NULL && found == NULL;
         child = gtk_widget_get_next_sibling(child))
        found = find_scroll(child);
    return found;
}

/* From the first row of a million to the middle, as a scroll bar does. */
static gboolean scroll_down(gpointer data)
{
    (void)data;
    GtkAdjustment *scroll = find_scroll(mon_window_get_page(MON_WINDOW(frames.window)));
    if (scroll != NULL)
        gtk_adjustment_set_value(scroll, gtk_adjustment_get_upper(scroll) / 2);
    return G_SOURCE_REMOVE;
}

static void scroll_tasks(void)
{
    mon_window_show_page(MON_WINDOW(frames.window), "tasks");
    g_timeout_add(PAGE_MS / 2, scroll_down, NULL);
}

static void activate(const char *action, const char *target)
{
    gtk_widget_activate_action_variant(frames.window, action, target != NULL ? g_variant_new_string(target) : NULL);
}

/* What comes meanwhile is held back, and known when the connection is lost. */
static void freeze(void)
{
    activate("win.freeze", NULL);
}

/* The process that is watched stands still, for longer than one may be silent: the page becomes that of a connection
 * that is lost, and then lives again. */
static void lose_all(void)
{
    BENCH_CHECK(kill(frames.flood, SIGSTOP) == 0);
}

static void find_again(void)
{
    BENCH_CHECK(kill(frames.flood, SIGCONT) == 0);
}

static void save_all(void)
{
    g_autofree char *path = g_build_filename(g_getenv("XDG_RUNTIME_DIR"), "saved.mproc", NULL);
    activate("win.save-as", path);
}

static void close_watch(void)
{
    activate("win.close-watch", NULL);
}

static const struct step {
    const char *name;
    void (*begin)(void);
    guint ms;
} more[] = { { "Scrolling", scroll_tasks, PAGE_MS }, { "Freezing", freeze, FROZEN_MS },
             { "Losing", lose_all, LOSS_MS },        { "Finding again", find_again, PAGE_MS },
             { "Saving", save_all, PAGE_MS },        { "Closing", close_watch, PAGE_MS } };

static gboolean next_step(gpointer data);

static const char *name_of_step(size_t step)
{
    return step < page_count ? pages[step].title : more[step - page_count].name;
}

static guint ms_of_step(size_t step)
{
    return step < page_count ? PAGE_MS : more[step - page_count].ms;
}

static void begin_step(size_t step)
{
    if (step < page_count)
        mon_window_show_page(MON_WINDOW(frames.window), pages[step].name);
    else
        more[step - page_count].begin();
    g_timeout_add(ms_of_step(step), next_step, NULL);
}

static double ms(gint64 us)
{
    return (double)us / 1000;
}

/* Since the last question, or since what is watched was found once more. */
static double events_per_s(void)
{
    struct view view = mon_desk_view(mon_window_get_desk(MON_WINDOW(frames.window)));
    uint64_t events = view.watch != NULL ? view.watch->events : 0, before = frames.events;
    frames.events = events;
    return (double)(events - MIN(before, events)) * 1000 / ms_of_step(frames.step);
}

static void tell_step(void)
{
    const struct clocks *gap = &frames.of_step.gap.took;
    const struct frame *most = &frames.of_step.work;
    fprintf(stderr,
            "# %s, %.0f events/s: the longest gap %.1f ms (worked %.1f, waited for a processor %.1f, all threads %.1f, "
            "stolen %.0f), %u above %.0f\n",
            name_of_step(frames.step), events_per_s(), ms(gap->wall_us), ms(gap->work_us), ms(gap->waited_us),
            ms(gap->process_us), ms(gap->stolen_us), frames.of_step.late, ms(LIMIT_US));
    fprintf(stderr, "#   the most work %.1f ms (between frames %.1f, update %.1f, layout %.1f, paint %.1f)\n",
            ms(most->took.work_us), ms(most->phases_us[BETWEEN]), ms(most->phases_us[UPDATE]),
            ms(most->phases_us[LAYOUT]), ms(most->phases_us[PAINT]));
    keep_all(&frames.of_all, &frames.of_step);
    frames.of_step = (struct extremes){ .late = 0 };
    frames.step++;
}

static gboolean next_step(gpointer data)
{
    (void)data;
    if (frames.is_measured)
        tell_step();
    else
        events_per_s();
    frames.is_measured = true;
    if (frames.step == page_count + G_N_ELEMENTS(more)) {
        gtk_window_close(GTK_WINDOW(frames.window));
        return G_SOURCE_REMOVE;
    }
    begin_step(frames.step);
    return G_SOURCE_REMOVE;
}

static void on_window(GtkApplication *application, GtkWindow *window, gpointer data)
{
    (void)application, (void)data;
    if (frames.window != NULL)
        return;
    frames.window = GTK_WIDGET(window);
    g_signal_connect(window, "map", G_CALLBACK(on_mapped), NULL);
    g_timeout_add(BEGINNING_MS, next_step, NULL);
}

/* In a process of its own: GTK begins once. */
static struct extremes run_window(void)
{
    char *arguments[] = { "bench_window", NULL };
    frames.mark_us = clock_us(CLOCK_THREAD_CPUTIME_ID);
    GtkApplication *application = mon_application_new(0);
    g_signal_connect(application, "window-added", G_CALLBACK(on_window), NULL);
    BENCH_CHECK(g_application_run(G_APPLICATION(application), 1, arguments) == 0);
    g_object_unref(application);
    return frames.of_all;
}

static struct extremes run_apart(void)
{
    struct extremes longest;
    int ends[2], status;
    BENCH_CHECK(pipe(ends) == 0);
    pid_t pid = fork();
    BENCH_CHECK(pid >= 0);
    if (pid == 0) {
        longest = run_window();
        _exit(write(ends[1], &longest, sizeof longest) != sizeof longest);
    }
    close(ends[1]);
    BENCH_CHECK(read(ends[0], &longest, sizeof longest) == sizeof longest);
    BENCH_CHECK(waitpid(pid, &status, 0) == pid && status == 0);
    close(ends[0]);
    return longest;
}

static double measure_frames(int row)
{
    char folder[64], *arguments[] = { "gui_sample", "flood", NULL };
    int input;
    begin_alone(folder, sizeof folder);
    frames.flood = start("tests/gui/gui_sample", arguments, &input);
    struct extremes longest = run_apart();
    end(frames.flood);
    close(input);
    end_alone(folder);
    return (double)(row == WALL ? longest.gap.took.wall_us : longest.work.took.work_us) / 1e6;
}

/* ---- At rest ---- */

static double cpu_seconds(pid_t pid)
{
    char path[64], line[1024];
    unsigned long user, system;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "r");
    BENCH_CHECK(file != NULL && fgets(line, sizeof line, file) != NULL);
    fclose(file);
    const char *at = strrchr(line, ')') + 2;
    for (int i = 0; i < TICKS_SKIPPED; i++)
        at = strchr(at, ' ') + 1;
    BENCH_CHECK(sscanf(at, "%lu %lu", &user, &system) == 2);
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

enum rest { ALONE, BESIDE };

/* It looks at that process, whichever else there is. */
static double measure_window(pid_t watched)
{
    char pid[32], *arguments[] = { "window", "--pid", pid, NULL };
    int none;
    snprintf(pid, sizeof pid, "%d", (int)watched);
    pid_t window = start("monitor-gui/window/mproc-monitor-gtk", arguments, &none);
    bench_sleep(BEGINNING_S);
    double before = cpu_seconds(window);
    bench_sleep(IDLE_S);
    double share = (cpu_seconds(window) - before) / IDLE_S;
    end(window);
    close(none);
    return share;
}

static double measure_rest(int row)
{
    char folder[64], *watched_arguments[] = { "gui_watched", NULL }, *arguments[] = { "gui_successive", "brisk", NULL };
    int input, none = -1;
    begin_alone(folder, sizeof folder);
    setenv("MPROC_MONITOR", "1", 1);
    pid_t watched = start("tests/gui/gui_watched", watched_arguments, &input);
    unsetenv("MPROC_MONITOR");
    pid_t beside = row == BESIDE ? start("tests/gui/gui_successive", arguments, &none) : 0;
    double share = measure_window(watched);
    if (beside != 0) {
        end(beside);
        close(none);
    }
    close(input);
    BENCH_CHECK(waitpid(watched, NULL, 0) == watched);
    end_alone(folder);
    return share;
}

int main(int argc, char **argv)
{
    static const struct bench_row rows[] = {
        { "gui_frame_gap_max", "s", measure_frames, WALL, 1 },
        { "gui_frame_work_max", "s", measure_frames, WORK, 1 },
        { "gui_idle_cpu", "share", measure_rest, ALONE, 1 },
        { "gui_idle_cpu_beside", "share", measure_rest, BESIDE, 1 },
    };
    return bench_main(argc, argv, rows, sizeof rows / sizeof *rows);
}
