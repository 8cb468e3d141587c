#include "process/crash_record.h"
#include "base/error.h"
#include "platform.h"
#include "process/boot_layout.h"
#include "process/crash_layout.h"

int mproc__crash_record_prepare(void)
{
    int code = platform_crash_prepare();
    return code < 0 ? mproc__error_platform(code, "crash reports") : 0;
}

int mproc__crash_record_begin(const struct child_boot *boot)
{
    if (boot->crash_reports == 0)
        return 0;
    int code = platform_crash_record(crash_in(boot));
    return code < 0 ? mproc__error_platform(code, "watching for faults") : 0;
}
