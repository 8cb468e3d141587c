/* The environment of a spawned child, with the boot text in it.
 */
#ifndef MPROC_UNIX_BOOT_H
#define MPROC_UNIX_BOOT_H

/** A copy of the environment with the boot text (none if NULL), the number of handles before it. Returns NULL without
 * memory; freed with platform__boot_environment_free. */
char **platform__boot_environment(const char *boot, int handle_count);
void platform__boot_environment_free(char **environment);

/** How many handles this process was given, once platform_boot_take has found a text; else 0. */
int platform__boot_handle_count(void);

#endif
