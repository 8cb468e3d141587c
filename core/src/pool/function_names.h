/* The functions of a pool's tasks, as those who watch it know them: by number, from 1. A number is never used again.
 * Made when the first is asked for. Guarded by the pool's lock.
 */
#ifndef MPROC_POOL_FUNCTION_NAMES_H
#define MPROC_POOL_FUNCTION_NAMES_H

#include "pool/accounts.h"

struct function_names;

/** The number of the job's function in its pool; 0 without memory. Above FUNCTIONS_MAX all others have one together. */
uint32_t mproc__function_number(const struct job *job);
/** The same of the function of an account. */
uint32_t mproc__function_number_of(mproc_pool *pool, size_t account);
/** The highest that was given. */
uint32_t mproc__function_count(const mproc_pool *pool);
/** What is known of it; of the others, nothing but a text. */
const struct call_name *mproc__function_name(const mproc_pool *pool, uint32_t number);
void mproc__function_names_close(mproc_pool *pool);

#endif
