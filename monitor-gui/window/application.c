#include "window/application.h"

#include "window/ending.h"
#include "window/keys.h"
#include "window/palette.h"
#include "window/parts.h"
#include "window/start.h"
#include "window/window.h"
#include <mproc/base.h>

#define APPLICATION_ID "io.mproc.Monitor"
#define STYLE          "/io/mproc/Monitor/style.css"
/* The smallest text is 0.86 of the user's font, and has 11 pixels or more. Windows' own font has 9 points. */
#define LEAST_POINTS 10

struct _MonApplication {
    GtkApplication parent_instance;
    struct settings settings;
    GtkCssProvider *colors, *style;
    MonDesk *desk; /* the window's */
    GtkWidget *window;
    gboolean desktop_is_dark;
    int program_words; /* so many of the last arguments are a program to be started */
};

G_DEFINE_TYPE(MonApplication, mon_application, GTK_TYPE_APPLICATION)

/* ---- Theme ---- */

/* GTK 4.8 has no media queries: the colours are exchanged. */
static void apply_theme(MonApplication *self)
{
    bool is_dark = self->settings.theme == 0 ? self->desktop_is_dark : self->settings.theme == 2;
    g_autofree char *style = palette_style(is_dark);
    palette_choose(is_dark);
    gtk_css_provider_load_from_data(self->colors, style, -1);
    g_object_set(gtk_settings_get_default(), "gtk-application-prefer-dark-theme", is_dark, NULL);
    if (self->window != NULL)
        parts_redraw(self->window);
}

static void keep_readable(void)
{
    g_autofree char *name = NULL;
    GtkSettings *settings = gtk_settings_get_default();
    g_object_get(settings, "gtk-font-name", &name, NULL);
    PangoFontDescription *font = pango_font_description_from_string(name != NULL ? name : "");
    if (!pango_font_description_get_size_is_absolute(font) &&
        pango_font_description_get_size(font) < LEAST_POINTS * PANGO_SCALE) {
        pango_font_description_set_size(font, LEAST_POINTS * PANGO_SCALE);
        g_autofree char *larger = pango_font_description_to_string(font);
        g_object_set(settings, "gtk-font-name", larger, NULL);
    }
    pango_font_description_free(font);
}

static void add_styles(MonApplication *self)
{
    GdkDisplay *display = gdk_display_get_default();
    g_object_get(gtk_settings_get_default(), "gtk-application-prefer-dark-theme", &self->desktop_is_dark, NULL);
    self->colors = gtk_css_provider_new();
    self->style = gtk_css_provider_new();
    apply_theme(self);
    gtk_css_provider_load_from_resource(self->style, STYLE);
    gtk_style_context_add_provider_for_display(display, GTK_STYLE_PROVIDER(self->colors),
                                               GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
    gtk_style_context_add_provider_for_display(display, GTK_STYLE_PROVIDER(self->style),
                                               GTK_STYLE_PROVIDER_PRIORITY_APPLICATION + 1);
}

static void on_theme(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    MonApplication *self = data;
    self->settings.theme = g_variant_get_int32(parameter);
    g_simple_action_set_state(action, g_variant_new_int32(self->settings.theme));
    apply_theme(self);
}

static void on_quit(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)action, (void)parameter;
    MonApplication *self = data;
    if (self->window != NULL)
        gtk_window_close(GTK_WINDOW(self->window));
}

static void add_actions(MonApplication *self)
{
    g_autoptr(GSimpleAction) quit = g_simple_action_new("quit", NULL);
    g_autoptr(GSimpleAction) theme =
        g_simple_action_new_stateful("theme", G_VARIANT_TYPE_INT32, g_variant_new_int32(self->settings.theme));
    g_signal_connect(quit, "activate", G_CALLBACK(on_quit), self);
    g_signal_connect(theme, "activate", G_CALLBACK(on_theme), self);
    g_action_map_add_action(G_ACTION_MAP(self), G_ACTION(quit));
    g_action_map_add_action(G_ACTION_MAP(self), G_ACTION(theme));
}

/* Dialogs too: what is written is written to its end. */
static void on_asked(void *data)
{
    MonApplication *self = data;
    on_quit(NULL, NULL, self);
    for (GList *windows; (windows = gtk_application_get_windows(GTK_APPLICATION(self))) != NULL;)
        gtk_window_destroy(windows->data);
}

/* ---- The application ---- */

static void forget_window(gpointer data, GObject *window)
{
    (void)window;
    MonApplication *self = data;
    self->window = NULL;
    self->desk = NULL;
}

static void mon_application_activate(GApplication *application)
{
    MonApplication *self = MON_APPLICATION(application);
    if (self->window == NULL) {
        self->desk = mon_desk_new();
        self->window = mon_window_new(GTK_APPLICATION(self), self->desk, &self->settings);
        keys_add_plain(self->window);
        g_object_weak_ref(G_OBJECT(self->window), forget_window, self);
        mon_desk_look(self->desk);
    }
    gtk_window_present(GTK_WINDOW(self->window));
}

static void mon_application_open(GApplication *application, GFile **files, int count, const char *hint)
{
    (void)hint;
    MonApplication *self = MON_APPLICATION(application);
    mon_application_activate(application);
    for (int i = 0; i < count; i++) {
        g_autofree char *path = g_file_get_path(files[i]);
        if (path != NULL)
            mon_window_open(MON_WINDOW(self->window), path);
    }
}

static void mon_application_startup(GApplication *application)
{
    MonApplication *self = MON_APPLICATION(application);
    G_APPLICATION_CLASS(mon_application_parent_class)->startup(application);
    settings_load(&self->settings);
    keep_readable();
    add_styles(self);
    add_actions(self);
    keys_add(GTK_APPLICATION(self));
    ending_begin(on_asked, self);
    ending_say_display();
}

static void mon_application_shutdown(GApplication *application)
{
    MonApplication *self = MON_APPLICATION(application);
    g_autofree char *lost = settings_save(&self->settings);
    if (lost != NULL)
        g_printerr("mproc-monitor-gtk: the window's settings are not kept: %s\n", lost);
    settings_free(&self->settings);
    g_clear_object(&self->colors);
    g_clear_object(&self->style);
    G_APPLICATION_CLASS(mon_application_parent_class)->shutdown(application);
}

/* As the terminal's monitor has it. */
#define EXIT_NOTHING_TO_WATCH 3

static int start_program_given(MonApplication *self, const char *const *program)
{
    g_autofree char *why = NULL;
    if (program[0] == NULL || start_program(self->desk, program, &why) == 0)
        return 0;
    g_printerr("mproc-monitor-gtk: %s\n", why);
    gtk_window_close(GTK_WINDOW(self->window));
    return EXIT_NOTHING_TO_WATCH;
}

/* Recordings, then the words of a program. GLib has them from the system; those of main may have lost letters. */
static int open_rest(MonApplication *self, GApplicationCommandLine *line, const char *const *rest)
{
    int files = MAX((int)g_strv_length((char **)rest) - self->program_words, 0);
    for (int i = 0; i < files; i++) {
        g_autoptr(GFile) file = g_application_command_line_create_file_for_arg(line, rest[i]);
        mon_application_open(G_APPLICATION(self), &file, 1, "");
    }
    return self->program_words > 0 ? start_program_given(self, rest + files) : 0;
}

static int mon_application_command_line(GApplication *application, GApplicationCommandLine *line)
{
    MonApplication *self = MON_APPLICATION(application);
    GVariantDict *options = g_application_command_line_get_options_dict(line);
    const char *page = NULL, *const *rest = NULL;
    gint64 pid = 0;
    mon_application_activate(application);
    if (g_variant_dict_lookup(options, "page", "&s", &page))
        mon_window_show_page(MON_WINDOW(self->window), page);
    if (g_variant_dict_lookup(options, "pid", "x", &pid))
        mon_desk_expect(self->desk, pid);
    if (!g_variant_dict_lookup(options, G_OPTION_REMAINING, "^a&ay", &rest))
        return 0;
    int status = open_rest(self, line, rest);
    g_free((gpointer)rest);
    return status;
}

static void mon_application_class_init(MonApplicationClass *class)
{
    G_APPLICATION_CLASS(class)->activate = mon_application_activate;
    G_APPLICATION_CLASS(class)->open = mon_application_open;
    G_APPLICATION_CLASS(class)->startup = mon_application_startup;
    G_APPLICATION_CLASS(class)->shutdown = mon_application_shutdown;
    G_APPLICATION_CLASS(class)->command_line = mon_application_command_line;
}

static void mon_application_init(MonApplication *self)
{
    static const GOptionEntry options[] = {
        { "pid", 'p', 0, G_OPTION_ARG_INT64, NULL, "Watch this process", "PID" },
        { "page", 0, 0, G_OPTION_ARG_STRING, NULL, "Show this page: overview, workers, tasks, timeline, locks, log",
          "NAME" },
        { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, NULL, NULL, "[RECORDING\xe2\x80\xa6]" },
        { NULL },
    };
    g_application_add_main_option_entries(G_APPLICATION(self), options);
}

GtkApplication *mon_application_new(int program_words)
{
    MonApplication *self = g_object_new(MON_TYPE_APPLICATION, "application-id", APPLICATION_ID, "flags",
                                        G_APPLICATION_HANDLES_COMMAND_LINE | G_APPLICATION_NON_UNIQUE, NULL);
    self->program_words = program_words;
    return GTK_APPLICATION(self);
}
