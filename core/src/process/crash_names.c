/* A direct-mapped table; what does not fit makes room for itself. */
#include "process/crash_names.h"
#include <string.h>

#define CACHE_SIZE 256u

static platform_mutex lock = PLATFORM_MUTEX_INIT;

struct name {
    platform_file_id file;
    uint64_t offset;
    char text[PLATFORM_PLACE_TEXT]; /* "": empty */
};

static PLATFORM_APART struct name cache[CACHE_SIZE];

static struct name *slot_of(platform_file_id file, uint64_t offset)
{
    uint64_t mixed = (file.part[0] ^ file.part[1] ^ offset) * 0x9e3779b97f4a7c15u;
    return &cache[(mixed >> 32) % CACHE_SIZE];
}

static bool recall(platform_file_id file, uint64_t offset, char ret_text[PLATFORM_PLACE_TEXT])
{
    platform_mutex_lock(&lock);
    const struct name *name = slot_of(file, offset);
    bool found = name->text[0] != '\0' && name->offset == offset && memcmp(&name->file, &file, sizeof file) == 0;
    if (found)
        memcpy(ret_text, name->text, PLATFORM_PLACE_TEXT);
    platform_mutex_unlock(&lock);
    return found;
}

static void remember(platform_file_id file, uint64_t offset, const char text[PLATFORM_PLACE_TEXT])
{
    platform_mutex_lock(&lock);
    struct name *name = slot_of(file, offset);
    name->file = file;
    name->offset = offset;
    memcpy(name->text, text, PLATFORM_PLACE_TEXT);
    platform_mutex_unlock(&lock);
}

/* The lock is not held while the port reads files and runs tools. */
void mproc__crash_names(platform_file_id file, const uint64_t *offsets, int count,
                        char (*ret_texts)[PLATFORM_PLACE_TEXT])
{
    uint64_t unknown[PLATFORM_CRASH_FRAMES];
    char texts[PLATFORM_CRASH_FRAMES][PLATFORM_PLACE_TEXT];
    int places[PLATFORM_CRASH_FRAMES], unknown_count = 0;
    for (int i = 0; i < count; i++)
        if (!recall(file, offsets[i], ret_texts[i])) {
            places[unknown_count] = i;
            unknown[unknown_count++] = offsets[i];
        }
    if (unknown_count == 0)
        return;
    platform_places_describe(file, unknown, unknown_count, texts);
    for (int i = 0; i < unknown_count; i++) {
        memcpy(ret_texts[places[i]], texts[i], PLATFORM_PLACE_TEXT);
        remember(file, unknown[i], texts[i]);
    }
}

void mproc__crash_names_adopt(void)
{
    platform_mutex_init(&lock);
}
