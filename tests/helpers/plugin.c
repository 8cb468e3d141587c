/* A plug-in that uses mproc, for a host that does not: it has the library in itself. */
#include <mproc.h>

#ifdef _WIN32
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif

EXPORT int plugin_lock(void);
EXPORT int plugin_process(void);

/* What leaves a destructor of thread-local variables behind. */
int plugin_lock(void)
{
    mproc_lock lock;
    int code = mproc_lock_create(&lock, NULL);
    if (code == 0)
        code = mproc_lock_acquire(lock, MPROC_FOREVER);
    if (code == 0)
        code = mproc_lock_release(lock);
    return code;
}

static int work(mproc_task *task)
{
    (void)task;
    return 7;
}

/* What leaves a thread behind. */
int plugin_process(void)
{
    int64_t exit_code = -1;
    mproc_process *process;
    int code = mproc_process_create(&process, &(mproc_process_options){ .function = work });
    if (code == 0)
        code = mproc_process_start(process);
    if (code == 0)
        code = mproc_process_join(process, MPROC_FOREVER);
    if (code == 0)
        code = mproc_process_get_exit_code(process, &exit_code);
    return code < 0 ? code : (int)exit_code;
}

EXPORT int plugin_begin(void);

/* The host has not done it. */
int plugin_begin(void)
{
    return mproc_init(0, NULL);
}
