/* What is remembered of the columns of tables, by the tables' names, from one run to the next: a group of the settings.
 */
#ifndef MPROC_WINDOW_TABLE_MEMORY_H
#define MPROC_WINDOW_TABLE_MEMORY_H

#include <glib.h>

/** As column_wish.h has it; NULL if nothing is known of that table. */
const char *const *table_memory_get(const char *name);

/** columns becomes the memory's; NULL forgets. */
void table_memory_set(const char *name, char **columns);

void table_memory_load(GKeyFile *file);
void table_memory_save(GKeyFile *file);
void table_memory_free(void);

#endif
