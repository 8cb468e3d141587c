/* How much of the family's memory is in use, and by what. */
#ifndef MPROC_MEMORY_USAGE_H
#define MPROC_MEMORY_USAGE_H

#include "family/family_layout.h"

/** The error of a call for so many pages in a row. Returns MPROC_E_LIMIT. */
int mproc__memory_none_in_one_piece(uint32_t pages);

/** The error where a type may have no more pages. Returns MPROC_E_LIMIT. */
int mproc__memory_no_more_objects(enum family_type type);

#endif
