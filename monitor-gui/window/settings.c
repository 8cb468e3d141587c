#include "window/settings.h"

#include "window/table_memory.h"
#include <errno.h>

#define GROUP      "window"
#define RECORDINGS 8

static char *path_of_file(void)
{
    return g_build_filename(g_get_user_config_dir(), "mproc-monitor", "window.conf", NULL);
}

/* ---- Reading ---- */

static int number(GKeyFile *file, const char *name, int minimum, int maximum, int otherwise)
{
    g_autoptr(GError) error = NULL;
    int value = g_key_file_get_integer(file, GROUP, name, &error);
    return error == NULL && value >= minimum && value <= maximum ? value : otherwise;
}

static char **recordings(GKeyFile *file)
{
    char **known = g_key_file_get_string_list(file, GROUP, "recordings", NULL, NULL);
    g_autoptr(GStrvBuilder) there = g_strv_builder_new();
    int count = 0;
    for (char **path = known; path != NULL && *path != NULL && count < RECORDINGS; path++)
        if (g_file_test(*path, G_FILE_TEST_IS_REGULAR)) {
            g_strv_builder_add(there, *path);
            count++;
        }
    g_strfreev(known);
    return g_strv_builder_end(there);
}

/* A file that is damaged anywhere is as good as none. */
static GKeyFile *read_file(void)
{
    GKeyFile *file = g_key_file_new();
    g_autofree char *path = path_of_file();
    if (g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, NULL))
        return file;
    g_key_file_unref(file);
    return g_key_file_new();
}

void settings_load(struct settings *ret_settings)
{
    g_autoptr(GKeyFile) file = read_file();
    *ret_settings = (struct settings){
        .width = number(file, "width", 900, 16384, 1280),
        .height = number(file, "height", 600, 16384, 800),
        .is_maximized = number(file, "maximized", 0, 1, 0) != 0,
        .has_sidebar = number(file, "sidebar", 0, 1, 1) != 0,
        .theme = number(file, "theme", 0, 2, 0),
        .page = g_key_file_get_string(file, GROUP, "page", NULL),
        .recordings = recordings(file),
    };
    table_memory_load(file);
}

/* ---- Writing ---- */

/* In its folder, which is made if there is none. */
static char *write_file(GKeyFile *file)
{
    g_autofree char *path = path_of_file(), *directory = g_path_get_dirname(path);
    g_autoptr(GError) error = NULL;
    if (g_mkdir_with_parents(directory, 0700) != 0)
        return g_strdup_printf("%s: %s", directory, g_strerror(errno));
    /* Beside it first, then in its place. */
    return g_key_file_save_to_file(file, path, &error) ? NULL : g_strdup(error->message);
}

char *settings_save(const struct settings *settings)
{
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_key_file_set_integer(file, GROUP, "width", settings->width);
    g_key_file_set_integer(file, GROUP, "height", settings->height);
    g_key_file_set_integer(file, GROUP, "maximized", settings->is_maximized);
    g_key_file_set_integer(file, GROUP, "sidebar", settings->has_sidebar);
    g_key_file_set_integer(file, GROUP, "theme", settings->theme);
    if (settings->page != NULL)
        g_key_file_set_string(file, GROUP, "page", settings->page);
    g_key_file_set_string_list(file, GROUP, "recordings", (const char *const *)settings->recordings,
                               g_strv_length(settings->recordings));
    table_memory_save(file);
    return write_file(file);
}

/* first: before all others, or NULL; gone: left out among these. So many in all at most. */
static void rebuild(struct settings *settings, const char *first, const char *gone)
{
    g_autoptr(GStrvBuilder) all = g_strv_builder_new();
    int count = first != NULL;
    if (first != NULL)
        g_strv_builder_add(all, first);
    for (char **path = settings->recordings; path != NULL && *path != NULL && count < RECORDINGS; path++)
        if (strcmp(*path, gone) != 0) {
            g_strv_builder_add(all, *path);
            count++;
        }
    g_strfreev(settings->recordings);
    settings->recordings = g_strv_builder_end(all);
}

void settings_add_recording(struct settings *settings, const char *path)
{
    rebuild(settings, path, path);
}

void settings_remove_recording(struct settings *settings, const char *path)
{
    rebuild(settings, NULL, path);
}

void settings_free(struct settings *settings)
{
    g_free(settings->page);
    g_strfreev(settings->recordings);
    table_memory_free();
}
