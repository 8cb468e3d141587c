/* Writes the beginnings of the corpora: what a process and a client of this version say, one file for each.
 *
 * usage: make_corpus DIRECTORY      with client/, server/ and recording/ in it
 */
#include "records.h"
#include "trace/little_endian.h"
#include "trace/recording.h"

static uint8_t bytes[256 << 10];
static size_t used;
static uint64_t sequence;
static unsigned seed = 1;

static void add(unsigned type, const void *record)
{
    struct wire_frame frame = { .type = (uint16_t)type, .sequence = ++sequence, .time_ns = (int64_t)sequence * 1000 };
    used += mproc__wire_encode(bytes + used, sizeof bytes - used, &frame, record);
}

static void begin(void)
{
    used = 0;
    sequence = 0;
}

static void save(const char *top, const char *corpus, const char *name)
{
    char path[1000];
    snprintf(path, sizeof path, "%s/%s/%s", top, corpus, name);
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(bytes, 1, used, file) != used || fclose(file) != 0) {
        perror(path);
        exit(1);
    }
}

/* ---- Records ---- */

/* Of long texts the beginning alone: the corpus is to be small. */
static void shorten(const struct wire_type *type, union record *record)
{
    for (size_t i = 0; i < type->count; i++)
        if (mproc__wire_text_max(type->fields[i].kind) > 0) {
            struct record_text *text = (struct record_text *)((char *)record + type->fields[i].offset);
            text->size = text->size < 20 ? text->size : 20;
        }
}

static void add_any(const struct wire_type *type)
{
    static struct record_room room;
    static union record record;
    record_fill(type, &record, &room, &seed);
    shorten(type, &record);
    add(type->type, &record);
}

static void add_greeting(void)
{
    struct record_greeting greeting = { .magic = RECORD_MAGIC,
                                        .version = RECORD_VERSION,
                                        .least = 1,
                                        .pid = 4711,
                                        .program = record_text_of("./program"),
                                        .library = record_text_of("0.2.0") };
    add(RECORD_GREETING, &greeting);
}

/* What a watched process says: all its records once. */
static void add_session(void)
{
    const struct wire_type *type;
    add_greeting();
    for (size_t i = 1; (type = mproc__wire_type_at(i)) != NULL && type->type < 100; i++)
        add_any(type);
}

/* ---- Files ---- */

static void save_records(const char *top)
{
    const struct wire_type *type;
    for (size_t i = 0; (type = mproc__wire_type_at(i)) != NULL; i++) {
        begin();
        add_any(type);
        save(top, type->type < 100 ? "client" : "server", type->name);
    }
}

static void save_sessions(const char *top)
{
    begin();
    add_session();
    save(top, "client", "session");
    begin();
    add_any(mproc__wire_type(RECORD_HELLO));
    add_any(mproc__wire_type(RECORD_RESYNC));
    add_any(mproc__wire_type(RECORD_CONTROL));
    add_any(mproc__wire_type(RECORD_WANTS));
    save(top, "server", "session");
}

static void save_recordings(const char *top)
{
    begin();
    little_endian_put(bytes, RECORDING_MAGIC, 8);
    little_endian_put(bytes + 8, RECORDING_VERSION, 4);
    little_endian_put(bytes + 12, RECORDING_HEADER_SIZE, 4);
    used = RECORDING_HEADER_SIZE;
    add_session();
    save(top, "recording", "session");
    used -= 100;
    save(top, "recording", "cut");
    used = 10;
    save(top, "recording", "header");
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: make_corpus DIRECTORY\n");
        return 2;
    }
    save_records(argv[1]);
    save_sessions(argv[1]);
    save_recordings(argv[1]);
    return 0;
}
