/* What a monitor makes of a process that means it ill: what it knows, and what it exports. */
#include "fuzz.h"
#include "model/bounds.h"
#include "model/export.h"
#include "model/model.h"
#include "trace/wire_reader.h"

#define TASKS_KEPT 64

/* All that wants records. */
struct fuzz_monitor {
    struct model *model;
    struct export *trace, *table;
    size_t written;
};

static int write_nowhere(const void *bytes, size_t size, void *user)
{
    struct fuzz_monitor *monitor = user;
    FUZZ_CHECK(size == 0 || mproc__utf8_valid(bytes, size) == size);
    monitor->written += size;
    return 0;
}

static void begin(struct fuzz_monitor *monitor)
{
    const struct model_limits limits = { .tasks = TASKS_KEPT };
    monitor->written = 0;
    FUZZ_CHECK(model_create(&limits, &monitor->model) == 0);
    FUZZ_CHECK(export_trace_begin(write_nowhere, monitor, &monitor->trace) == 0);
    FUZZ_CHECK(export_csv_begin(write_nowhere, monitor, &monitor->table) == 0);
}

static void take(struct fuzz_monitor *monitor, const struct wire_frame *frame, const union record *record)
{
    FUZZ_CHECK(model_take(monitor->model, frame, record) == 0);
    model_tick(monitor->model, frame->time_ns);
    FUZZ_CHECK(tasks_count(&monitor->model->tasks) <= TASKS_KEPT);
    FUZZ_CHECK(export_take(monitor->trace, frame, record) == 0);
    FUZZ_CHECK(export_take(monitor->table, frame, record) == 0);
}

static void end(struct fuzz_monitor *monitor)
{
    FUZZ_CHECK(export_end(monitor->trace) == 0 && export_end(monitor->table) == 0);
    FUZZ_CHECK(monitor->written > 0);
    model_free(monitor->model);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct wire_frame frame;
    static union record record;
    struct fuzz_monitor monitor;
    int length;
    begin(&monitor);
    for (; (length = mproc__wire_decode(bytes, size, &frame, &record)) > 0; size -= (size_t)length) {
        bounds_apply(&frame, &record);
        take(&monitor, &frame, &record);
        bytes += length;
    }
    end(&monitor);
    return 0;
}
