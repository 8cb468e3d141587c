/* Where an export writes: gathered into pieces, with the first error kept, so that who writes asks for it but once. */
#ifndef MPROC_MODEL_EXPORT_OUT_H
#define MPROC_MODEL_EXPORT_OUT_H

#include "model/export.h"
#include <mproc/base.h>

/** Of one text as JSON, and of what is gathered. */
#define EXPORT_TEXT_MAX 16384u
#define EXPORT_ROOM     (128u << 10)

struct export_out {
    export_write_fn *write;
    void *user;
    int code; /**< 0, or what write has returned */
    size_t used;
    char room[EXPORT_ROOM];
};

/** Adds what is no longer than a line. */
void export_format(struct export_out *out, const char *format, ...) MPROC_PRINTF(2, 3);

/** Adds a text of a record in the quotes of JSON, or of CSV; at most EXPORT_TEXT_MAX bytes of it. */
void export_json(struct export_out *out, struct record_text text);
void export_quoted(struct export_out *out, struct record_text text);

/** Writes what was gathered. Returns the first error there was. */
int export_flush(struct export_out *out);

#endif
