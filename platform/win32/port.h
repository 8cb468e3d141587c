/* What platform.h must know of this port when it is compiled. No header of the system is included, so that core sees
 * none.
 */
#ifndef MPROC_WIN32_PORT_H
#define MPROC_WIN32_PORT_H

/** Pointers' worth of room for an SRWLOCK and a CONDITION_VARIABLE. */
#define PLATFORM_MUTEX_POINTERS     1
#define PLATFORM_CONDITION_POINTERS 1

/** SRWLOCK_INIT: all zero. */
// clang-format off
#define PLATFORM_MUTEX_INIT { { 0 } }
// clang-format on

#endif
