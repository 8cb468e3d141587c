/* A direct-mapped table of addresses; what does not fit makes room for itself, unless it is still to be found out. */
#include "monitor/places.h"
#include "platform.h"
#include "process/crash_names.h"
#include "process/threads.h"
#include <stdio.h>
#include <string.h>

#define PLACES 512u

enum place_state { PLACE_NONE = 0, PLACE_WANTED = 1, PLACE_KNOWN = 2 };

struct place {
    enum place_state state;
    uint32_t process;
    int64_t pid;
    uint64_t address;
    char text[PLACES_TEXT];
};

static platform_mutex lock = PLATFORM_MUTEX_INIT;

/* Under the lock, but for thread, which is the caller's. */
static struct place places[PLACES];
static unsigned wanted;
static bool runs, stop;
static platform_thread *thread;

/* ---- Finding out ---- */

/* "transfer+0x1b (bank), bank.c:12" becomes "transfer, bank.c:12", and "transfer (bank)" without a line. */
static void shorten(const char *text, char ret_text[PLACES_TEXT])
{
    size_t name = strcspn(text, "+");
    const char *module = strchr(text, '('), *line = strstr(text, "), ");
    size_t module_size = module != NULL ? strcspn(module, ")") + 1 : 0;
    if (name > 48)
        name = 48;
    if (line != NULL)
        snprintf(ret_text, PLACES_TEXT, "%.*s, %.44s", (int)name, text, line + 3);
    else if (module != NULL)
        snprintf(ret_text, PLACES_TEXT, "%.*s %.*s", (int)name, text, (int)(module_size < 44 ? module_size : 44),
                 module);
}

/* The call, not where it returns to. */
static void find_out(struct place *place)
{
    platform_file_id file;
    uint64_t offset;
    char text[1][PLATFORM_PLACE_TEXT];
    place->text[0] = '\0';
    if (!platform_place_find(place->pid, place->address - 1, &file, &offset))
        return;
    mproc__crash_names(file, &offset, 1, text);
    if (text[0][0] != '\0')
        shorten(text[0], place->text);
}

static void set_runs(bool now)
{
    runs = now;
    mproc__threads_places_runs(now);
}

static bool take(struct place *ret_place)
{
    bool found = false;
    platform_mutex_lock(&lock);
    for (unsigned i = 0; i < PLACES && !found && !stop; i++) {
        found = places[i].state == PLACE_WANTED;
        if (found)
            *ret_place = places[i];
    }
    set_runs(found);
    platform_mutex_unlock(&lock);
    return found;
}

static unsigned index_of(uint32_t process, uint64_t address)
{
    return (unsigned)(((address ^ (uint64_t)process << 40) * 0x9e3779b97f4a7c15u) >> 32) % PLACES;
}

static void give(const struct place *place)
{
    platform_mutex_lock(&lock);
    struct place *at = &places[index_of(place->process, place->address)];
    *at = *place;
    at->state = PLACE_KNOWN;
    wanted--;
    platform_mutex_unlock(&lock);
}

static void run(void *argument)
{
    struct place place;
    (void)argument;
    while (take(&place)) {
        find_out(&place);
        give(&place);
    }
}

/* ---- Asking ---- */

void mproc__places_text(uint32_t process, int64_t pid, uint64_t address, char ret_text[PLACES_TEXT])
{
    ret_text[0] = '\0';
    if (address == 0)
        return;
    platform_mutex_lock(&lock);
    struct place *place = &places[index_of(process, address)];
    bool same = place->process == process && place->address == address;
    if (same && place->state == PLACE_KNOWN) {
        memcpy(ret_text, place->text, PLACES_TEXT);
    } else if (place->state != PLACE_WANTED) {
        *place = (struct place){ PLACE_WANTED, process, pid, address, "" };
        wanted++;
    }
    platform_mutex_unlock(&lock);
}

static void join(void)
{
    if (thread != NULL)
        platform_thread_join(thread);
    thread = NULL;
}

/* Without a thread to be had the places stay unknown, until one is. */
void mproc__places_find(void)
{
    platform_mutex_lock(&lock);
    bool begin = wanted > 0 && !runs;
    /* Before it runs: it may have come to its end when its start returns. */
    set_runs(runs || begin);
    platform_mutex_unlock(&lock);
    if (!begin)
        return;
    join();
    if (platform_thread_start(run, NULL, "mproc-places", &thread) == 0)
        return;
    platform_mutex_lock(&lock);
    set_runs(false);
    platform_mutex_unlock(&lock);
}

void mproc__places_end(void)
{
    platform_mutex_lock(&lock);
    stop = true;
    platform_mutex_unlock(&lock);
    join();
    memset(places, 0, sizeof places);
    wanted = 0;
    stop = runs = false;
}

void mproc__places_adopt(void)
{
    platform_mutex_init(&lock);
    memset(places, 0, sizeof places);
    wanted = 0;
    stop = runs = false;
    thread = NULL;
}
