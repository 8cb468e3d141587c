/* What a fuzz target is made of: one function that is given any bytes, and must neither crash nor find a check wrong.
 *
 * Each target is a program twice. With libFuzzer (tests/fuzz/run) it looks for bytes that make it fail. With replay.c
 * it is a test of the usual kind: it is given what is kept in corpus/, and some thousand variations of it.
 */
#ifndef MPROC_TESTS_FUZZ_H
#define MPROC_TESTS_FUZZ_H

#include "records.h"
#include "trace/utf8.h"
#include "trace/wire_json.h"
#include <stdlib.h>

/** The target: libFuzzer's name for it. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#define FUZZ_CHECK(condition) ((condition) ? (void)0 : (fprintf(stderr, "%s\n", #condition), abort()))

/* ---- What is true of every record that was decoded ---- */

static inline void fuzz_check_texts(const struct wire_type *type, const union record *record)
{
    for (size_t i = 0; i < type->count; i++) {
        const struct wire_field *field = &type->fields[i];
        const struct record_text *text = (const struct record_text *)((const char *)record + field->offset);
        size_t max = mproc__wire_text_max(field->kind);
        if (max > 0)
            FUZZ_CHECK(text->size <= max && mproc__utf8_valid(text->data, text->size) == text->size);
    }
}

/* Written again and read again it is the same. */
static inline void fuzz_check_round(const struct wire_type *type, const union record *record)
{
    static unsigned char bytes[WIRE_OWN_MAX];
    static union record again;
    struct wire_frame frame = { .type = type->type, .sequence = 1 };
    size_t size = mproc__wire_encode(bytes, sizeof bytes, &frame, record);
    FUZZ_CHECK(size > 0 && mproc__wire_decode(bytes, size, &frame, &again) == (int)size);
    FUZZ_CHECK(record_fields_are(type, type->count, &again, record));
}

static inline void fuzz_check_json(const struct wire_type *type, const union record *record)
{
    static char json[WIRE_JSON_MAX];
    size_t size = mproc__wire_json(json, sizeof json, type->type, record);
    FUZZ_CHECK(size < sizeof json && strlen(json) == size && mproc__utf8_valid(json, size) == size);
    for (size_t i = 0; i < size; i++)
        FUZZ_CHECK((unsigned char)json[i] >= ' ' && json[i] != 0x7f);
}

static inline void fuzz_check_record(const struct wire_frame *frame, const union record *record)
{
    const struct wire_type *type = mproc__wire_type(frame->type);
    if (type == NULL)
        return;
    fuzz_check_texts(type, record);
    fuzz_check_round(type, record);
    fuzz_check_json(type, record);
}

#endif
