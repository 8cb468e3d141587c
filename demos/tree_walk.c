#include "tree_walk.h"

#include "system.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* One directory on the way from a root to the present file. */
typedef struct level {
    system_entry *entries;
    size_t count;
    size_t next;
    size_t path_length; /* of this directory's path, with the '/' behind it */
} level;

struct tree_walk {
    char *const *roots;
    int root_count;
    tree_walk_error_fn *on_error;
    void *user;
    level *levels;
    size_t depth;
    size_t level_capacity;
    char *path;
    size_t path_capacity;
};

tree_walk *tree_walk_open(char *const *roots, int count, tree_walk_error_fn *on_error, void *user)
{
    tree_walk *walk = calloc(1, sizeof *walk);
    if (walk) {
        walk->roots = roots;
        walk->root_count = count;
        walk->on_error = on_error;
        walk->user = user;
    }
    return walk;
}

void tree_walk_close(tree_walk *walk)
{
    if (!walk)
        return;
    while (walk->depth > 0) {
        level *top = &walk->levels[--walk->depth];
        system_list_free(top->entries, top->count);
    }
    free(walk->levels);
    free(walk->path);
    free(walk);
}

static void report(tree_walk *walk, const char *path, int error_number)
{
    if (walk->on_error)
        walk->on_error(walk->user, path, error_number);
}

/* Whole paths compare like this: behind a directory's name comes a '/', behind a file's name nothing. */
static int compare_entries(const void *left, const void *right)
{
    const system_entry *a = left, *b = right;
    size_t a_length = strlen(a->name), b_length = strlen(b->name);
    size_t common = a_length < b_length ? a_length : b_length;
    int order = memcmp(a->name, b->name, common);
    if (order != 0)
        return order;
    unsigned char a_next = (unsigned char)(a_length > common ? a->name[common] : a->is_directory ? '/' : 0);
    unsigned char b_next = (unsigned char)(b_length > common ? b->name[common] : b->is_directory ? '/' : 0);
    return (a_next > b_next) - (a_next < b_next);
}

/* Makes the path: its first length bytes stay, name follows. */
static int set_path(tree_walk *walk, size_t length, const char *name)
{
    size_t needed = length + strlen(name) + 2; /* a '/' may be added, and the end */
    if (needed > walk->path_capacity) {
        char *grown = realloc(walk->path, needed * 2);
        if (!grown)
            return -ENOMEM;
        walk->path = grown;
        walk->path_capacity = needed * 2;
    }
    strcpy(walk->path + length, name);
    return 0;
}

/* Goes down into the directory that the path names. */
static void enter(tree_walk *walk)
{
    if (walk->depth == walk->level_capacity) {
        size_t capacity = walk->level_capacity ? walk->level_capacity * 2 : 16;
        level *grown = realloc(walk->levels, capacity * sizeof *grown);
        if (!grown) {
            report(walk, walk->path, ENOMEM);
            return;
        }
        walk->levels = grown;
        walk->level_capacity = capacity;
    }
    level *top = &walk->levels[walk->depth];
    *top = (level){ 0 };
    int code = system_list(walk->path, &top->entries, &top->count);
    if (code < 0) {
        report(walk, walk->path, -code);
        return;
    }
    if (top->count > 1)
        qsort(top->entries, top->count, sizeof *top->entries, compare_entries);
    top->path_length = strlen(walk->path);
    if (top->path_length == 0 || walk->path[top->path_length - 1] != '/') {
        strcpy(walk->path + top->path_length, "/");
        top->path_length++;
    }
    walk->depth++;
}

/* Takes up the next root. Returns 1 if it is a file. */
static int start_root(tree_walk *walk)
{
    const char *root = *walk->roots++;
    walk->root_count--;
    system_kind kind = SYSTEM_OTHER;
    uint64_t size;
    int code = system_stat(root, &kind, &size);
    if (code == 0)
        code = set_path(walk, 0, root);
    if (code == 0 && kind == SYSTEM_OTHER)
        code = -EINVAL;
    if (code < 0)
        report(walk, root, -code);
    else if (kind == SYSTEM_DIRECTORY)
        enter(walk);
    else
        return 1;
    return 0;
}

/* Goes one entry on in the deepest directory. Returns 1 if it is a file. */
static int step(tree_walk *walk)
{
    level *top = &walk->levels[walk->depth - 1];
    if (top->next == top->count) {
        system_list_free(top->entries, top->count);
        walk->depth--;
        return 0;
    }
    const system_entry *entry = &top->entries[top->next++];
    int code = set_path(walk, top->path_length, entry->name);
    if (code < 0)
        report(walk, entry->name, -code);
    else if (entry->is_directory)
        enter(walk);
    else
        return 1;
    return 0;
}

const char *tree_walk_next(tree_walk *walk)
{
    while (walk->depth > 0 || walk->root_count > 0)
        if (walk->depth > 0 ? step(walk) : start_root(walk))
            return walk->path;
    return NULL;
}
