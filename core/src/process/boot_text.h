/* The text by which a spawned child finds its segment: a handle's value, and the nonce. */
#ifndef MPROC_PROCESS_BOOT_TEXT_H
#define MPROC_PROCESS_BOOT_TEXT_H

#include "process/boot_layout.h"

#define BOOT_TEXT_MAX 64

/** Writes at most BOOT_TEXT_MAX bytes. */
void mproc__boot_text_write(char *text, platform_handle segment, const uint8_t nonce[CHILD_NONCE_BYTES]);

/** Whether the text is one. */
bool mproc__boot_text_read(const char *text, platform_handle *ret_segment, uint8_t ret_nonce[CHILD_NONCE_BYTES]);

#endif
