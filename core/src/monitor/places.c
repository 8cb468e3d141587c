/* A table of addresses, each of which has a few places to lie in. What does not fit makes room for itself, by the one
 * that nobody has asked for the longest. */
#include "monitor/places.h"
#include "platform.h"
#include "process/crash_names.h"
#include "process/threads.h"
#include <stdio.h>
#include <string.h>

#define PLACES 512u
#define NEAR   8u
/* Who asks at all asks more often; what he asks for stays. */
#define KEPT_NS 1000000000

enum place_state { PLACE_NONE = 0, PLACE_WANTED = 1, PLACE_KNOWN = 2 };

struct place {
    enum place_state state;
    uint32_t process;
    int64_t pid;
    uint64_t address;
    int64_t asked_ns;
    char text[PLACES_TEXT];
};

static platform_mutex lock = PLATFORM_MUTEX_INIT;

/* Under the lock, but for thread, which is the caller's. */
static PLATFORM_APART struct place places[PLACES];
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

static struct place *find(uint32_t process, uint64_t address)
{
    unsigned index = index_of(process, address);
    for (unsigned i = 0; i < NEAR; i++) {
        struct place *place = &places[(index + i) % PLACES];
        if (place->state != PLACE_NONE && place->process == process && place->address == address)
            return place;
    }
    return NULL;
}

/* What is to be found out stays where it is. */
static void give(const struct place *place)
{
    platform_mutex_lock(&lock);
    struct place *at = find(place->process, place->address);
    memcpy(at->text, place->text, PLACES_TEXT);
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

/* NULL: all that lie there are still asked for. */
static struct place *find_room(uint32_t process, uint64_t address, int64_t now_ns)
{
    unsigned index = index_of(process, address);
    struct place *room = NULL;
    for (unsigned i = 0; i < NEAR; i++) {
        struct place *place = &places[(index + i) % PLACES];
        if (place->state == PLACE_NONE)
            return place;
        bool is_old = place->state == PLACE_KNOWN && now_ns - place->asked_ns > KEPT_NS;
        if (is_old && (room == NULL || place->asked_ns < room->asked_ns))
            room = place;
    }
    return room;
}

static void want(uint32_t process, int64_t pid, uint64_t address, int64_t now_ns)
{
    struct place *place = find_room(process, address, now_ns);
    if (place == NULL)
        return;
    *place = (struct place){ PLACE_WANTED, process, pid, address, now_ns, "" };
    wanted++;
}

void mproc__places_text(uint32_t process, int64_t pid, uint64_t address, char ret_text[PLACES_TEXT])
{
    ret_text[0] = '\0';
    if (address == 0)
        return;
    int64_t now_ns = platform_now_ns();
    platform_mutex_lock(&lock);
    struct place *place = find(process, address);
    if (place == NULL)
        want(process, pid, address, now_ns);
    else
        place->asked_ns = now_ns;
    if (place != NULL && place->state == PLACE_KNOWN)
        memcpy(ret_text, place->text, PLACES_TEXT);
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

static void forget(void)
{
    memset(places, 0, sizeof places);
    wanted = 0;
    stop = runs = false;
}

void mproc__places_end(void)
{
    platform_mutex_lock(&lock);
    stop = true;
    platform_mutex_unlock(&lock);
    join();
    forget();
}

void mproc__places_adopt(void)
{
    platform_mutex_init(&lock);
    forget();
    thread = NULL;
}
