/* The libraries that functions of a worker's jobs lie in, with their files: the parent says them, and a worker that
 * lacks one loads it. One table lies in each worker's area. */
#ifndef MPROC_POOL_MODULE_TABLE_H
#define MPROC_POOL_MODULE_TABLE_H

#include "base/function.h"
#include "pool/ring_layout.h"

/** In the parent: sees to it that the library of a function is in the table. One that finds no room, or that is gone,
 * stays out of it: the worker does without, or says that it cannot. */
void mproc__module_table_add(struct module_table *table, const struct function_ref *ref);

/** How a worker finds the function of a reference: mproc__module_table_find, or what stands for it where there are no
 * libraries to load. */
typedef int module_find_fn(const struct module_table *table, const struct function_ref *ref,
                           any_function **ret_function);

/** In the worker: the function, from a library that is loaded if need be. Returns 0, or MPROC_E_NO_FUNCTION with the
 * reason. */
int mproc__module_table_find(const struct module_table *table, const struct function_ref *ref,
                             any_function **ret_function);

#endif
