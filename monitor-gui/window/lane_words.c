#include "window/lane_words.h"

#include "model/text.h"
#include <ctype.h>

/* A longer one would not be read anyway. */
#define SHORT_MAX 40

/* ---- Functions ---- */

static int index_of(char letter)
{
    if (isdigit((unsigned char)letter))
        return 26 + letter - '0';
    return isalpha((unsigned char)letter) ? tolower((unsigned char)letter) - 'a' : -1;
}

static char letter_at(int index)
{
    return (char)(index < 26 ? 'a' + index : '0' + index - 26);
}

/* The first letter of its name that is free; else any that is: there are as many as functions that get one. */
static int choose(const char *name, const bool taken[LANE_LETTERS])
{
    for (; *name != '\0'; name++) {
        int index = index_of(*name);
        if (index >= 0 && index < 26 && !taken[index])
            return index;
    }
    int free = 0;
    while (taken[free])
        free++;
    return free;
}

void lane_keys_make(struct lane_keys *ret_keys, const struct model_pool *pool)
{
    static const enum palette_color colors[LANE_COLORS] = { PALETTE_f1, PALETTE_f2, PALETTE_f3, PALETTE_f4,
                                                            PALETTE_f5 };
    bool taken[LANE_LETTERS] = { false };
    ret_keys->keys[0] = (struct lane_key){ "", PALETTE_f6, true };
    for (uint32_t i = 1; i <= LANE_LETTERS; i++) {
        const struct model_function *known = pool_function_at(pool, i);
        int letter = choose(known != NULL ? kept_string(known->said.name) : "", taken);
        bool is_other = i > LANE_COLORS;
        taken[letter] = true;
        ret_keys->keys[i] =
            (struct lane_key){ { letter_at(letter), '\0' }, is_other ? PALETTE_f6 : colors[i - 1], is_other };
    }
}

const struct lane_key *lane_key_of(const struct lane_keys *keys, uint32_t function)
{
    return &keys->keys[function <= LANE_LETTERS ? function : 0];
}

uint32_t lane_group_of(uint32_t function)
{
    return function >= 1 && function <= LANE_COLORS ? function - 1 : LANE_COLORS;
}

const char *lane_function_name(const struct model_pool *pool, uint32_t function)
{
    const struct model_function *known = pool_function_at(pool, function);
    const char *name = known != NULL ? kept_string(known->said.name) : "";
    return name[0] != '\0' ? name : "a task";
}

/* ---- Arguments ---- */

static struct words made(const char *text, size_t size)
{
    struct words words = { "" };
    memcpy(words.text, text, MIN(size, sizeof words.text - 1));
    return words;
}

static const char *last_part(const char *text, const char *end)
{
    for (const char *at = end; at > text; at--)
        if ((at[-1] == '/' || at[-1] == '\\') && at < end)
            return at;
    return text;
}

static const char *before_suffix(const char *text, const char *end)
{
    for (const char *at = end; at > text + 1; at--)
        if (at[-1] == '.')
            return at - 1;
    return end;
}

/* Where a text of so many characters at most ends. */
static const char *cut(const char *text, const char *end)
{
    for (int i = 0; i < SHORT_MAX && text < end; i++)
        text = g_utf8_next_char(text);
    return MIN(text, end);
}

struct words lane_short(const char *argument)
{
    const char *end = argument + strlen(argument);
    if (argument[0] == '"') {
        const char *quote = strchr(++argument, '"');
        end = quote != NULL ? quote : end;
        argument = last_part(argument, end);
        end = before_suffix(argument, end);
    }
    return made(argument, (size_t)(cut(argument, end) - argument));
}

static struct words item_words(int64_t item)
{
    struct words words = { "" };
    if (item >= 0)
        g_strlcpy(words.text, text_count((uint64_t)item).text, sizeof words.text);
    return words;
}

static struct words either(const char *label, const char *argument, int64_t item)
{
    if (label[0] != '\0')
        return made(label, (size_t)(cut(label, label + strlen(label)) - label));
    return argument[0] != '\0' ? lane_short(argument) : item_words(item);
}

/* Of one that runs the worker knows it. */
struct words lane_argument(const struct view *view, uint32_t worker, const struct bar *bar)
{
    const struct model_task *task =
        tasks_find(&view->model->tasks, &(struct task_key){ view->number, bar->task, bar->item });
    const struct model_worker *runs = pool_worker_at(view->pool, worker);
    if (task != NULL)
        return either(task_text(task, TASK_LABEL), task_text(task, TASK_ARGUMENT), bar->item);
    if (runs != NULL && runs->said.task == bar->task && runs->said.item == bar->item)
        return either(kept_string(runs->said.label), kept_string(runs->said.argument), bar->item);
    return item_words(bar->item);
}
