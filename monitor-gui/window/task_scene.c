#include "window/task_scene.h"

/* Records of one moment come one after the other: what began, or was submitted, so shortly ago is believed. */
#define GRACE_NS INT64_C(1000000000)

/* ---- Making ---- */

static void free_function(gpointer data)
{
    struct task_function *function = data;
    g_free(function->name);
    g_free(function->place);
    g_free(function);
}

static void add_function(GPtrArray *functions, const struct model_function *known)
{
    struct task_function *function = g_new(struct task_function, 1);
    function->name = g_strdup(known != NULL ? kept_string(known->said.name) : "");
    function->place = g_strdup(known != NULL ? kept_string(known->said.place) : "");
    g_ptr_array_add(functions, function);
}

static void add_running(GArray *running, const struct model_pool *pool, const struct model_worker *worker)
{
    struct task_key key = { .pool = 0 };
    if (worker != NULL && worker->said.task != 0)
        key = (struct task_key){ pool->number, worker->said.task, worker->said.item };
    g_array_append_val(running, key);
}

static int64_t oldest_ns(const struct model *model, const struct model_pool *pool)
{
    if (pool->counts.queued == 0)
        return INT64_MAX;
    return model->now_ns - pool->counts.oldest_ns;
}

struct task_scene *task_scene_new(const struct model *model, const struct model_pool *pool)
{
    struct task_scene *scene = g_new(struct task_scene, 1);
    *scene = (struct task_scene){ .pool = pool->number, .now_ns = model->now_ns, .oldest_ns = oldest_ns(model, pool) };
    scene->is_over = model_is_over(model, pool);
    scene->running = g_array_new(FALSE, FALSE, sizeof(struct task_key));
    scene->functions = g_ptr_array_new_with_free_func(free_function);
    for (size_t i = 0; i < pool->workers.count; i++)
        add_running(scene->running, pool, pool_worker_at(pool, i));
    for (uint32_t i = 0; i < pool->functions.count; i++)
        add_function(scene->functions, pool_function_at(pool, i));
    return scene;
}

void task_scene_free(struct task_scene *scene)
{
    if (scene == NULL)
        return;
    g_array_unref(scene->running);
    g_ptr_array_unref(scene->functions);
    g_free(scene);
}

/* ---- Questions ---- */

static const struct task_function *function_at(const struct task_scene *scene, uint32_t function)
{
    static const struct task_function none = { "", "" };
    return function < scene->functions->len ? scene->functions->pdata[function] : &none;
}

const char *task_scene_name(const struct task_scene *scene, uint32_t function)
{
    const struct task_function *known = function_at(scene, function);
    return known->name[0] != '\0' ? known->name : known->place;
}

const char *task_scene_place(const struct task_scene *scene, uint32_t function)
{
    return function_at(scene, function)->place;
}

static bool runs(const struct task_scene *scene, const struct model_task *task)
{
    if (scene->running->len == 0)
        return true;
    if (task->worker < 0 || task->worker >= scene->running->len)
        return false;
    const struct task_key *key = &g_array_index(scene->running, struct task_key, task->worker);
    return key->task == task->key.task && key->item == task->key.item;
}

bool task_scene_has(const struct task_scene *scene, const struct model_task *task)
{
    enum task_state state = task_state(task);
    if (scene->is_over)
        return state != TASK_RUNNING && state != TASK_QUEUED;
    if (state == TASK_RUNNING)
        return scene->now_ns - task->begun_ns < GRACE_NS || runs(scene, task);
    if (state == TASK_QUEUED)
        return scene->now_ns - task->submitted_ns < GRACE_NS || task->submitted_ns + GRACE_NS >= scene->oldest_ns;
    return true;
}
