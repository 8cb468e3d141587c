/* What a program that is the library's own asks of the system. */
#include "platform.h"
#include <stdlib.h>

void platform_application_begin(void)
{
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
