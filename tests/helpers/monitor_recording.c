/* Writes a recording of a program that never ran: monitor_recording FILE [BYTES], cut short to so many. */
#include "monitor_story.h"
#include "trace/recording.h"
#include <stdio.h>
#include <stdlib.h>

static struct recording_writer writer;

static void write_frame(void *user, const struct wire_frame *frame, const void *record)
{
    static unsigned char bytes[WIRE_OWN_MAX];
    size_t size = mproc__wire_encode(bytes, sizeof bytes, frame, record);
    int code = frame->sequence == 1 ? mproc__recording_create(&writer, user, bytes, size)
                                    : mproc__recording_append(&writer, bytes, size);
    if (code < 0) {
        mproc_perror("monitor_recording");
        exit(1);
    }
}

static int cut(const char *path, size_t size)
{
    void *bytes;
    size_t whole;
    if (platform_file_read(path, (size_t)1 << 30, &bytes, &whole) < 0 || size > whole || remove(path) != 0)
        return 1;
    int code = platform_file_create(path, &(mproc_view){ bytes, size }, 1);
    free(bytes);
    return code < 0;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    platform_setup();
    struct story story = { .sink = write_frame, .user = argv[1] };
    story_run_all(&story);
    if (mproc__recording_finish(&writer) < 0)
        return 1;
    return argc > 2 ? cut(argv[1], strtoul(argv[2], NULL, 10)) : 0;
}
