#include "process/crash_record.h"
#include "base/error.h"
#include "base/log.h"
#include "platform.h"
#include "process/boot_layout.h"
#include "process/crash_layout.h"

int mproc__crash_record_prepare(void)
{
    int code = platform_crash_prepare();
    return code < 0 ? mproc__error_platform(code, "crash reports") : 0;
}

void mproc__crash_record_begin(const struct child_boot *boot, const void *base)
{
    if (boot->crash_reports == 0)
        return;
    if (platform_crash_record(crash_in(boot)) < 0)
        mproc__log(MPROC_LOG_WARNING, "it will leave no stack: %s", platform_error_text());
    platform_crash_base(base);
}
