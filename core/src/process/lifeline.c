/* The lifeline is the port's thread; it is counted as one of ours. */
#include "process/lifeline.h"
#include "base/error.h"
#include "platform.h"
#include "process/boot_layout.h"
#include "process/threads.h"

int mproc__lifeline_start(const struct child_boot *boot)
{
    int code = platform_lifeline_start(&boot->parent, boot->group, boot->by_first_thread != 0);
    if (code < 0)
        return mproc__error_platform(MPROC_E_START_FAILED, "watching the parent");
    mproc__threads_lifeline_started();
    return 0;
}
