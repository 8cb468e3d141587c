#include "window/ending.h"

#include "platform.h"
#include <gmodule.h>

/* ---- Requests ---- */

struct request {
    void (*asked)(void *user);
    void *user;
    platform_handle event;
};

static gboolean tell(gpointer data)
{
    const struct request *request = data;
    request->asked(request->user);
    return G_SOURCE_REMOVE;
}

/* For as long as the program runs. */
static gpointer wait_for_it(gpointer data)
{
    const struct request *request = data;
    unsigned char ready = 0;
    while (ready == 0)
        platform_wait_handles(&request->event, 1, INT64_MAX, &ready);
    g_idle_add(tell, data);
    return NULL;
}

void ending_begin(void (*asked)(void *user), void *user)
{
    static struct request request;
    request.asked = asked;
    request.user = user;
    if (platform_interrupts_begin(&request.event) == 0)
        g_thread_unref(g_thread_new("ending", wait_for_it, &request));
}

/* ---- The display ---- */

/* As Xlib has it, which is there where GTK's display is one of X11. GTK's own handler ends the program without a word
 * when the connection is broken. */
typedef int display_fn(void *display);
typedef display_fn *set_display_fn(display_fn *handler);
static display_fn *handle_display;

static int on_display_gone(void *display)
{
    g_printerr("mproc-monitor-gtk: the display is gone\n");
    return handle_display(display);
}

void ending_say_display(void)
{
    GModule *all = g_module_open(NULL, 0);
    set_display_fn *set = NULL;
    if (all != NULL && g_module_symbol(all, "XSetIOErrorHandler", (gpointer *)(void *)&set))
        handle_display = set(on_display_gone);
    if (all != NULL)
        g_module_close(all);
}
