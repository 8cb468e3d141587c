/* Who this process says it is: to a list, and to each client that has connected. */
#ifndef MPROC_MONITOR_CARD_H
#define MPROC_MONITOR_CARD_H

#include "platform.h"
#include "trace/record.h"

/** The oldest version of a client that is spoken with. */
#define CARD_LEAST_VERSION 1u

/** Of the process, with its zero. */
#define CARD_NAME_BYTES 64

/** What a process says of itself; its texts do not change. */
struct card {
    char name[CARD_NAME_BYTES];
    char program[256]; /**< the end of its path */
    char system[64];
};

/** Fills in the card of this process. name: NULL or "" for that of the program's file. */
void mproc__card_fill(struct card *ret_card, const char *name);

/** Writes it for the list: one line of JSON. */
void mproc__card_write(const struct card *card, char ret_text[PLATFORM_CARD_SIZE]);

/** What a client is told first. The texts are the card's. */
struct record_greeting mproc__card_greeting(const struct card *card);

#endif
