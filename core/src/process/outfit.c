/* An outfit's way into the child, both ends. */
#include "process/outfit.h"
#include "base/error.h"
#include "platform.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum letter { NICE = 'n', CPU = 'c', VARIABLE = 'v', STDOUT = 'o', STDERR = 'e' };

/* ---- Written ---- */

/* Without bytes it only counts. */
struct sink {
    char *bytes;
    size_t size;
};

static void put(struct sink *sink, const char *text, size_t size)
{
    if (sink->bytes != NULL)
        memcpy(sink->bytes + sink->size, text, size);
    sink->size += size;
}

static void put_entry(struct sink *sink, enum letter letter, const char *text)
{
    put(sink, &(char){ (char)letter }, 1);
    put(sink, text, strlen(text) + 1);
}

static void put_number(struct sink *sink, enum letter letter, int number)
{
    char text[16];
    snprintf(text, sizeof text, "%d", number);
    put_entry(sink, letter, text);
}

static void put_path(struct sink *sink, enum letter letter, const char *path, int index)
{
    char text[16];
    const char *place = path != NULL ? strstr(path, "%d") : NULL;
    if (path == NULL)
        return;
    if (place == NULL) {
        put_entry(sink, letter, path);
        return;
    }
    snprintf(text, sizeof text, "%d", index);
    put(sink, &(char){ (char)letter }, 1);
    put(sink, path, (size_t)(place - path));
    put(sink, text, strlen(text));
    put(sink, place + 2, strlen(place + 2) + 1);
}

size_t mproc__outfit_write(const struct child_outfit *outfit, char *bytes)
{
    struct sink sink = { .bytes = bytes };
    if (outfit == NULL)
        return 0;
    if (outfit->nice != 0)
        put_number(&sink, NICE, outfit->nice);
    if (outfit->cpu >= 0)
        put_number(&sink, CPU, outfit->cpu);
    for (const char *const *entry = outfit->environment; entry != NULL && *entry != NULL; entry++)
        put_entry(&sink, VARIABLE, *entry);
    put_path(&sink, STDOUT, outfit->stdout_path, outfit->index);
    put_path(&sink, STDERR, outfit->stderr_path, outfit->index);
    return sink.size;
}

/* ---- Applied ---- */

static int set_variable(const char *text)
{
    const char *end = strchr(text, '=');
    if (end == NULL)
        return platform_self_setenv(text, NULL);
    size_t length = (size_t)(end - text);
    char *name = malloc(length + 1);
    if (name == NULL)
        return MPROC_E_NO_MEMORY;
    memcpy(name, text, length);
    name[length] = '\0';
    int code = platform_self_setenv(name, end + 1);
    free(name);
    return code;
}

static int nice_by(const char *text)
{
    return platform_self_nice(atoi(text));
}

static int pin_to(const char *text)
{
    return platform_self_pin(atoi(text));
}

static int redirect_stdout(const char *text)
{
    return platform_self_redirect(PLATFORM_STDOUT, text);
}

static int redirect_stderr(const char *text)
{
    return platform_self_redirect(PLATFORM_STDERR, text);
}

static const struct {
    enum letter letter;
    const char *name; /* of what it changes */
    int (*apply)(const char *text);
} changes[] = {
    { NICE, "nice", nice_by },
    { CPU, "cpu", pin_to },
    { VARIABLE, "environment", set_variable },
    { STDOUT, "stdout", redirect_stdout },
    { STDERR, "stderr", redirect_stderr },
};

static int apply(const char *entry)
{
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        char what[160];
        if (changes[i].letter != (enum letter)entry[0])
            continue;
        int code = changes[i].apply(entry + 1);
        snprintf(what, sizeof what, "%s %s", changes[i].name, entry + 1);
        return code < 0 ? mproc__error_platform(code, what) : 0;
    }
    return mproc__error(MPROC_E_MISMATCH, "no such setting of a child: %c", entry[0]);
}

int mproc__outfit_apply(const char *bytes, size_t size)
{
    int code = 0;
    for (size_t at = 0; at < size && code == 0; at += strlen(bytes + at) + 1)
        code = apply(bytes + at);
    return code;
}
