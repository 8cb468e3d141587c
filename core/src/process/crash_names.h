/* What the places in stacks are called. */
#ifndef MPROC_PROCESS_CRASH_NAMES_H
#define MPROC_PROCESS_CRASH_NAMES_H

#include "platform.h"

/** As platform_places_describe, with a cache in front: crashes come in crowds at few places. count: at most
 * PLATFORM_CRASH_FRAMES. */
void mproc__crash_names(platform_file_id file, const uint64_t *offsets, int count,
                        char (*ret_texts)[PLATFORM_PLACE_TEXT]);

/** In a child, before it has other threads: the lock may have been copied as another thread held it. */
void mproc__crash_names_adopt(void);

#endif
