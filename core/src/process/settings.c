/* Start methods, and the settings of a program. */
#include "process/settings.h"
#include "base/error.h"
#include "platform.h"
#include <stdlib.h>
#include <string.h>

/* An enum mproc_start_method. Relaxed throughout: it publishes nothing. */
static _Atomic int chosen_method = MPROC_START_DEFAULT;

static platform_mutex executable_lock = PLATFORM_MUTEX_INIT;
static char *chosen_executable;

static mproc_start_method system_default(void)
{
    return platform_can_fork() ? MPROC_START_FORK : MPROC_START_SPAWN;
}

int mproc_get_start_methods(mproc_start_method *ret_methods, size_t capacity)
{
    int code = mproc__check_room(ret_methods, "ret_methods", capacity);
    if (code < 0)
        return code;
    size_t count = 0;
    if (platform_can_fork() && ++count <= capacity)
        ret_methods[count - 1] = MPROC_START_FORK;
    if (++count <= capacity)
        ret_methods[count - 1] = MPROC_START_SPAWN;
    if (platform_can_fork() && ++count <= capacity)
        ret_methods[count - 1] = MPROC_START_FORKSERVER;
    return (int)count;
}

static const char *const method_names[] = {
    [MPROC_START_DEFAULT] = "default",
    [MPROC_START_FORK] = "fork",
    [MPROC_START_SPAWN] = "spawn",
    [MPROC_START_FORKSERVER] = "forkserver",
};
#define METHOD_COUNT ((int)(sizeof method_names / sizeof *method_names))

const char *mproc_start_method_name(mproc_start_method method)
{
    return (int)method >= 0 && (int)method < METHOD_COUNT ? method_names[method] : "unknown";
}

int mproc_start_method_from_name(const char *name, mproc_start_method *ret_method)
{
    for (int i = 0; name != NULL && i < METHOD_COUNT; i++)
        if (strcmp(name, method_names[i]) == 0) {
            *ret_method = (mproc_start_method)i;
            return 0;
        }
    return mproc__error(MPROC_E_INVALID, "no start method is called \"%s\"; there are fork, spawn and forkserver",
                        name != NULL ? name : "(NULL)");
}

mproc_start_method mproc__chosen_start_method(void)
{
    return (mproc_start_method)atomic_load_explicit(&chosen_method, memory_order_relaxed);
}

mproc_start_method mproc_get_start_method(void)
{
    mproc_start_method chosen = mproc__chosen_start_method();
    return chosen == MPROC_START_DEFAULT ? system_default() : chosen;
}

int mproc__start_method_resolve(mproc_start_method method, const char *executable, mproc_start_method *ret_method)
{
    if ((int)method < 0 || (int)method >= METHOD_COUNT)
        return mproc__error(MPROC_E_INVALID, "%d is no start method", (int)method);
    if ((method == MPROC_START_FORK || method == MPROC_START_FORKSERVER) && !platform_can_fork())
        return mproc__error(MPROC_E_NOT_SUPPORTED, "start method %s; this system has spawn",
                            mproc_start_method_name(method));
    if (method == MPROC_START_DEFAULT)
        method = mproc_get_start_method();
    /* A copy of this process, or of its fork server, cannot be another program, and to make one all the same would
     * surprise. */
    if (method != MPROC_START_SPAWN && executable != NULL)
        return mproc__error(MPROC_E_INVALID, "the executable %s needs start method spawn; this is %s", executable,
                            mproc_start_method_name(method));
    *ret_method = method;
    return 0;
}

int mproc_set_start_method(mproc_start_method method, bool force)
{
    mproc_start_method checked;
    if (method == MPROC_START_DEFAULT)
        return mproc__error(MPROC_E_INVALID, "the default cannot be made the default");
    int code = mproc__start_method_resolve(method, NULL, &checked);
    if (code < 0)
        return code;
    int before = MPROC_START_DEFAULT;
    if (force)
        atomic_store_explicit(&chosen_method, (int)checked, memory_order_relaxed);
    else if (!atomic_compare_exchange_strong_explicit(&chosen_method, &before, (int)checked, memory_order_relaxed,
                                                      memory_order_relaxed))
        return mproc__error(MPROC_E_STATE, "the start method has been set to %s before",
                            mproc_start_method_name((mproc_start_method)before));
    return 0;
}

static int copy_path(const char *path, char **ret_path)
{
    char *copy = NULL;
    if (path != NULL) {
        size_t size = strlen(path) + 1;
        copy = malloc(size);
        if (copy == NULL)
            return mproc__error(MPROC_E_NO_MEMORY, "a path of %zu bytes", size);
        memcpy(copy, path, size);
    }
    *ret_path = copy;
    return 0;
}

int mproc_set_executable(const char *path)
{
    platform_setup();
    char *copy = NULL;
    int code = copy_path(path, &copy);
    if (code < 0)
        return code;
    platform_mutex_lock(&executable_lock);
    char *old = chosen_executable;
    chosen_executable = copy;
    platform_mutex_unlock(&executable_lock);
    free(old);
    return 0;
}

int mproc__executable_copy(char **ret_path)
{
    platform_mutex_lock(&executable_lock);
    int code = copy_path(chosen_executable, ret_path);
    platform_mutex_unlock(&executable_lock);
    return code;
}

void mproc__settings_adopt(mproc_start_method chosen)
{
    /* Another thread of the parent may have held it at the moment of the fork. Its holder may also have been just
     * between the exchange and the free: then the old path is lost to the child, no more. */
    platform_mutex_init(&executable_lock);
    atomic_store_explicit(&chosen_method, (int)chosen, memory_order_relaxed);
}
