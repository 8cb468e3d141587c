#include "scene.h"

#include "window/keys.h"
#include "window/palette.h"
#include <glib/gstdio.h>
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

GtkWidget *window;
MonDesk *desk;
static struct settings settings;

/* ---- A window ---- */

static void make_window(int width, int height)
{
    char *style = palette_style(false);
    GtkCssProvider *provider = gtk_css_provider_new();
    gtk_css_provider_load_from_data(provider, style, -1);
    gtk_style_context_add_provider_for_display(gdk_display_get_default(), GTK_STYLE_PROVIDER(provider), 600);
    g_object_unref(provider);
    provider = gtk_css_provider_new();
    gtk_css_provider_load_from_resource(provider, "/io/mproc/Monitor/style.css");
    gtk_style_context_add_provider_for_display(gdk_display_get_default(), GTK_STYLE_PROVIDER(provider), 601);
    g_object_unref(provider);
    g_free(style);
    settings.width = width;
    settings.height = height;
    settings.has_sidebar = true;
    desk = mon_desk_new();
    window = mon_window_new(NULL, desk, &settings);
    keys_add_plain(window);
    gtk_window_present(GTK_WINDOW(window));
}

void remember(const char *path)
{
    settings_add_recording(&settings, path);
}

bool is_remembered(const char *path)
{
    return settings.recordings != NULL && g_strv_contains((const char *const *)settings.recordings, path);
}

/* A widget that was measured anew while places were given gets none, and is not drawn: GTK says no more than that. */
static unsigned without_place;

static GLogWriterOutput write_log(GLogLevelFlags level, const GLogField *fields, gsize count, gpointer data)
{
    for (gsize i = 0; i < count; i++)
        without_place += strcmp(fields[i].key, "MESSAGE") == 0 && fields[i].length < 0 &&
                         strstr(fields[i].value, "without a current allocation") != NULL;
    return g_log_writer_default(level, fields, count, data);
}

static void hear_complaints(void)
{
    static bool is_heard;
    if (!is_heard)
        g_log_set_writer_func(write_log, NULL, NULL);
    is_heard = true;
}

/* The window looks at the first process that it finds: in none of the places where it looks there is a stranger. */
void begin(int width, int height)
{
    char *here = g_get_current_dir();
    g_setenv("XDG_RUNTIME_DIR", here, TRUE);
    g_setenv("TMPDIR", here, TRUE);
    g_setenv("LOCALAPPDATA", here, TRUE);
    g_setenv("XDG_CONFIG_HOME", here, TRUE);
    g_free(here);
    g_setenv("GSETTINGS_BACKEND", "memory", TRUE);
    g_setenv("GSK_RENDERER", "cairo", TRUE);
    /* Not asked for, and its drivers keep memory for themselves. */
    g_setenv("GDK_DEBUG", "gl-disable", TRUE);
    g_setenv("GTK_A11Y", "none", TRUE);
    if (!gtk_init_check()) {
        CHECK(g_getenv("DISPLAY") == NULL && g_getenv("WAYLAND_DISPLAY") == NULL);
        test_skip("there is no display");
    }
    hear_complaints();
    make_window(width, height);
}

/* Here, since the harness's processes end without looking. */
static void check_leaks(void)
{
#ifdef __SANITIZE_ADDRESS__
    CHECK_EQ(__lsan_do_recoverable_leak_check(), 0);
#endif
}

void end(void)
{
    gtk_window_destroy(GTK_WINDOW(window));
    window = NULL;
    desk = NULL;
    while (g_main_context_iteration(NULL, FALSE))
        continue;
    settings_free(&settings);
    remove(RECORDING);
    g_rmdir("mproc");
    CHECK_EQ(without_place, 0);
    check_leaks();
}

/* Something of the main loop, then the question once more. */
/* Not before what the last look has found was dealt with: who looks again and again would keep the rest waiting. */
void look_for_programs(void)
{
    if (!g_main_context_pending(NULL))
        mon_desk_look(desk);
}

bool go_on(void)
{
    g_main_context_iteration(NULL, FALSE);
    return true;
}

void let_pass(int64_t ms)
{
    int64_t until_ms = os_now_ms() + ms;
    SHOWN(os_now_ms() > until_ms);
}

/* All of a frame is made in one go of the main loop. */
void let_draw(unsigned times)
{
    GdkFrameClock *clock = gtk_widget_get_frame_clock(window);
    for (unsigned i = 0; i < times; i++) {
        int64_t before = gdk_frame_clock_get_frame_counter(clock);
        gtk_widget_queue_draw(window);
        SHOWN(gdk_frame_clock_get_frame_counter(clock) > before);
    }
}

/* ---- What is seen ---- */

const char *text_of(GtkWidget *widget)
{
    if (GTK_IS_LABEL(widget))
        return gtk_label_get_text(GTK_LABEL(widget));
    return GTK_IS_INSCRIPTION(widget) ? gtk_inscription_get_text(GTK_INSCRIPTION(widget)) : NULL;
}

GtkWidget *find(GtkWidget *widget, const char *text)
{
    const char *own = gtk_widget_get_mapped(widget) ? text_of(widget) : NULL;
    if (own != NULL && strstr(own, text) != NULL)
        return widget;
    for (GtkWidget *child = gtk_widget_get_first_child(widget); child != NULL;
         child = gtk_widget_get_next_sibling(child)) {
        GtkWidget *found = find(child, text);
        if (found != NULL)
            return found;
    }
    return NULL;
}

GtkWidget *find_nth(GtkWidget *widget, GType type, int *index)
{
    if (G_TYPE_CHECK_INSTANCE_TYPE(widget, type) && gtk_widget_get_mapped(widget) && (*index)-- == 0)
        return widget;
    for (GtkWidget *child = gtk_widget_get_first_child(widget); child != NULL;
         child = gtk_widget_get_next_sibling(child)) {
        GtkWidget *found = find_nth(child, type, index);
        if (found != NULL)
            return found;
    }
    return NULL;
}

bool is_seen(const char *text)
{
    return find(window, text) != NULL;
}

void activate(const char *action)
{
    char *name;
    GVariant *target;
    CHECK(g_action_parse_detailed_name(action, &name, &target, NULL));
    CHECK(gtk_widget_activate_action_variant(window, name, target));
    g_free(name);
}

/* ---- A process ---- */

os_program *begin_program(const char *const *arguments)
{
    os_program *program = test_program_start_held(arguments);
    mon_desk_look(desk);
    SHOWN(is_seen("Live") && mon_desk_view(desk).pool != NULL);
    return program;
}

/* Who looks for programs sweeps what a dead one has left. */
static bool is_swept(void)
{
    char names[OS_PATH_MAX];
    look_for_programs();
    return os_directory_list("mproc", names, sizeof names) == 0;
}

void wait_swept(void)
{
    SHOWN(is_swept());
}

void end_program(os_program *program)
{
    os_program_kill(program);
    test_scene_finish(program, NULL, 0);
    wait_swept();
}

os_program *begin_sample(void)
{
    return begin_program((const char *const[]){ test_program("gui_sample"), "live", "held", NULL });
}

void end_sample(os_program *program)
{
    os_program_kill(program);
    test_scene_finish(program, NULL, 0);
    SHOWN(is_seen("died") && is_seen("it ended without saying so"));
}
