/* The card of a process that means it ill, as a monitor's list reads it. */
#include "model/card.h"
#include "fuzz.h"

#define NAME_ROOM 20

/* In blocks of their own, so that who reads or writes beyond one is caught. */
static void look_for(const char *card, const char *name)
{
    char *text = malloc(NAME_ROOM);
    FUZZ_CHECK(text != NULL);
    memset(text, 'x', NAME_ROOM);
    bool found = card_text(card, name, text, NAME_ROOM);
    size_t size = strnlen(text, NAME_ROOM);
    FUZZ_CHECK(size < NAME_ROOM && mproc__utf8_valid(text, size) == size);
    FUZZ_CHECK(found || size == 0);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *card = malloc(size + 1);
    FUZZ_CHECK(card != NULL);
    memcpy(card, bytes, size);
    card[size] = '\0';
    look_for(card, "name");
    look_for(card, "program");
    free(card);
    return 0;
}
