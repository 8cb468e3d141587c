/* Lines of the log for those who watch. */
#include "monitor/log_lines.h"
#include "base/log.h"
#include "platform.h"
#include <stdlib.h>
#include <string.h>

#define LINES      128
#define LINE_BYTES 496

struct line {
    int64_t time_ns;
    int32_t level;
    uint32_t size;
    char text[LINE_BYTES];
};

static struct {
    platform_mutex lock;
    struct line *lines;
    uint64_t written, read; /* lines, since it was opened */
    struct record_lost lost;
} ring = { .lock = PLATFORM_MUTEX_INIT };

/* ---- In ---- */

static void forget_oldest(void)
{
    const struct line *line = &ring.lines[ring.read++ % LINES];
    struct record_lost *lost = &ring.lost;
    if (lost->count++ == 0)
        lost->from_ns = line->time_ns;
    lost->to_ns = line->time_ns;
}

static void write_line(int level, const char *text, size_t size)
{
    if (ring.written - ring.read == LINES)
        forget_oldest();
    struct line *line = &ring.lines[ring.written++ % LINES];
    line->time_ns = platform_now_ns();
    line->level = level;
    line->size = (uint32_t)(size < LINE_BYTES ? size : LINE_BYTES);
    memcpy(line->text, text, line->size);
}

/* A line may be written by any thread, whatever it has locked of ours, and in a copy that was forked while another
 * thread had this lock. */
static void take_down(mproc_log_level level, const char *text, size_t size)
{
    if (platform_is_copy())
        return;
    platform_mutex_lock(&ring.lock);
    if (ring.lines != NULL)
        write_line((int)level, text, size);
    platform_mutex_unlock(&ring.lock);
}

/* ---- Opening and closing ---- */

void mproc__log_lines_open(void)
{
    struct line *lines = calloc(LINES, sizeof *lines);
    platform_mutex_lock(&ring.lock);
    free(ring.lines);
    ring.lines = lines;
    ring.written = ring.read = 0;
    ring.lost = (struct record_lost){ .kind = RECORD_CLASS_LOG, .worker = -1 };
    platform_mutex_unlock(&ring.lock);
    mproc__log_tap(take_down, MPROC_LOG_INFO);
}

void mproc__log_lines_close(void)
{
    mproc__log_tap(NULL, MPROC_LOG_OFF);
    platform_mutex_lock(&ring.lock);
    free(ring.lines);
    ring.lines = NULL;
    ring.written = ring.read = 0;
    ring.lost.count = 0;
    platform_mutex_unlock(&ring.lock);
}

void mproc__log_lines_adopt(void)
{
    /* Forgotten, not freed: the parent's other threads may have been writing there. */
    platform_mutex_init(&ring.lock);
    ring.lines = NULL;
    ring.written = ring.read = 0;
    ring.lost.count = 0;
}

/* ---- Out ---- */

static bool read_line(struct line *ret_line)
{
    platform_mutex_lock(&ring.lock);
    bool there = ring.read != ring.written;
    if (there)
        *ret_line = ring.lines[ring.read++ % LINES];
    platform_mutex_unlock(&ring.lock);
    return there;
}

static bool read_lost(struct record_lost *ret_lost)
{
    platform_mutex_lock(&ring.lock);
    *ret_lost = ring.lost;
    ring.lost.count = 0;
    platform_mutex_unlock(&ring.lock);
    return ret_lost->count > 0;
}

void mproc__log_lines_read(void (*sink)(void *user, enum record_type type, const void *record), void *user)
{
    struct line line;
    struct record_lost lost;
    int64_t pid = platform_self_pid();
    /* No more than there are places: who writes line after line does not keep the reader here. */
    for (int i = 0; i < LINES && read_line(&line); i++) {
        const struct record_log record = { .time_ns = line.time_ns,
                                           .level = (uint8_t)line.level,
                                           .pid = pid,
                                           .worker = -1,
                                           .text = { line.text, line.size } };
        sink(user, RECORD_LOG, &record);
    }
    if (read_lost(&lost))
        sink(user, RECORD_LOST, &lost);
}
