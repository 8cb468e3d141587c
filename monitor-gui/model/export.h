/* Records as other programs read them: a trace for Chrome's and Perfetto's viewers, a table of tasks.
 *
 * An export takes a source's records in the order in which they come, the greeting first, and writes as it goes: what
 * it remembers is bounded by what is under way, not by what there was.
 */
#ifndef MPROC_MODEL_EXPORT_H
#define MPROC_MODEL_EXPORT_H

#include "trace/wire.h"

/** Where it writes to. Returns 0, or an error that the export's calls then return. */
typedef int export_write_fn(const void *bytes, size_t size, void *user);

struct export
{
    int (*take)(struct export * export, const struct wire_frame *frame, const union record *record);
    int (*end)(struct export * export);
};

/** Trace events as JSON (export_trace.c), and one line per task as CSV (export_csv.c). Each returns 0; or what write
 * has returned, or MPROC_E_NO_MEMORY. */
int export_trace_begin(export_write_fn *write, void *user, struct export **ret_export);
int export_csv_begin(export_write_fn *write, void *user, struct export **ret_export);

/** Takes one record. Errors: as there. */
static inline int export_take(struct export *export, const struct wire_frame *frame, const union record *record)
{
    return export->take(export, frame, record);
}

/** Writes what is left and frees the export, also after an error. Errors: as there. */
static inline int export_end(struct export *export)
{
    return export->end(export);
}

#endif
