/* Records as bytes: frames, as they go from a watched process to who watches it, back, and into recordings.
 *
 * docs/monitor-protocol.md is the format for strangers. Both sides go by the same tables, made of the lists in
 * record.h: there is one encoder and one decoder for all records. What is decoded comes from somebody else and is
 * believed in nothing: each length is checked, and a frame with a text that is no UTF-8 is refused.
 *
 * All here is pure: no call into the system, no memory but the caller's, no lock. Any thread, any process.
 */
#ifndef MPROC_TRACE_WIRE_H
#define MPROC_TRACE_WIRE_H

#include "trace/record.h"
#include <stddef.h>
#include <stdint.h>

/** Before a frame's body: u32 length of all, u16 type, u16 flags, u64 sequence, u64 time; little-endian, as all is. */
#define WIRE_HEADER_SIZE 24u

/** A frame of anybody's is not longer. */
#define WIRE_FRAME_MAX (1u << 20)

/** A frame that this version writes is not longer: room for one of any type. Those of a client are shorter by far. */
#define WIRE_OWN_MAX    (40u << 10)
#define WIRE_CLIENT_MAX 4096u

/** What goes with a record. */
struct wire_frame {
    uint32_t size;     /**< of all of it; only read */
    uint16_t type;     /**< enum record_type, or what a newer version has */
    uint16_t flags;    /**< 0; a reader ignores those it does not know */
    uint64_t sequence; /**< of this sender to this reader, from 1; frames that were dropped have numbers too */
    int64_t time_ns;   /**< when it was written */
};

/* ---- The tables ---- */

struct wire_field {
    const char *name;
    uint16_t kind;   /**< enum record_field_kind */
    uint16_t offset; /**< in the struct */
};

struct wire_type {
    const char *name; /**< of the record */
    uint16_t type;    /**< enum record_type */
    uint16_t class;   /**< enum record_class */
    uint16_t size;    /**< of the struct */
    uint16_t count;   /**< of fields */
    const struct wire_field *fields;
};

/** The table of a type, NULL if this version has none of that number. */
const struct wire_type *mproc__wire_type(unsigned type);

/** All of them, in the order of their numbers: the index-th; NULL past the end. */
const struct wire_type *mproc__wire_type_at(size_t index);

/** How many bytes a text of this kind may have; 0 of a kind that is a number. */
size_t mproc__wire_text_max(unsigned kind);

/* ---- To bytes and back ---- */

/** Writes the frame of a record, a struct record_... of frame->type. Texts become valid UTF-8 (what is not, and a zero,
 * is U+FFFD) and are cut, at the end of a character, to what their kind allows. What was written may go to several
 * readers: mproc__wire_number gives each copy the sequence that is due there.
 * Returns the frame's size; 0 if it does not fit, or there is no such type. Nothing behind capacity is touched. */
size_t mproc__wire_encode(unsigned char *out, size_t capacity, const struct wire_frame *frame, const void *record);

/** Gives an encoded frame another sequence. */
void mproc__wire_number(unsigned char *encoded, uint64_t sequence);

/** Gives it another time. */
void mproc__wire_date(unsigned char *encoded, int64_t time_ns);

/** How long the frame is that begins at bytes; 0 if fewer are there than its header has.
 * Errors: MPROC_E_CORRUPT: no frame is as short, or is to be longer than limit. */
int mproc__wire_size(const unsigned char *bytes, size_t size, size_t limit);

/** Reads the frame that begins at bytes. Fields that it lacks (an older sender's) are 0 and ""; what it has more (a
 * newer one's) is skipped, as what a text has more than its kind allows. Texts point into bytes, and are not ended by a
 * zero; an empty one is "" and not NULL.
 * Returns the frame's size; 0 if more bytes are needed to tell, with nothing written. Of a type that is not known the
 * frame is told all the same and the record is zeroed: mproc__wire_type(ret_frame->type) is NULL then.
 * Errors: MPROC_E_CORRUPT: what follows cannot be read either. */
int mproc__wire_decode(const unsigned char *bytes, size_t size, struct wire_frame *ret_frame, union record *ret_record);

#endif
