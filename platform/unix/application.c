/* What a program that is the library's own asks of the system. */
#define _GNU_SOURCE
#include "platform.h"
#include <signal.h>
#include <stdlib.h>

static void do_nothing(int number)
{
    (void)number;
}

/* A handler and not SIG_IGN, which the programs that are started would inherit. */
void platform_application_begin(void)
{
    struct sigaction before, action = { .sa_handler = do_nothing, .sa_flags = SA_RESTART };
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGXFSZ, NULL, &before) == 0 && before.sa_handler == SIG_DFL)
        sigaction(SIGXFSZ, &action, NULL);
}

static bool is_set(const char *name)
{
    const char *value = getenv(name);
    return value && value[0] != '\0';
}

bool platform_application_has_display(void)
{
    return is_set("DISPLAY") || is_set("WAYLAND_DISPLAY");
}
