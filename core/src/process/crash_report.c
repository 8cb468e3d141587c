/* A record is bytes that a process wrote which was out of its mind, or hostile: numbers are cut to what there is room
 * for, names end and are printable, files are opened by the port only if this process has mapped them itself. A false
 * record yields a false text and nothing else. */
#include "process/crash_report.h"
#include "base/error.h"
#include "process/boot_layout.h"
#include "process/crash_layout.h"
#include "process/crash_names.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INNER ((int)(PLATFORM_CRASH_FRAMES - PLATFORM_CRASH_OUTER))
/* Functions that call each other in turn, as far as that is told in one line. */
#define CYCLE_MAX 12

struct crash_report {
    bool fits;            /* the record is of this death */
    platform_crash crash; /* a copy, of which every number is in its range */
    char *_Atomic text;   /* NULL until somebody asks */
};

/* ---- Taking ---- */

static void tame_module(struct platform_crash_module *module)
{
    module->name[sizeof module->name - 1] = '\0';
    for (char *c = module->name; *c != '\0'; c++)
        if (*c < ' ' || *c > '~')
            *c = '?';
}

static void tame_fault(platform_fault *fault)
{
    if (fault->access > PLATFORM_ACCESS_EXECUTE)
        fault->access = PLATFORM_ACCESS_UNKNOWN;
    if (fault->kind > PLATFORM_FAULT_STACK)
        fault->kind = PLATFORM_FAULT_NONE;
    if (fault->kind == PLATFORM_FAULT_NONE)
        *fault = (platform_fault){ .kind = PLATFORM_FAULT_NONE };
}

static void tame(platform_crash *crash)
{
    tame_fault(&crash->fault);
    if (crash->module_count > PLATFORM_CRASH_MODULES)
        crash->module_count = PLATFORM_CRASH_MODULES;
    for (uint32_t i = 0; i < PLATFORM_CRASH_MODULES; i++)
        tame_module(&crash->module[i]);
    for (uint32_t i = 0; i < PLATFORM_CRASH_FRAMES; i++)
        if (crash->modules[i] > crash->module_count)
            crash->modules[i] = 0;
}

struct crash_report *mproc__crash_report_take(const struct child_boot *boot, platform_exit how, int64_t pid)
{
    struct crash_report *report = calloc(1, sizeof *report);
    if (report == NULL)
        return NULL;
    memcpy(&report->crash, crash_in(boot), sizeof report->crash);
    tame(&report->crash);
    report->fits = atomic_load_explicit(&report->crash.state, memory_order_relaxed) != PLATFORM_CRASH_NONE &&
                   report->crash.frame_count > 0 && report->crash.pid == pid &&
                   platform_crash_fits(&report->crash, how);
    return report;
}

void mproc__crash_report_free(struct crash_report *report)
{
    if (report != NULL)
        free(atomic_load_explicit(&report->text, memory_order_relaxed));
    free(report);
}

platform_fault mproc__crash_report_fault(const struct crash_report *report)
{
    return report->fits ? report->crash.fault : (platform_fault){ .kind = PLATFORM_FAULT_NONE };
}

/* ---- Frames ---- */

/* The frames as they are told, innermost first. */
struct lines {
    int count;
    bool is_overflow;
    bool has_gap; /* there were more between the inner and the outer ones */
    char text[PLATFORM_CRASH_FRAMES][PLATFORM_PLACE_TEXT];
};

/* Where the record has the frame that is told as number i: the outermost of a long stack lie in a ring. */
static uint32_t place_of(const platform_crash *crash, uint32_t i)
{
    if (crash->frame_count <= PLATFORM_CRASH_FRAMES || i < (uint32_t)INNER)
        return i;
    uint32_t number = crash->frame_count - PLATFORM_CRASH_FRAMES + i;
    return (uint32_t)INNER + number % PLATFORM_CRASH_OUTER;
}

static void name_frame(const platform_crash *crash, uint32_t place, char *text)
{
    uint8_t module = crash->modules[place];
    if (module == 0)
        snprintf(text, PLATFORM_PLACE_TEXT, "in no module");
    else if (text[0] == '\0')
        snprintf(text, PLATFORM_PLACE_TEXT, "?+0x%llx (%s)", (unsigned long long)crash->offsets[place],
                 crash->module[module - 1].name);
}

/* All frames of one module at a time: its file is opened once. */
static void name_module(const platform_crash *crash, uint32_t module, struct lines *lines)
{
    uint64_t offsets[PLATFORM_CRASH_FRAMES];
    int frames[PLATFORM_CRASH_FRAMES], count = 0;
    char texts[PLATFORM_CRASH_FRAMES][PLATFORM_PLACE_TEXT];
    for (int i = 0; i < lines->count; i++) {
        uint32_t place = place_of(crash, (uint32_t)i);
        if (crash->modules[place] == module + 1) {
            frames[count] = i;
            offsets[count++] = crash->offsets[place];
        }
    }
    if (count == 0)
        return;
    mproc__crash_names(crash->module[module].file, offsets, count, texts);
    for (int i = 0; i < count; i++)
        memcpy(lines->text[frames[i]], texts[i], PLATFORM_PLACE_TEXT);
}

static void name_frames(const platform_crash *crash, struct lines *lines)
{
    lines->is_overflow = crash->overflow != 0;
    lines->has_gap = crash->frame_count > PLATFORM_CRASH_FRAMES;
    lines->count = lines->has_gap ? (int)PLATFORM_CRASH_FRAMES : (int)crash->frame_count;
    for (uint32_t module = 0; module < crash->module_count; module++)
        name_module(crash, module, lines);
    for (int i = 0; i < lines->count; i++)
        name_frame(crash, place_of(crash, (uint32_t)i), lines->text[i]);
}

/* ---- The text ---- */

struct text {
    size_t used;
    char data[PLATFORM_CRASH_FRAMES * (PLATFORM_PLACE_TEXT + 1) + 256];
};

static void append(struct text *text, const char *format, ...) MPROC_PRINTF(2, 3);
static void append(struct text *text, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int size = vsnprintf(text->data + text->used, sizeof text->data - text->used, format, list);
    va_end(list);
    size_t room = sizeof text->data - text->used - 1;
    text->used += size < 0 ? 0 : (size_t)size < room ? (size_t)size : room;
}

/* How far the lines from at on go on as those of the period before, up to end. */
static int run_length(const struct lines *lines, int at, int end, int period)
{
    int i = at + period;
    while (i < end && strcmp(lines->text[i], lines->text[i - period]) == 0)
        i++;
    return i - at;
}

/* The shortest period that is gone through three times from at on, or 0. */
static int find_period(const struct lines *lines, int at, int end)
{
    for (int period = 1; period <= CYCLE_MAX; period++)
        if (run_length(lines, at, end, period) >= 3 * period)
            return period;
    return 0;
}

/* Tells the lines of a range, of a recursion one round: how deep it went depends on more than the fault, and equal
 * faults are to have equal texts. Returns how many of the last lines before end are the round that it ended in. */
static int append_range(struct text *text, const struct lines *lines, int begin, int end)
{
    int round = 0;
    for (int i = begin; i < end;) {
        int period = find_period(lines, i, end);
        int told = period > 0 ? period : 1;
        for (int j = i; j < i + told; j++)
            append(text, "%s\n", lines->text[j]);
        if (period == 1)
            append(text, "... which called itself again and again\n");
        else if (period > 1)
            append(text, "... the %d above again and again\n", period);
        i += period > 0 ? run_length(lines, i, end, period) : 1;
        round = period;
    }
    return round;
}

/* Where a stack overflows is chance: at what the recursion calls, or at any of its functions. It is told from one of
 * these on, always the same. */
static int find_begin(const struct lines *lines, int end)
{
    int begin = 0, period = 0;
    while (lines->is_overflow && begin < end && (period = find_period(lines, begin, end)) == 0)
        begin++;
    if (period == 0)
        return 0;
    int first = begin;
    for (int i = begin + 1; i < begin + period; i++)
        if (strcmp(lines->text[i], lines->text[first]) < 0)
            first = i;
    return first;
}

static bool is_in_round(const struct lines *lines, int line, int round)
{
    for (int i = INNER - round; i < INNER; i++)
        if (strcmp(lines->text[line], lines->text[i]) == 0)
            return true;
    return false;
}

static void append_all(struct text *text, const struct lines *lines)
{
    int outer = lines->has_gap ? INNER : lines->count;
    int round = append_range(text, lines, find_begin(lines, outer), outer);
    if (!lines->has_gap)
        return;
    /* Where the recursion that fills the gap began there may be a part of a round. */
    while (outer < lines->count && is_in_round(lines, outer, round))
        outer++;
    if (round == 0)
        append(text, "... and others\n");
    append_range(text, lines, outer, lines->count);
}

static char *copy_text(const struct text *text)
{
    char *copy = malloc(text->used + 1);
    if (copy != NULL)
        memcpy(copy, text->data, text->used + 1);
    return copy;
}

static char *make_text(const struct crash_report *report)
{
    struct text *text = calloc(1, sizeof *text);
    struct lines *lines = calloc(1, sizeof *lines);
    char *copy = NULL;
    if (text != NULL && lines != NULL) {
        if (report->fits) {
            name_frames(&report->crash, lines);
            append_all(text, lines);
        } else {
            append(text, "no stack: it left none that fits its end\n");
        }
        copy = copy_text(text);
    }
    free(text);
    free(lines);
    return copy;
}

/* Two threads may make it at once; who comes second takes the first one's. Release and acquire: the text is there with
 * its pointer. */
const char *mproc__crash_report_text(struct crash_report *report)
{
    char *text = atomic_load_explicit(&report->text, memory_order_acquire), *none = NULL;
    if (text != NULL)
        return text;
    text = make_text(report);
    if (text == NULL)
        return "no stack: no memory to tell it\n";
    if (atomic_compare_exchange_strong_explicit(&report->text, &none, text, memory_order_acq_rel, memory_order_acquire))
        return text;
    free(text);
    return none;
}

/* ---- In one line ---- */

static const char *word_before(const char *line, bool is_first)
{
    if (is_first)
        return ", in ";
    return strncmp(line, "...", 3) == 0 ? ", " : ", called by ";
}

void mproc__crash_report_brief(struct crash_report *report, char *ret_text, size_t capacity)
{
    size_t used = 0;
    ret_text[0] = '\0';
    if (!report->fits)
        return;
    const char *line = mproc__crash_report_text(report);
    for (const char *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        const char *before = word_before(line, used == 0);
        size_t size = strlen(before) + (size_t)(end - line);
        if (used > 0 && used + size >= capacity)
            return;
        snprintf(ret_text + used, capacity - used, "%s%.*s", before, (int)(end - line), line);
        used += size < capacity ? size : capacity - 1;
    }
}
