#include "window/task_question.h"

#include <inttypes.h>
#include <stdio.h>

struct task_question task_question_copy(const struct task_question *question)
{
    struct task_question copy = *question;
    copy.text = g_strdup(question->text);
    return copy;
}

void task_question_clear(struct task_question *question)
{
    g_clear_pointer(&question->text, g_free);
}

/* ---- Texts ---- */

static bool is_ascii(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text >= 0x80)
            return false;
    return true;
}

static bool begins_with(const char *text, const char *part)
{
    for (; *part != '\0'; part++, text++)
        if (g_ascii_tolower(*text) != g_ascii_tolower(*part))
            return false;
    return true;
}

/* Most texts are of ASCII, where nothing needs to be made of them. */
static bool has_ascii(const char *text, const char *part)
{
    char first[3] = { g_ascii_tolower(*part), g_ascii_toupper(*part), '\0' };
    for (text = strpbrk(text, first); text != NULL; text = strpbrk(text + 1, first))
        if (begins_with(text, part))
            return true;
    return false;
}

static bool has_text(const char *text, const char *part)
{
    if (is_ascii(part))
        return has_ascii(text, part);
    if (is_ascii(text))
        return false;
    g_autofree char *folded = g_utf8_casefold(text, -1), *wanted = g_utf8_casefold(part, -1);
    return strstr(folded, wanted) != NULL;
}

static bool has_number(const struct model_task *task, const char *part)
{
    char number[24];
    if (!g_ascii_isdigit(part[0]))
        return false;
    snprintf(number, sizeof number, "%" PRIu64, task->key.task);
    return strstr(number, part) != NULL;
}

static bool says(const struct task_scene *scene, const struct model_task *task, const char *part)
{
    for (unsigned i = 0; i < TASK_TEXTS; i++)
        if (has_text(task_text(task, i), part))
            return true;
    return has_text(task_scene_name(scene, task->function), part) || has_number(task, part);
}

/* ---- All of it ---- */

bool task_question_wants(const struct task_question *question, const struct task_scene *scene,
                         const struct model_task *task)
{
    if (task->key.pool != scene->pool)
        return false;
    if (question->filter != TASKS_ALL && !task_is_in(task, task_look(scene, task).group, question->filter))
        return false;
    if (question->function != 0 && task->function != question->function)
        return false;
    return question->text == NULL || question->text[0] == '\0' || says(scene, task, question->text);
}
