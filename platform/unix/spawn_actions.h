/* What spawns have in common. */
#ifndef MPROC_UNIX_SPAWN_ACTIONS_H
#define MPROC_UNIX_SPAWN_ACTIONS_H

#include <spawn.h>

/** Has the new process begin with every descriptor from first on closed. Returns 0 or an error number. */
int platform__spawn_close_from(posix_spawn_file_actions_t *actions, int first);

#endif
