/* What the window remembers from one run to the next: a key file in the user's configuration. */
#ifndef MPROC_WINDOW_SETTINGS_H
#define MPROC_WINDOW_SETTINGS_H

#include <glib.h>
#include <stdbool.h>

struct settings {
    int width, height;
    bool is_maximized, has_sidebar;
    int theme; /**< 0: the desktop's, 1: light, 2: dark */
    char *page;
    char **recordings; /**< that were opened last, ends with NULL */
};

/** Reads them, and what is remembered of tables; what is not there, or makes no sense, is as in the first run. */
void settings_load(struct settings *ret_settings);
/** Writes them, whole or not at all; a disk that is full costs no more than the memory of them. Returns NULL, or why
 * they are not kept, for g_free. */
char *settings_save(const struct settings *settings);
void settings_free(struct settings *settings);

/** The recording was opened: it is the first of those that are remembered. */
void settings_add_recording(struct settings *settings, const char *path);
/** It was closed: it is remembered no more. */
void settings_remove_recording(struct settings *settings, const char *path);

#endif
