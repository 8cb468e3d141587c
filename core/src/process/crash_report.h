/* The parent's account of a child's death: what the child has written of it, as far as that can be believed, and what
 * it means. */
#ifndef MPROC_PROCESS_CRASH_REPORT_H
#define MPROC_PROCESS_CRASH_REPORT_H

#include "platform.h"
#include "process/boot_layout.h"

struct crash_report;

/** Copies what a dead child has left in its segment. NULL without memory. Quick: what it means is found out when
 * somebody asks. */
struct crash_report *mproc__crash_report_take(const struct child_boot *boot, platform_exit how, int64_t pid);

/** NULL is allowed. */
void mproc__crash_report_free(struct crash_report *report);

/** A line per frame, the innermost first, or one that begins with "no stack: "; good as long as the report. The first
 * call may take seconds, see platform_places_describe. Any thread, also several at once, but under no lock. */
const char *mproc__crash_report_text(struct crash_report *report);

/** What was tried at which address, in numbers that can be; of no kind if the record does not fit, or has none. No part
 * of the text: equal faults are to have equal texts. */
platform_fault mproc__crash_report_fault(const struct crash_report *report);

/** The text in one line, to stand behind what is said of the death: ", in FRAME, called by FRAME", as many whole frames
 * as there is room for, the first cut if it must be; "" if there is no stack. */
void mproc__crash_report_brief(struct crash_report *report, char *ret_text, size_t capacity);

#endif
