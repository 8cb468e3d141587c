#include "pool/link_cargo.h"
#include "base/error.h"
#include "pool/job_handles.h"
#include <string.h>

static bool all_is_over(const platform_parcel *parcel)
{
    (void)parcel;
    return true;
}

/* A drop that the system refuses, for want of descriptors to look with, is made good by a purge, which needs none. */
static void drop(struct link_cargo *cargo)
{
    int code = 0;
    while (cargo->crosses && cargo->count > 0)
        if (platform_parcel_drop(&cargo->store, &cargo->parcels[--cargo->count]) < 0)
            code = MPROC_E_OS;
    platform_store store = cargo->store;
    store.over = all_is_over;
    if (code < 0)
        platform_parcel_purge(&store);
}

static int put(struct link_cargo *cargo, platform_handle handle, platform_parcel *parcel)
{
    parcel->place = (uint64_t)(uintptr_t)handle;
    if (!cargo->crosses)
        return 0;
    int code = platform_parcel_put(&cargo->store, handle, parcel);
    return code < 0 ? mproc__error_platform(code, "handing a handle to a worker") : 0;
}

int mproc__cargo_load(struct link_cargo *cargo, struct handle_line *line, const struct job *job)
{
    struct job_handles *handles = job->extra.handles;
    int code = 0;
    for (cargo->count = 0; cargo->count < handles->count; cargo->count++) {
        platform_parcel *parcel = &cargo->parcels[cargo->count];
        *parcel = (platform_parcel){ .tag = { job->number, job->attempt, cargo->count } };
        code = put(cargo, handles->values[cargo->count], parcel);
        if (code < 0)
            break;
    }
    if (code < 0) {
        drop(cargo);
        return code;
    }
    cargo->loaded = mproc__job_handles_hold(handles);
    memcpy(line->parcels, cargo->parcels, cargo->count * sizeof cargo->parcels[0]);
    line->taken = 0;
    line->count = cargo->count;
    return 0;
}

void mproc__cargo_unload(struct link_cargo *cargo, struct handle_line *line)
{
    if (cargo->loaded == NULL)
        return;
    line->count = 0;
    drop(cargo);
    mproc__job_handles_put(cargo->loaded);
    cargo->loaded = NULL;
}
