/* This process's view of its family; see view.h. */
#include "family/view.h"
#include "base/error.h"

struct family_local mproc__family = { .segment = PLATFORM_NO_HANDLE, .scope = PLATFORM_NO_HANDLE };
PLATFORM_APART struct family_window mproc__windows[FAMILY_WINDOWS];

_Thread_local struct family_self mproc__self;

int mproc__family_foreign_copy(void)
{
    return mproc__error(MPROC_E_WRONG_PROCESS,
                        "this process is a copy made by the program's own fork: mproc_begin_family makes it the first "
                        "of a family of its own");
}

int mproc__family_no_copy(void)
{
    return platform_is_copy() ? mproc__family_foreign_copy() : 0;
}

int mproc__family_missing(void)
{
    return platform_is_copy() ? mproc__family_foreign_copy()
                              : mproc__error(MPROC_E_STATE, "this process has no family");
}

uint64_t mproc__family_new_key(void)
{
    /* Relaxed: only the numbers must differ. */
    return atomic_fetch_add_explicit(&family_header()->next_key, 1, memory_order_relaxed);
}
