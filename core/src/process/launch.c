/* A start is prepared in the same way whatever the method: the handles are listed, then the method says in the boot by
 * which values the child will have them, and starts the process. */
#include "process/launch.h"
#include "base/error.h"
#include "base/ready.h"
#include "family/family.h"
#include "family/view.h"
#include "process/boot_layout.h"
#include "process/boot_text.h"
#include "process/enter.h"
#include "process/plan.h"
#include "process/segment.h"
#include "process/self.h"
#include "process/settings.h"
#include "process/threads.h"
#include <stdlib.h>
#include <string.h>

int mproc__family_allowed(void)
{
    platform_setup();
    if (!mproc__initialized())
        return mproc__error(MPROC_E_NOT_INITIALIZED,
                            "mproc_init has to be the first line of main; a plug-in whose host owns main calls it "
                            "itself, before its first process or pool");
    return mproc__family_no_copy();
}

int mproc__child_allowed(void)
{
    int code = mproc__family_allowed();
    if (code == 0 && mproc__self_is_daemon())
        code = mproc__error(MPROC_E_STATE, "a daemon process may not start children");
    return code;
}

/* The handles of a child that is no template's, in the order that launch.h promises; see there. */
struct handle_list {
    platform_handle values[5];
    int count;
    int own;                          /* the first of them are the child's alone */
    int store, family, scope, parent; /* indexes; -1 where there is none */
    platform_identity self;
};

/* A start under way. options has all but what is the method's. */
struct launch {
    const struct child_plan *plan;
    struct child_segment *segment;
    platform_template *fork_template;
    bool ahead; /* the template is asked, and the answer left to mproc__child_settle */
    platform_lost_fn *on_lost;
    platform_template **ret_template; /* NULL if the child is not to be a template itself */
    struct handle_list handles;
    platform_process_options options;
};

/* One way to bring a child to life. */
typedef int start_method(struct launch *launch, platform_process **ret_process);

/* ---- Handles ---- */

/* Returns the index, or -1 if there is no handle. */
static int list_optional(struct handle_list *list, platform_handle handle)
{
    if (handle == PLATFORM_NO_HANDLE)
        return -1;
    list->values[list->count] = handle;
    return list->count++;
}

static int list_handles(platform_handle segment, platform_handle store, struct handle_list *list)
{
    int code = platform_self_identity(&list->self);
    if (code < 0)
        return mproc__error_platform(code, "finding out who this process is");
    list->count = 0;
    list->values[list->count++] = segment;
    list->store = list_optional(list, store);
    list->own = list->family = list->count;
    list->values[list->count++] = mproc__family_segment();
    list->scope = list_optional(list, mproc__family_scope());
    list->parent = list_optional(list, list->self.handle);
    return 0;
}

int mproc__child_template_keep(platform_handle *ret_handles)
{
    struct handle_list list = { .count = 0 };
    int code = mproc__family_open();
    if (code == 0)
        code = list_handles(PLATFORM_NO_HANDLE, PLATFORM_NO_HANDLE, &list);
    if (code < 0)
        return code;
    memcpy(ret_handles, list.values + list.own, (size_t)(list.count - list.own) * sizeof *ret_handles);
    return list.count - list.own;
}

/* Says in the boot what the child has: values as they are here, or as they will be in a spawned child that has not got
 * so many of them: a template, which got a segment and no store, has the rest in places of its own. */
static void name_handles(const struct launch *launch, bool spawned, int missing)
{
    int64_t values[5];
    const struct handle_list *list = &launch->handles;
    struct child_boot *boot = launch->segment->boot;
    for (int i = 0; i < list->count; i++)
        values[i] = spawned && i >= missing ? platform_inherited_value(list->values, i - missing) : list->values[i];
    boot->store = list->store < 0 ? PLATFORM_NO_HANDLE : values[list->store];
    boot->family = values[list->family];
    boot->scope = list->scope < 0 ? PLATFORM_NO_HANDLE : values[list->scope];
    boot->parent = list->self;
    boot->parent.handle = list->parent < 0 ? PLATFORM_NO_HANDLE : (platform_handle)values[list->parent];
}

/* ---- Start methods ---- */

/* Another program has not been built from the same sources, nor has it the module that called mproc_init here: if that
 * is a plug-in, it is where the functions of tasks live, and has to be loaded there. */
static void name_program(const struct launch *launch)
{
    struct child_boot *boot = launch->segment->boot;
    platform_module module;
    bool other = launch->options.executable != NULL;
    boot->program = other ? 0 : mproc__program_key();
    if (other && mproc__program_module(&module))
        memcpy(boot->program_path, module.path, sizeof module.path);
}

static int spawn_prepared(struct launch *launch, platform_process **ret_process)
{
    if (launch->ret_template == NULL)
        return platform_process_spawn(&launch->options, ret_process);
    int code = platform_template_spawn(&launch->options, launch->on_lost, launch->options.user, launch->ret_template);
    if (code == 0)
        *ret_process = platform_template_process(*launch->ret_template);
    return code;
}

static const char *spawn_text(const struct launch *launch)
{
    if (launch->ret_template != NULL)
        return "starting the fork server, which start method spawn does without";
    return launch->options.executable != NULL ? "starting another program" : "starting this program again";
}

static int spawn(struct launch *launch, platform_process **ret_process)
{
    char text[BOOT_TEXT_MAX];
    char *global = NULL;
    const char *wanted = launch->plan->executable;
    struct child_boot *boot = launch->segment->boot;
    int code = wanted != NULL ? 0 : mproc__executable_copy(&global);
    if (code < 0)
        return code;
    launch->options.executable = wanted != NULL ? wanted : global;
    launch->options.boot = text;
    name_handles(launch, true, 0);
    name_program(launch);
    mproc__boot_text_write(text, platform_inherited_value(launch->handles.values, 0), boot->nonce);
    code = spawn_prepared(launch, ret_process);
    if (code < 0)
        mproc__error_platform(code, spawn_text(launch));
    free(global);
    return code;
}

static int fork_this(struct launch *launch, platform_process **ret_process)
{
    name_handles(launch, false, 0);
    launch->segment->boot->program = mproc__program_key();
    mproc__threads_warn_of_fork();
    int code = platform_process_fork(&launch->options, ret_process);
    if (code == 1)
        mproc__child_enter_forked(launch->segment->handle, launch->segment->store);
    return code < 0 ? mproc__error_platform(code, "forking") : 0;
}

/* The template has all handles but the child's own: by this process's values if it was forked, by those that a spawned
 * child has if it was spawned. Then it is known to be the right program, or meant to be another. */
static int fork_template(struct launch *launch, platform_process **ret_process)
{
    bool spawned = launch->plan->method == MPROC_START_FORKSERVER;
    name_handles(launch, spawned, launch->handles.own - 1);
    launch->segment->boot->program = spawned ? 0 : mproc__program_key();
    launch->options.handle_count = launch->handles.own;
    int code = (launch->ahead ? platform_template_ask : platform_template_fork)(launch->fork_template, &launch->options,
                                                                                ret_process);
    return code < 0 ? mproc__error_platform(code, "forking from the template") : 0;
}

static start_method *const methods[] = { [MPROC_START_FORK] = fork_this, [MPROC_START_SPAWN] = spawn };

/* Release: pairs with the acquire load of is_meant, where a spawned child waits for it. */
static void note_pid(struct child_boot *boot, const platform_process *process)
{
    atomic_store_explicit(&boot->pid, platform_process_pid(process), memory_order_release);
}

static int run(struct launch *launch, platform_process **ret_process)
{
    const struct child_plan *plan = launch->plan;
    struct child_boot *boot = launch->segment->boot;
    bool from_template = launch->fork_template != NULL;
    platform_process *process;
    int code = list_handles(launch->segment->handle, launch->segment->store, &launch->handles);
    if (code < 0)
        return code;
    launch->options.handles = launch->handles.values;
    launch->options.handle_count = launch->handles.count;
    launch->options.group = plan->group;
    launch->options.apart = plan->apart;
    launch->options.inherit_input = plan->inherit_stdin;
    boot->by_first_thread = !from_template && platform_thread_is_first();
    code = (from_template ? fork_template : methods[plan->method])(launch, &process);
    mproc__threads_watcher_started();
    if (code < 0)
        return code;
    if (!launch->ahead)
        note_pid(boot, process);
    *ret_process = process;
    return 0;
}

int mproc__child_launch(const struct child_plan *plan, struct child_segment *segment, platform_template *template,
                        platform_exit_fn *on_exit, void *user, platform_process **ret_process)
{
    struct launch launch = {
        .plan = plan, .segment = segment, .fork_template = template, .options = { .on_exit = on_exit, .user = user }
    };
    return run(&launch, ret_process);
}

int mproc__child_ask(const struct child_plan *plan, struct child_segment *segment, platform_template *template,
                     platform_exit_fn *on_exit, void *user, platform_process **ret_process)
{
    struct launch launch = { .plan = plan,
                             .segment = segment,
                             .fork_template = template,
                             .ahead = true,
                             .options = { .on_exit = on_exit, .user = user } };
    return run(&launch, ret_process);
}

int mproc__child_settle(struct child_segment *segment, platform_template *template, platform_process *process)
{
    int code = platform_template_take(template, process);
    if (code < 0)
        return mproc__error_platform(code, "forking from the template");
    note_pid(segment->boot, process);
    return 0;
}

int mproc__child_launch_template(const struct child_plan *plan, struct child_segment *segment,
                                 platform_lost_fn *on_lost, platform_template **ret_template)
{
    struct launch launch = { .plan = plan, .segment = segment, .on_lost = on_lost, .ret_template = ret_template };
    platform_process *process;
    return run(&launch, &process);
}
