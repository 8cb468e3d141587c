#include "main.h"

#include <gio/gio.h>

/* On Windows GIO, once it is loaded, has a thread read from the registry which programs there are; whoever asks for
 * them waits for it. Elsewhere it reads when it is asked. */
void gui_settle(void)
{
#ifdef G_OS_WIN32
    g_list_free_full(g_app_info_get_all(), g_object_unref);
#endif
}
