/* The boot text on its way into a spawned child, and out of its environment. */
#define _GNU_SOURCE
#include "unix/boot.h"
#include "unix/calls.h"
#include "unix/handle.h"
#include "unix/os.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VARIABLE "MPROC_BOOT"

extern char **environ;

static bool is_boot(const char *entry)
{
    return strncmp(entry, VARIABLE "=", sizeof VARIABLE) == 0;
}

/* The handle count travels with the text, so that the child knows all its handles before core asks for any. */
static char *boot_entry(const char *boot, int handle_count)
{
    size_t size = sizeof VARIABLE "=00:" + strlen(boot) + 8;
    char *entry = platform_calls.calloc(1, size);
    if (entry)
        snprintf(entry, size, VARIABLE "=%d:%s", handle_count, boot);
    return entry;
}

/* The boot entry is the first one and the only one that is the copy's own; the others are the parent's strings. */
char **platform__boot_environment(const char *boot, int handle_count)
{
    size_t count = 0, at = 0;
    while (environ && environ[count])
        count++;
    char **copy = platform_calls.calloc(count + 2, sizeof *copy);
    if (!copy)
        return NULL;
    if (boot && !(copy[at++] = boot_entry(boot, handle_count))) {
        free(copy);
        return NULL;
    }
    for (size_t i = 0; i < count; i++)
        if (!is_boot(environ[i]))
            copy[at++] = environ[i];
    return copy;
}

void platform__boot_environment_free(char **environment)
{
    if (environment && environment[0] && is_boot(environment[0]))
        free(environment[0]);
    free(environment);
}

static int handles_taken;

int platform__boot_handle_count(void)
{
    return handles_taken;
}

bool platform_boot_take(char *ret_text, size_t capacity)
{
    char *value = getenv(VARIABLE), *text;
    if (!value)
        return false;
    long handle_count = strtol(value, &text, 10);
    bool good = text != value && *text == ':' && handle_count >= 0 && handle_count <= PLATFORM_MAX_HANDLES &&
                strlen(text + 1) < capacity;
    if (good) {
        memcpy(ret_text, text + 1, strlen(text + 1) + 1);
        for (int i = 0; i < handle_count; i++)
            platform__inherit((int)platform_inherited_value(NULL, i));
        handles_taken = (int)handle_count;
        platform__os_program_name();
    }
    /* Overwritten too, because /proc/PID/environ shows the memory whether or not the variable is still listed. */
    memset(value, 0, strlen(value));
    unsetenv(VARIABLE);
    return good;
}
