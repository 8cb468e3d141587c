/* A module that a program loads at run time: a spawned child, which is the program started afresh, lacks it. Built more
 * than once, with another result each.
 */
#include <mproc/task.h>

#include <stdio.h>

#ifdef _WIN32
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif

EXPORT int helper_module_function(mproc_task *task);
EXPORT int helper_module_hook(mproc_task *task);

int helper_module_function(mproc_task *task)
{
    (void)task;
    return HELPER_RESULT;
}

/* Leaves a file that says that it ran. */
int helper_module_hook(mproc_task *task)
{
    FILE *file = fopen("hook-ran", "w");
    (void)task;
    return file != NULL && fclose(file) == 0 ? 0 : -1;
}
