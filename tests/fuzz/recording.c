/* A recording that somebody sent, or that a disk has spoilt. */
#include "trace/recording.h"
#include "fuzz.h"

static void save(const char *path, const uint8_t *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    FUZZ_CHECK(file != NULL && fwrite(bytes, 1, size, file) == size);
    FUZZ_CHECK(fclose(file) == 0);
}

static void read_all(struct recording_reader *reader)
{
    static struct wire_frame frame;
    static union record record;
    while (mproc__recording_next(reader, &frame, &record) == 1)
        fuzz_check_record(&frame, &record);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct recording_reader reader;
    char path[64];
    snprintf(path, sizeof path, "fuzz-recording-%lld", (long long)platform_self_pid());
    save(path, bytes, size);
    if (mproc__recording_open(&reader, path) == 0) {
        read_all(&reader);
        FUZZ_CHECK(reader.size <= size);
        mproc__recording_close(&reader);
    }
    remove(path);
    return 0;
}
