/* What platform.h must know of this port when it is compiled. No header of the system is included, so that core sees
 * none.
 */
#ifndef MPROC_LINUX_PORT_H
#define MPROC_LINUX_PORT_H

/** Pointers' worth of room for a pthread_mutex_t and a pthread_cond_t of any C library. */
#define PLATFORM_MUTEX_POINTERS     8
#define PLATFORM_CONDITION_POINTERS 8

/** PTHREAD_MUTEX_INITIALIZER of the C libraries of Linux: all zero. */
// clang-format off
#define PLATFORM_MUTEX_INIT { { 0 } }
// clang-format on

#endif
