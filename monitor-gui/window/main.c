/* mproc-monitor-gtk: what the pools of a program do, in a window. */
#include "platform.h"
#include "window/application.h"

/* Behind "--" stands a program with its arguments. */
static int count_program(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--") == 0)
            return argc - i - 1;
    return 0;
}

/* Where a session has no bus for its programs GLib would look for one all the same, and complain. */
static void spare_bus(void)
{
    if (G_DIR_SEPARATOR == '\\')
        g_setenv("DBUS_SESSION_BUS_ADDRESS", "disabled:", FALSE);
}

int main(int argc, char **argv)
{
    platform_setup();
    platform_application_begin();
    spare_bus();
    g_autoptr(GtkApplication) application = mon_application_new(count_program(argc, argv));
    return g_application_run(G_APPLICATION(application), argc, argv);
}
