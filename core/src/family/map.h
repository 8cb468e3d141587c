/* The family segment in this process's address space, and the memory behind its fixed areas. */
#ifndef MPROC_FAMILY_MAP_H
#define MPROC_FAMILY_MAP_H

#include "family/family_layout.h"

/** The address of an offset beyond the header, for as much of it as lies in the same window; maps it if need be. */
int mproc__family_address(size_t offset, void **ret_address);

/** The address of a run of pages that begins at a window's boundary, in one piece; maps it if need be. What was
 * returned stays mapped for as long as the process is one of the family. Errors: MPROC_E_NO_MEMORY, MPROC_E_OS. */
int mproc__family_extent(uint32_t page, uint32_t count, void **ret_address);

/** Commits the area up to end bytes from its front, or from its end. Errors: MPROC_E_LIMIT, MPROC_E_OS. */
int mproc__family_reach(enum family_area area, uint64_t end);

/** Commits the directory up to this page, which is one, from its front (AREA_DIRECTORY) or AREA_DIRECTORY_END. */
int mproc__family_reach_page(enum family_area side, uint32_t page);

/** How many bytes the directory may take. */
uint64_t mproc__family_directory_size(void);

/** How many records of an area may be touched, wanted at least if memory for them is to be had. Where it is not, the
 * takers make do with the records that there are: the first step of both areas was committed before anything else. */
uint32_t mproc__family_records(enum family_area area, uint32_t wanted);

#endif
