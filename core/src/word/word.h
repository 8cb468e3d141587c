/* Words of shared memory: how a thread takes one, waits for one and wakes those who wait.
 *
 * Lives here: the one way of waiting (await.h), the one way of spinning (spin.h), words that survive their owner
 * (owned_word.h), words that only users of one object can change (stamped.h), event counts (eventcount.h).
 *
 * May use: objects and where they lie (memory/), who lives (family/), errors (base/).
 *
 * Must not know: what an object is for. A lock, a queue and a pipe are words and looks here.
 */
#ifndef MPROC_WORD_WORD_H
#define MPROC_WORD_WORD_H

#include "word/await.h"
#include "word/eventcount.h"
#include "word/owned_word.h"
#include "word/spin.h"
#include "word/stamped.h"

#endif
