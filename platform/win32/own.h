/* own.h: what belongs to the user alone: access to it, and the directory of it.
 */
#ifndef MPROC_WIN32_OWN_H
#define MPROC_WIN32_OWN_H

#include "internal.h"

/** Security attributes by which the user and the system itself have access, and nobody else: neither administrators,
 * but by taking it, nor everyone, who may read a pipe by default. Does not move: it points into itself. */
struct platform__own {
    SECURITY_ATTRIBUTES attributes;
    SECURITY_DESCRIPTOR descriptor;
    _Alignas(void *) unsigned char user[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
    _Alignas(void *) unsigned char system[SECURITY_MAX_SID_SIZE];
    _Alignas(void *) unsigned char list[sizeof(ACL) + 2 * (sizeof(ACCESS_ALLOWED_ACE) + SECURITY_MAX_SID_SIZE)];
};

/** Errors: MPROC_E_OS. */
int platform__own_make(struct platform__own *ret_own);

/** Whether the process is the user's. One that cannot be asked is not. */
bool platform__own_process(int64_t pid);

#define PLATFORM__OWN_PATH 400

/** The directory where processes of the user find each other, made if it is not there and is to be. It is in his local
 * application data, where nobody else can write, and is no link. Errors: MPROC_E_NOT_FOUND; MPROC_E_STATE;
 * MPROC_E_LIMIT; MPROC_E_OS. */
int platform__own_directory(bool make, wchar_t ret_path[PLATFORM__OWN_PATH]);

#endif
