/* Making, filling and giving back the segment of a child. */
#include "process/segment.h"
#include "base/error.h"
#include "base/function.h"
#include "base/log.h"
#include "family/family.h"
#include "family/process_slot.h"
#include "family/view.h"
#include "process/boot_layout.h"
#include "process/outfit.h"
#include "process/plan.h"
#include "process/self.h"
#include "process/settings.h"
#include <string.h>

/* The argument may be of any type: it begins on a cache line, as memory from malloc begins where any type may. */
#define ARGUMENT_ALIGN 64u
/* A child's environment is no place for more. */
#define OUTFIT_MAX (1u << 24)

static size_t round_up(size_t size, size_t unit)
{
    return (size + unit - 1) / unit * unit;
}

/* Sizes of role data and argument come from the caller: their sum must not wrap round. */
static int layout_segment(const struct child_plan *plan, size_t *ret_argument_offset, size_t *ret_used)
{
    size_t outfit_size = mproc__outfit_write(plan->outfit, NULL);
    size_t limit = PTRDIFF_MAX - CHILD_ROLE_OFFSET - 2 * PLATFORM_SEGMENT_ALIGN - OUTFIT_MAX;
    if (outfit_size > OUTFIT_MAX)
        return mproc__error(MPROC_E_LIMIT, "an environment of %zu bytes, at most %u", outfit_size, OUTFIT_MAX);
    if (plan->role_size > limit || plan->args.size > limit - plan->role_size)
        return mproc__error(MPROC_E_LIMIT, "an argument of %zu bytes", plan->args.size);
    *ret_argument_offset = round_up(CHILD_ROLE_OFFSET + plan->role_size, ARGUMENT_ALIGN);
    *ret_used = *ret_argument_offset + plan->args.size + outfit_size;
    return 0;
}

static int make_segment(struct child_segment *segment, size_t size, size_t used)
{
    int code = platform_segment_create(size, &segment->handle);
    if (code < 0)
        return mproc__error_platform(code, "making a child's segment");
    void *address;
    code = platform_segment_map(segment->handle, 0, size, &address);
    if (code < 0)
        return mproc__error_platform(code, "mapping a child's segment");
    segment->boot = address;
    segment->size = size;
    code = platform_segment_commit(segment->handle, address, 0, used);
    return code < 0 ? mproc__error_platform(code, "reserving a child's segment") : 0;
}

static int fill_function(any_function *function, struct child_boot *boot)
{
    if (function == NULL)
        return 0;
    int code = mproc__function_to_ref(function, &boot->function);
    if (code == 0)
        code = mproc__function_module_path(&boot->function, boot->module_path, sizeof boot->module_path);
    if (code == 0)
        boot->module_path_size = (uint32_t)strlen(boot->module_path);
    return code;
}

static int fill_boot(const struct child_plan *plan, struct child_segment *segment, size_t argument_offset)
{
    struct child_boot *boot = segment->boot;
    boot->magic = CHILD_MAGIC;
    boot->version = CHILD_VERSION;
    boot->role = plan->role;
    boot->segment_size = segment->size;
    boot->state.key = mproc__family_new_key();
    boot->process_slot = segment->process_slot;
    boot->start_method = plan->method;
    boot->default_method = mproc__chosen_start_method();
    boot->log_level = mproc_get_log_level();
    boot->daemon = plan->daemon;
    boot->group = plan->group;
    boot->crash_reports = plan->crash_reports;
    boot->argument_offset = argument_offset;
    boot->argument_size = plan->args.size;
    if (plan->args.size > 0)
        memcpy((char *)boot + argument_offset, plan->args.data, plan->args.size);
    boot->outfit_size = (uint32_t)mproc__outfit_write(plan->outfit, (char *)boot + argument_offset + plan->args.size);
    int code = platform_random(boot->nonce, sizeof boot->nonce);
    if (code < 0)
        return mproc__error_platform(code, "making a nonce");
    code = mproc__self_describe(plan, boot);
    return code < 0 ? code : fill_function(plan->function, boot);
}

static int make_store(struct child_segment *segment)
{
    int code = platform_store_create(&segment->store);
    return code < 0 ? mproc__error_platform(code, "making a child's store of handles") : 0;
}

int mproc__child_prepare(const struct child_plan *plan, struct child_segment *ret_segment)
{
    struct child_segment segment = CHILD_SEGMENT_NONE;
    size_t argument_offset = 0, used = 0;
    int code = layout_segment(plan, &argument_offset, &used);
    if (code == 0)
        code = mproc__family_open();
    if (code < 0)
        return code;
    segment.process_slot = mproc__process_slot_reserve();
    if (segment.process_slot == 0)
        return MPROC_E_LIMIT;
    code = make_segment(&segment, round_up(used, PLATFORM_SEGMENT_ALIGN), used);
    if (code == 0)
        code = fill_boot(plan, &segment, argument_offset);
    if (code == 0 && plan->takes_handles)
        code = make_store(&segment);
    if (code < 0) {
        mproc__child_release(&segment);
        return code;
    }
    *ret_segment = segment;
    return 0;
}

void mproc__child_close_handle(struct child_segment *segment)
{
    platform_handle_close(segment->handle);
    segment->handle = PLATFORM_NO_HANDLE;
}

void mproc__child_release(struct child_segment *segment)
{
    mproc__child_close_handle(segment);
    platform_handle_close(segment->store);
    segment->store = PLATFORM_NO_HANDLE;
    if (segment->boot != NULL)
        platform_segment_unmap(segment->boot, segment->size);
    segment->boot = NULL;
    if (segment->process_slot != 0)
        mproc__process_slot_died(segment->process_slot);
    segment->process_slot = 0;
}
