/* The boot text: HANDLE:NONCE, the handle in decimal, the nonce in hexadecimal. */
#include "process/boot_text.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void mproc__boot_text_write(char *text, platform_handle segment, const uint8_t nonce[CHILD_NONCE_BYTES])
{
    int used = snprintf(text, BOOT_TEXT_MAX, "%" PRIdPTR ":", segment);
    for (int i = 0; i < CHILD_NONCE_BYTES; i++)
        used += snprintf(text + used, BOOT_TEXT_MAX - (size_t)used, "%02x", nonce[i]);
}

static int hex_digit(char letter)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = letter != 0 ? strchr(digits, letter) : NULL;
    return found != NULL ? (int)(found - digits) : -1;
}

bool mproc__boot_text_read(const char *text, platform_handle *ret_segment, uint8_t ret_nonce[CHILD_NONCE_BYTES])
{
    char *end;
    long long handle = strtoll(text, &end, 10);
    if (end == text || *end != ':' || handle < 0 || handle > INTPTR_MAX || strlen(end + 1) != 2 * CHILD_NONCE_BYTES)
        return false;
    for (int i = 0; i < CHILD_NONCE_BYTES; i++) {
        int high = hex_digit(end[1 + 2 * i]), low = hex_digit(end[2 + 2 * i]);
        if (high < 0 || low < 0)
            return false;
        ret_nonce[i] = (uint8_t)(high * 16 + low);
    }
    *ret_segment = (platform_handle)handle;
    return true;
}
