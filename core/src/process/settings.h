/* What a program has set for the processes it is going to start. */
#ifndef MPROC_PROCESS_SETTINGS_H
#define MPROC_PROCESS_SETTINGS_H

#include <mproc/init.h>

/** A copy of the path that mproc_set_executable has set, to be freed; NULL in *ret_path if there is none.
 * Errors: MPROC_E_NO_MEMORY. */
int mproc__executable_copy(char **ret_path);

/** The global default as chosen, MPROC_START_DEFAULT if it was not. */
mproc_start_method mproc__chosen_start_method(void);

/** The method meant by DEFAULT, checked: 0, or MPROC_E_NOT_SUPPORTED / MPROC_E_INVALID. executable: what the options of
 * the same object name, or NULL; only spawn can start it. */
int mproc__start_method_resolve(mproc_start_method method, const char *executable, mproc_start_method *ret_method);

/** In a child, before it has other threads: takes over its parent's choice. */
void mproc__settings_adopt(mproc_start_method chosen);

#endif
