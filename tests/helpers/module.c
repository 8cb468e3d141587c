/* A module that a program loads at run time: a spawned child, which is the program started afresh, lacks it.
 */
#include <mproc/task.h>

#ifdef _WIN32
__declspec(dllexport)
#else
__attribute__((visibility("default")))
#endif
    int helper_module_function(mproc_task *task);

int helper_module_function(mproc_task *task)
{
    (void)task;
    return 41;
}
