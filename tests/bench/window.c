/* How the window of the monitor keeps up.
 *
 * gui_frame_gap_max: the longest time between two of its frames, while a process of 64 workers tells it of a million
 * tasks as fast as it can take them, then of 100 000 events a second, and each of its pages is looked at.
 * gui_frame_work_max: the most that its main loop worked between two, in time of the processor: what the gap would be
 * on a machine that does nothing else.
 * gui_idle_cpu: the share of one CPU that it takes beside a pool that rests.
 *
 * Comments tell the longest frame of each page, of a jump to the midst of a million rows, of saving them and of closing
 * them, and what it was for. All need a display: tests/bench/run brings one. The programs that are watched are those of
 * the window's tests.
 */
#include "window/window.h"
#include "bench.h"
#include "window/application.h"
#include "window/pages.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BEGINNING_MS  1500 /* the window and its first page are made meanwhile */
#define PAGE_MS       3000
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

struct frame {
    gint64 wall_us, work_us, phases_us[PHASES];
};

static struct {
    GtkWidget *window;
    size_t step;
    gint64 last_us, mark_us; /* when the last frame ended; the work until the last phase ended */
    struct frame frame, longest, longest_of_step;
    bool is_measured;
} frames;

/* Of the main thread. */
static gint64 work_us(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (gint64)time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000;
}

static void end_phase(enum phase phase)
{
    gint64 now_us = work_us(), past_us = now_us - frames.mark_us;
    frames.mark_us = now_us;
    frames.frame.phases_us[phase] += past_us;
    frames.frame.work_us += past_us;
}

/* The longest by the clock may be another one than that with the most work. */
static void keep_longest(struct frame *longest, const struct frame *frame)
{
    gint64 wall_us = MAX(longest->wall_us, frame->wall_us);
    if (frame->work_us > longest->work_us)
        *longest = *frame;
    longest->wall_us = wall_us;
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

static void on_end(void)
{
    gint64 now_us = g_get_monotonic_time();
    end_phase(PAINT);
    frames.frame.wall_us = now_us - frames.last_us;
    if (frames.is_measured && frames.last_us != 0)
        keep_longest(&frames.longest_of_step, &frames.frame);
    frames.last_us = now_us;
    frames.frame = (struct frame){ 0 };
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
} more[] = { { "Scrolling", scroll_tasks }, { "Saving", save_all }, { "Closing", close_watch } };

static const char *name_of_step(size_t step)
{
    return step < page_count ? pages[step].title : more[step - page_count].name;
}

static void begin_step(size_t step)
{
    if (step < page_count)
        mon_window_show_page(MON_WINDOW(frames.window), pages[step].name);
    else
        more[step - page_count].begin();
}

static void tell_step(void)
{
    const struct frame *frame = &frames.longest_of_step;
    fprintf(stderr,
            "# the longest frame of %s: %.1f ms; the most work: %.1f ms, of it %.1f between frames, %.1f update, %.1f "
            "layout, %.1f paint\n",
            name_of_step(frames.step), (double)frame->wall_us / 1000, (double)frame->work_us / 1000,
            (double)frame->phases_us[BETWEEN] / 1000, (double)frame->phases_us[UPDATE] / 1000,
            (double)frame->phases_us[LAYOUT] / 1000, (double)frame->phases_us[PAINT] / 1000);
    keep_longest(&frames.longest, frame);
    frames.longest_of_step = (struct frame){ 0 };
    frames.step++;
}

static gboolean next_step(gpointer data)
{
    (void)data;
    if (frames.is_measured)
        tell_step();
    frames.is_measured = true;
    if (frames.step == page_count + G_N_ELEMENTS(more)) {
        gtk_window_close(GTK_WINDOW(frames.window));
        return G_SOURCE_REMOVE;
    }
    begin_step(frames.step);
    g_timeout_add(PAGE_MS, next_step, NULL);
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
static struct frame run_window(void)
{
    char *arguments[] = { "bench_window", NULL };
    frames.mark_us = work_us();
    GtkApplication *application = mon_application_new(0);
    g_signal_connect(application, "window-added", G_CALLBACK(on_window), NULL);
    BENCH_CHECK(g_application_run(G_APPLICATION(application), 1, arguments) == 0);
    g_object_unref(application);
    return frames.longest;
}

static struct frame run_apart(void)
{
    struct frame longest;
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
    pid_t flood = start("tests/gui/gui_sample", arguments, &input);
    struct frame longest = run_apart();
    end(flood);
    close(input);
    end_alone(folder);
    return (double)(row == WALL ? longest.wall_us : longest.work_us) / 1e6;
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

static double measure_rest(int argument)
{
    (void)argument;
    char folder[64], *watched_arguments[] = { "gui_watched", NULL }, *window_arguments[] = { "window", NULL };
    int input, none;
    begin_alone(folder, sizeof folder);
    setenv("MPROC_MONITOR", "1", 1);
    pid_t watched = start("tests/gui/gui_watched", watched_arguments, &input);
    unsetenv("MPROC_MONITOR");
    pid_t window = start("monitor-gui/window/mproc-monitor-gtk", window_arguments, &none);
    bench_sleep(4);
    double before = cpu_seconds(window);
    bench_sleep(IDLE_S);
    double share = (cpu_seconds(window) - before) / IDLE_S;
    end(window);
    close(input);
    close(none);
    BENCH_CHECK(waitpid(watched, NULL, 0) == watched);
    end_alone(folder);
    return share;
}

int main(int argc, char **argv)
{
    static const struct bench_row rows[] = {
        { "gui_frame_gap_max", "s", measure_frames, WALL, 1 },
        { "gui_frame_work_max", "s", measure_frames, WORK, 1 },
        { "gui_idle_cpu", "share", measure_rest, 0, 1 },
    };
    return bench_main(argc, argv, rows, sizeof rows / sizeof *rows);
}
