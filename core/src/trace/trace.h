/* What a watched process tells of itself: the records, and how they travel.
 *
 * Lives here: the words in which all is told (record.h), their texts (utf8.h), records as bytes and back (wire.h), as
 * JSON (wire_json.h), with words for what numbers stand for (record_words.h), frames out of a stream of bytes
 * (wire_reader.h), recordings (recording.h). And the ring in which a worker notes what it does (event_ring.h), with
 * previews of bytes (preview.h) and the label of its task (label.h).
 *
 * May use: errors and rings of bytes (base/), files (the port).
 *
 * Must not know: what a pool is, who publishes what is told here, and who reads it.
 */
#ifndef MPROC_TRACE_TRACE_H
#define MPROC_TRACE_TRACE_H

#include "trace/record.h"
#include "trace/wire.h"
#include "trace/wire_reader.h"

#endif
