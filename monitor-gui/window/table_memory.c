#include "window/table_memory.h"

#define GROUP "columns"

static GHashTable *tables; /* name: char ** */

static void free_columns(gpointer columns)
{
    g_strfreev(columns);
}

static GHashTable *all(void)
{
    if (tables == NULL)
        tables = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_columns);
    return tables;
}

const char *const *table_memory_get(const char *name)
{
    return g_hash_table_lookup(all(), name);
}

void table_memory_set(const char *name, char **columns)
{
    if (columns == NULL)
        g_hash_table_remove(all(), name);
    else
        g_hash_table_insert(all(), g_strdup(name), columns);
}

void table_memory_load(GKeyFile *file)
{
    g_auto(GStrv) names = g_key_file_get_keys(file, GROUP, NULL, NULL);
    for (char **name = names; name != NULL && *name != NULL; name++)
        table_memory_set(*name, g_key_file_get_string_list(file, GROUP, *name, NULL, NULL));
}

void table_memory_save(GKeyFile *file)
{
    GHashTableIter iterator;
    gpointer name, columns;
    g_hash_table_iter_init(&iterator, all());
    while (g_hash_table_iter_next(&iterator, &name, &columns))
        g_key_file_set_string_list(file, GROUP, name, (const char *const *)columns, g_strv_length(columns));
}

void table_memory_free(void)
{
    g_clear_pointer(&tables, g_hash_table_unref);
}
