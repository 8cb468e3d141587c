/* template.c: there is no fork here. Pools use spawn.
 */
#include "internal.h"

static int no_fork(void)
{
    return platform__fail_text(MPROC_E_NOT_SUPPORTED, "this system has no fork");
}

bool platform_can_fork(void)
{
    return false;
}

int platform_process_fork(const platform_process_options *options, platform_process **ret_process)
{
    (void)options, (void)ret_process;
    return no_fork();
}

int platform_template_create(platform_child_main *child_main, void *argument, const platform_handle *keep,
                             int keep_count, platform_lost_fn *on_lost, void *user, platform_template **ret_template)
{
    (void)child_main, (void)argument, (void)keep, (void)keep_count, (void)on_lost, (void)user, (void)ret_template;
    return no_fork();
}

int platform_template_spawn(const platform_process_options *options, platform_lost_fn *on_lost, void *user,
                            platform_template **ret_template)
{
    (void)options, (void)on_lost, (void)user, (void)ret_template;
    return no_fork();
}

void platform_template_serve(platform_child_main *child_main, void *argument, const platform_handle *keep,
                             int keep_count, const platform_identity *maker)
{
    (void)child_main, (void)argument, (void)keep, (void)keep_count, (void)maker;
    platform_exit_now(1);
}

platform_process *platform_template_process(const platform_template *process)
{
    (void)process;
    return NULL;
}

void platform_end_with_starter(bool on)
{
    (void)on;
}

int platform_template_fork(platform_template *process, const platform_process_options *options,
                           platform_process **ret_process)
{
    (void)process, (void)options, (void)ret_process;
    return no_fork();
}

int platform_template_ask(platform_template *process, const platform_process_options *options,
                          platform_process **ret_process)
{
    (void)process, (void)options, (void)ret_process;
    return no_fork();
}

int platform_template_take(platform_template *process, platform_process *worker)
{
    (void)process, (void)worker;
    return no_fork();
}

void platform_template_free(platform_template *process)
{
    (void)process;
}

void platform_copy_mark(void)
{
}

void platform_copy_begin(void)
{
}

bool platform_is_copy(void)
{
    return false;
}
