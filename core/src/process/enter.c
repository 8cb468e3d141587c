/* A process comes in as a child of mproc: by fork with the handle of its segment, by spawn with a text that names
 * it. */
#include "process/enter.h"
#include "base/deadline.h"
#include "base/error.h"
#include "base/function.h"
#include "base/log.h"
#include "base/ready.h"
#include "family/family.h"
#include "process/boot_layout.h"
#include "process/boot_text.h"
#include "process/exit.h"
#include "process/handshake.h"
#include "process/outfit.h"
#include <string.h>

/* Told by mproc_init, before which nobody starts a child. */
static const struct child_entry *entry;

static struct child_boot *map_boot(platform_handle segment, size_t size)
{
    void *address;
    if (platform_segment_map(segment, 0, size, &address) == 0)
        return address;
    mproc__error_platform(MPROC_E_OS, "mapping the start-up segment");
    return NULL;
}

static int check_program(const struct child_boot *boot)
{
    uint64_t own = mproc__program_key();
    if (boot->program == 0 || own == boot->program)
        return 0;
    return mproc__error(MPROC_E_MISMATCH, "build-id %016llx here, %016llx in the parent", (unsigned long long)own,
                        (unsigned long long)boot->program);
}

static int load_program(const struct child_boot *boot)
{
    int code = boot->program_path[0] != 0 ? platform_module_load(boot->program_path) : 0;
    return code < 0 ? mproc__error_platform(MPROC_E_NO_FUNCTION, boot->program_path) : 0;
}

static int resolve_function(const struct child_boot *boot, mproc_task_fn **ret_function)
{
    any_function *function = NULL;
    int code = 0;
    if (boot->function.module != 0) {
        platform_module module;
        if (boot->module_path_size > 0 && !platform_module_find(boot->function.module, &module))
            code = platform_module_load(boot->module_path);
        code = code < 0 ? mproc__error_platform(MPROC_E_NO_FUNCTION, boot->module_path)
                        : mproc__function_from_ref(&boot->function, &function);
    }
    *ret_function = (mproc_task_fn *)function;
    return code;
}

static child_main *main_of(struct child_boot *boot)
{
    child_main *found = boot->role < CHILD_ROLES ? entry->mains[boot->role] : NULL;
    if (found == NULL)
        mproc__child_fail(boot, mproc__error(MPROC_E_MISMATCH, "no role %u here", (unsigned)boot->role));
    return found;
}

/* Before the program's code is loaded and runs, and before there are threads: each of them would have its own nice
 * value and CPUs. */
static int fit_out(const struct child_boot *boot)
{
    const char *outfit = (const char *)boot + boot->argument_offset + boot->argument_size;
    return boot->outfit_size > 0 ? mproc__outfit_apply(outfit, boot->outfit_size) : 0;
}

/* The part that all start methods share. */
static _Noreturn void run_boot(struct child_boot *boot)
{
    mproc_task_fn *function;
    entry->adopt(boot);
    mproc__child_require(
        boot, mproc__family_join((platform_handle)boot->family, (platform_handle)boot->scope, boot->process_slot));
    mproc__child_require(boot, check_program(boot));
    mproc__child_require(boot, fit_out(boot));
    mproc__child_require(boot, load_program(boot));
    mproc__child_require(boot, resolve_function(boot, &function));
    mproc__child_exit(main_of(boot)(boot, function));
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
        if (boot == NULL)
            mproc__child_fail(header, MPROC_E_OS);
        platform_segment_unmap(header, HEADER_SIZE);
    }
    platform_handle_close(segment);
    run_boot(boot);
}

/* A child by fork. Without the header there is no way to tell the parent: it sees a death before READY. */
void mproc__child_enter_forked(platform_handle segment, platform_handle store)
{
    struct child_boot *header = map_boot(segment, HEADER_SIZE);
    if (header == NULL)
        platform_exit_now(1);
    header->store = store;
    enter_segment(segment, header);
}

void mproc__child_template_main(void *argument, const platform_handle *handles, int handle_count)
{
    (void)argument;
    if (handle_count < 1)
        platform_exit_now(1);
    mproc__child_enter_forked(handles[0], handle_count > 1 ? handles[1] : PLATFORM_NO_HANDLE);
}

/* Whether the parent means this process, and not one that inherited the boot text by way of another program. The
 * parent knows the pid only after the start, when this process may already be here. If the parent dies in between,
 * or takes longer than any start, nobody is left to answer to, and to go on as an ordinary program would
 * be to run the program's main a second time: the process ends. */
static bool is_meant(const struct child_boot *boot)
{
    int64_t deadline_ns = mproc__deadline(10000);
    for (int round = 0;; round++) {
        /* Acquire: pairs with the release store of mproc__child_launch. */
        int64_t pid = atomic_load_explicit(&boot->pid, memory_order_acquire);
        int parent_died = 0;
        if (pid != 0)
            return pid == platform_self_pid();
        if (round < 100)
            platform_yield();
        else if ((parent_died = platform_identity_wait(&boot->parent, mproc__deadline(1))) < 0)
            return false;
        if (parent_died || platform_now_ns() > deadline_ns)
            platform_exit_now(1);
    }
}

static void enter_by_text(const char *text)
{
    platform_handle segment;
    uint8_t nonce[CHILD_NONCE_BYTES];
    if (!mproc__boot_text_read(text, &segment, nonce))
        return;
    struct child_boot *header = map_boot(segment, HEADER_SIZE);
    if (header == NULL)
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

void mproc__child_enter(const struct child_entry *of_the_program)
{
    char text[BOOT_TEXT_MAX];
    entry = of_the_program;
    if (!platform_boot_take(text, sizeof text))
        return;
    enter_by_text(text);
    mproc__log(MPROC_LOG_DEBUG, "started with a boot text that is not meant for this process");
}
