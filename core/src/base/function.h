/* Functions by name that another process understands: the module's build-id and an offset in it. */
#ifndef MPROC_BASE_FUNCTION_H
#define MPROC_BASE_FUNCTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A function as it travels. All zero is no function. */
struct function_ref {
    uint64_t module; /**< platform_module.key */
    uint64_t offset; /**< of the code from the module's base */
};

typedef void any_function(void);

/** The reference of a function of this process. Cached per process: about 5 ns for a function of the program seen
 * before, 60 ns for one of a library, which may have been unloaded since. Any thread. Returns 0, or MPROC_E_NO_FUNCTION
 * for a pointer outside any module's code. A failure is not cached: the module may be loaded later. */
int mproc__function_to_ref(any_function *function, struct function_ref *ret_ref);

/** Whether it is a function of the program, which has one reference for as long as the process lives: one that a caller
 * may remember. Of a reference of this process. */
bool mproc__function_stays(const struct function_ref *ref);

/** The function here that the reference means. Not cached (callers keep the answer). Returns 0, or
 * MPROC_E_NO_FUNCTION with the reason: module not loaded here, or offset outside its code. */
int mproc__function_from_ref(const struct function_ref *ref, any_function **ret_function);

/** Path of the module that a reference of this process points into ("" for the program itself), for a helper program
 * that has to load it. Returns 0 or MPROC_E_NO_FUNCTION. */
int mproc__function_module_path(const struct function_ref *ref, char *ret_path, size_t capacity);

#endif
