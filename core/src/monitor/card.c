/* Who this process says it is. */
#include "monitor/card.h"
#include "trace/utf8.h"
#include "trace/wire_json.h"
#include <mproc/base.h>
#include <stdio.h>
#include <string.h>

/* Behind the last separator of whichever system. */
static const char *file_of(const char *path)
{
    const char *file = path;
    for (; *path != '\0'; path++)
        if (*path == '/' || *path == '\\')
            file = path + 1;
    return file;
}

void mproc__card_fill(struct card *ret_card, const char *name)
{
    *ret_card = (struct card){ 0 };
    platform_self_program(ret_card->program, sizeof ret_card->program);
    platform_system_name(ret_card->system, sizeof ret_card->system);
    if (name == NULL || name[0] == '\0')
        name = file_of(ret_card->program);
    mproc__utf8_clean(ret_card->name, sizeof ret_card->name - 1, name, strlen(name));
}

/* At most six times as long as the text, if every byte of it has to be escaped. */
static const char *quoted(char *out, size_t capacity, const char *text)
{
    size_t size = mproc__wire_json_text(out, capacity, text, strlen(text));
    return size < capacity ? out : "\"\"";
}

void mproc__card_write(const struct card *card, char ret_text[PLATFORM_CARD_SIZE])
{
    char name[CARD_NAME_BYTES * 6 + 3], program[480];
    snprintf(ret_text, PLATFORM_CARD_SIZE,
             "{\"name\":%s,\"program\":%s,\"pid\":%lld,\"start_time\":%llu,\"protocol\":%u}",
             quoted(name, sizeof name, card->name), quoted(program, sizeof program, card->program),
             (long long)platform_self_pid(), (unsigned long long)platform_self_start_time(), RECORD_VERSION);
}

struct record_greeting mproc__card_greeting(const struct card *card)
{
    /* Of a long path the end tells more. */
    const size_t most = 96, length = strlen(card->program);
    return (struct record_greeting){
        .magic = RECORD_MAGIC,
        .version = RECORD_VERSION,
        .least = CARD_LEAST_VERSION,
        .pid = platform_self_pid(),
        .start_time = platform_self_start_time(),
        .now_ns = platform_now_ns(),
        .wall_ns = platform_wall_ns(),
        .capabilities = RECORD_CAN_CONTROL | RECORD_CAN_WANT,
        .program = record_text_of(card->program + (length > most ? length - most : 0)),
        .library = record_text_of(mproc_version()),
        .system = record_text_of(card->system),
    };
}
