/* What mproc_init and the program's settings left for the rest of core to know. */
#ifndef MPROC_SRC_INIT_H
#define MPROC_SRC_INIT_H

#include <mproc/init.h>

/** A copy of the path that mproc_set_executable has set, to be freed; NULL in *ret_path if there is none.
 * Errors: MPROC_E_NO_MEMORY. */
int mproc__executable_copy(char **ret_path);

/** The global default as chosen, MPROC_START_DEFAULT if it was not. */
mproc_start_method mproc__chosen_start_method(void);

/** In a child, before it has other threads: takes over its parent's choice. */
void mproc__init_adopt(mproc_start_method chosen);

#endif
