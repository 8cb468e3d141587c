#include "pool/remains.h"
#include "process/crash_report.h"
#include <stdlib.h>

struct remains {
    unsigned references;
    struct crash_report *crash;
    char *path;
};

static void free_parts(struct crash_report *crash, char *path)
{
    mproc__crash_report_free(crash);
    free(path);
}

struct remains *mproc__remains_new(struct crash_report *crash, char *path)
{
    struct remains *remains = crash != NULL || path != NULL ? malloc(sizeof *remains) : NULL;
    if (remains != NULL)
        *remains = (struct remains){ 1, crash, path };
    else
        free_parts(crash, path);
    return remains;
}

struct remains *mproc__remains_hold(struct remains *remains)
{
    if (remains != NULL)
        remains->references++;
    return remains;
}

void mproc__remains_put(struct remains *remains)
{
    if (remains == NULL || --remains->references > 0)
        return;
    free_parts(remains->crash, remains->path);
    free(remains);
}

const char *mproc__remains_stack(const struct remains *remains)
{
    return remains != NULL && remains->crash != NULL ? mproc__crash_report_text(remains->crash) : "";
}

platform_fault mproc__remains_fault(const struct remains *remains)
{
    return remains != NULL && remains->crash != NULL ? mproc__crash_report_fault(remains->crash)
                                                     : (platform_fault){ .kind = PLATFORM_FAULT_NONE };
}

const char *mproc__remains_path(const struct remains *remains)
{
    return remains != NULL && remains->path != NULL ? remains->path : "";
}
