/* While a file is being written the program does not end, though its window may be closed. */
#ifndef MPROC_WINDOW_BUSY_H
#define MPROC_WINDOW_BUSY_H

#include <gio/gio.h>

static inline void busy_begin(void)
{
    if (g_application_get_default() != NULL)
        g_application_hold(g_application_get_default());
}

/** As often as busy_begin. */
static inline void busy_end(void)
{
    if (g_application_get_default() != NULL)
        g_application_release(g_application_get_default());
}

#endif
