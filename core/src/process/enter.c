#include "process/enter.h"
#include "base/deadline.h"
#include "base/error.h"
#include "base/log.h"
#include "base/ready.h"
#include "family/family.h"
#include "pool/pool_types.h"
#include "pool/worker.h"
#include "process/boot_text.h"
#include "process/exit.h"
#include "process/handshake.h"
#include "process/process_table.h"
#include "process/settings.h"
#include "process/task.h"
#include "process/threads.h"
#include <string.h>

static void require(struct child_boot *boot, int code)
{
    if (code < 0)
        mproc__child_fail(boot, code);
}

static struct child_boot *map_boot(platform_handle segment, size_t size)
{
    void *address;
    if (platform_segment_map(segment, 0, size, &address) == 0)
        return address;
    mproc__error_platform(MPROC_E_OS, "mapping the start-up segment");
    return NULL;
}

/* Every lock and list of core that this process may have copied from its parent begins anew; there is one thread. */
static void adopt(const struct child_boot *boot)
{
    mproc__error_clear();
    mproc__ready_adopt();
    mproc__task_table_adopt();
    mproc__threads_adopt();
    platform_copy_mark();
    platform_child_prepare();
    mproc__log_adopt(boot->name, (mproc_log_level)boot->log_level);
    mproc__settings_adopt((mproc_start_method)boot->default_method);
    mproc__exit_adopt();
    mproc__process_adopt(boot);
}

static int check_program(const struct child_boot *boot)
{
    uint64_t own = mproc__program_key();
    if (boot->program == 0 || own == boot->program)
        return 0;
    return mproc__error(MPROC_E_MISMATCH, "build-id %016llx here, %016llx in the parent", (unsigned long long)own,
                        (unsigned long long)boot->program);
}

static int resolve_function(const struct child_boot *boot, mproc_function **ret_function)
{
    any_function *function = NULL;
    int code = 0;
    if (boot->function.module) {
        platform_module module;
        if (boot->module_path_size && !platform_module_find(boot->function.module, &module))
            code = platform_module_load(boot->module_path);
        code = code < 0 ? mproc__error_platform(MPROC_E_NO_FUNCTION, boot->module_path)
                        : mproc__function_from_ref(&boot->function, &function);
    }
    *ret_function = (mproc_function *)function;
    return code;
}

static int start_lifeline(const struct child_boot *boot)
{
    int code = platform_lifeline_start((platform_handle)boot->parent, boot->group);
    if (code < 0)
        return mproc__error_platform(MPROC_E_START_FAILED, "watching the parent");
    mproc__threads_lifeline_started();
    return 0;
}

/* Starting a thread takes a third as long as the whole start of a forked process, so that READY does not wait for it.
 * Should it fail, it is too late to tell the parent by FAILED: a line on stderr says why, whatever the log level, and
 * the function does not run. Running it without a lifeline could leave an orphan. */
static void require_lifeline(const struct child_boot *boot)
{
    if (start_lifeline(boot) == 0)
        return;
    mproc_perror(boot->name);
    platform_exit_now(1);
}

static _Noreturn void run_process(struct child_boot *boot, mproc_function *function)
{
    char message[RING_MESSAGE_BYTES] = "";
    mproc_view argument = { (const char *)boot + boot->argument_offset, boot->argument_size };
    mproc__child_ready(boot);
    require_lifeline(boot);
    int code = mproc__run_plain(function, argument, -1, message);
    if (code != 0 && message[0])
        mproc__log(MPROC_LOG_ERROR, "the function returned %d: %s", code, message);
    mproc__child_exit(code);
}

/* A worker takes long to become ready anyway, and its pool wants to hear of every failure. */
static _Noreturn void run_worker(struct child_boot *boot, mproc_function *initializer)
{
    require(boot, start_lifeline(boot));
    mproc__child_exit(mproc__worker_main(boot, initializer));
}

/* The part that all start methods share. */
static _Noreturn void run_boot(struct child_boot *boot)
{
    mproc_function *function;
    adopt(boot);
    require(boot, mproc__family_join((platform_handle)boot->family, (platform_handle)boot->scope, boot->process_slot));
    require(boot, check_program(boot));
    require(boot, resolve_function(boot, &function));
    if (boot->role == CHILD_WORKER)
        run_worker(boot, function);
    run_process(boot, function);
}

/* Every segment has at least HEADER_SIZE bytes, and most have no more. */
#define HEADER_SIZE PLATFORM_SEGMENT_ALIGN

/* Of a larger segment the header stays mapped until the whole is, so that there is a place to say why it could not
 * be. */
static _Noreturn void enter_segment(platform_handle segment, struct child_boot *header)
{
    struct child_boot *boot = header;
    if (header->segment_size > HEADER_SIZE) {
        boot = map_boot(segment, header->segment_size);
        if (!boot)
            mproc__child_fail(header, MPROC_E_OS);
        platform_segment_unmap(header, HEADER_SIZE);
    }
    platform_handle_close(segment);
    run_boot(boot);
}

/* A child by fork. Without the header there is no way to tell the parent: it sees a death before READY. */
void mproc__child_enter_segment(platform_handle segment)
{
    struct child_boot *header = map_boot(segment, HEADER_SIZE);
    if (!header)
        platform_exit_now(1);
    enter_segment(segment, header);
}

void mproc__child_template_main(void *argument, const platform_handle *handles, int handle_count)
{
    (void)argument;
    if (handle_count < 1)
        platform_exit_now(1);
    mproc__child_enter_segment(handles[0]);
}

/* Whether the parent means this process, and not one that inherited the boot text by way of another program. The
 * parent knows the pid only after the start, when this process may already be here. If the parent dies in between,
 * or takes longer than any start, nobody is left to answer to, and to go on as an ordinary program would
 * be to run the program's main a second time: the process ends. */
static bool is_meant(const struct child_boot *boot)
{
    int64_t deadline_ns = mproc__deadline(10000);
    platform_handle parent = (platform_handle)boot->parent;
    for (int round = 0;; round++) {
        /* Acquire: pairs with the release store of mproc__child_launch. */
        int64_t pid = atomic_load_explicit(&boot->pid, memory_order_acquire);
        unsigned char parent_died = 0;
        if (pid)
            return pid == platform_self_pid();
        if (round < 100)
            platform_yield();
        else if (platform_wait_handles(&parent, 1, mproc__deadline(1), &parent_died) < 0)
            return false;
        if (parent_died || platform_now_ns() > deadline_ns)
            platform_exit_now(1);
    }
}

static void enter_by_text(const char *text)
{
    platform_handle segment;
    uint8_t nonce[16];
    if (!mproc__boot_text_read(text, &segment, nonce))
        return;
    struct child_boot *header = map_boot(segment, HEADER_SIZE);
    if (!header)
        return;
    if (header->magic == CHILD_MAGIC && memcmp(header->nonce, nonce, sizeof nonce) == 0) {
        if (header->version != CHILD_VERSION)
            mproc__child_fail(header,
                              mproc__error(MPROC_E_MISMATCH, "mproc's start-up version %u here, %u in the parent",
                                           CHILD_VERSION, (unsigned)header->version));
        if (is_meant(header))
            enter_segment(segment, header);
    }
    platform_segment_unmap(header, HEADER_SIZE);
}

void mproc__child_enter(void)
{
    char text[BOOT_TEXT_MAX];
    if (!platform_boot_take(text, sizeof text))
        return;
    enter_by_text(text);
    mproc__log(MPROC_LOG_DEBUG, "started with a boot text that is not meant for this process");
}
