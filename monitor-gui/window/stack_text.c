#include "window/stack_text.h"

#include <string.h>

#define MODULE "+0x"

/* A line of it; where no function is told, as of what is left out, place is empty. */
struct line {
    const char *function, *module, *place;
    int function_size, module_size, place_size;
    bool is_frame, has_source;
};

static const char *last_of(const char *text, size_t size, const char *words)
{
    return g_strrstr_len(text, (gssize)size, words);
}

static void take_module(struct line *line, const char *text, size_t size)
{
    const char *open = last_of(text, size, " (");
    if (open == NULL || text[size - 1] != ')')
        return;
    line->module = open + strlen(" (");
    line->module_size = (int)(text + size - 1 - line->module);
}

static struct line read_line(const char *text, size_t size)
{
    const char *offset = g_strstr_len(text, (gssize)size, MODULE), *comma = last_of(text, size, "), ");
    struct line line = { text, "", "", (int)size, 0, 0, offset != NULL, offset != NULL && comma != NULL };
    if (!line.is_frame)
        return line;
    line.function_size = (int)(offset - text);
    take_module(&line, text, comma != NULL ? (size_t)(comma + 1 - text) : size);
    line.place = comma != NULL ? comma + strlen("), ") : line.module;
    line.place_size = comma != NULL ? (int)(text + size - line.place) : line.module_size;
    return line;
}

/* False behind the last. */
static bool next_line(const char **text, struct line *ret_line)
{
    size_t size = strcspn(*text, "\n");
    if (**text == '\0')
        return false;
    *ret_line = read_line(*text, size);
    *text += size + ((*text)[size] == '\n');
    return true;
}

/* What of a system is below every program: where abort() raises its signal says nothing of who called it. */
static bool is_of_system(const struct line *line)
{
    static const char *const modules[] = { "libc.",  "libc-",     "libpthread",  "ld-",       "linux-vdso",
                                           "ntdll.", "kernel32.", "kernelbase.", "ucrtbase.", "msvcrt." };
    for (size_t i = 0; i < G_N_ELEMENTS(modules); i++)
        if (line->module_size > (int)strlen(modules[i]) &&
            g_ascii_strncasecmp(line->module, modules[i], strlen(modules[i])) == 0)
            return true;
    return false;
}

/* The first of the most is the program's own: a function with its line before one without, and that before one of the
 * system's. */
static int worth_of(const struct line *line)
{
    return !line->is_frame ? 0 : is_of_system(line) ? 1 : !line->has_source ? 2 : 3;
}

bool stack_is_told(const char *stack)
{
    return stack[0] != '\0' && !g_str_has_prefix(stack, "no stack");
}

/* ---- Two columns ---- */

static void add_frame(GString *frames, GString *places, const struct line *line, int number)
{
    const char *end = frames->len > 0 ? "\n" : "";
    if (line->is_frame)
        g_string_append_printf(frames, "%s#%d %.*s", end, number, line->function_size, line->function);
    else
        g_string_append_printf(frames, "%s%.*s", end, line->function_size, line->function);
    g_string_append_printf(places, "%s%s%.*s", end, line->place_size > 0 && !line->has_source ? "in " : "",
                           line->place_size, line->place);
}

struct stack_text stack_text_of(const char *stack)
{
    GString *frames = g_string_new(NULL), *places = g_string_new(NULL);
    struct stack_text text = { .own_end = 0 };
    struct line line;
    int most = 0;
    for (int number = 0; next_line(&stack, &line); number += line.is_frame) {
        add_frame(frames, places, &line, number);
        if (worth_of(&line) <= most)
            continue;
        most = worth_of(&line);
        text.own_end = (guint)frames->len;
        text.own_begin = text.own_end - (guint)line.function_size;
    }
    text.frames = g_string_free(frames, FALSE);
    text.places = g_string_free(places, FALSE);
    return text;
}

void stack_text_clear(struct stack_text *text)
{
    g_clear_pointer(&text->frames, g_free);
    g_clear_pointer(&text->places, g_free);
}

/* ---- In a line ---- */

char *stack_own_place(const char *stack)
{
    struct line line, own = { .is_frame = false };
    while (stack_is_told(stack) && next_line(&stack, &line))
        if (worth_of(&line) > worth_of(&own))
            own = line;
    if (!own.is_frame)
        return NULL;
    return g_strdup_printf("%.*s%s%.*s", own.function_size, own.function, own.place_size > 0 ? ", " : "",
                           own.place_size, own.place);
}
