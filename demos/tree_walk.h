/* A lazy walk over directory trees: one regular file a call, in the order of their paths' bytes.
 *
 * Memory is that of the names in the directories from a root down to the present file, however large the tree is.
 * Links are not followed, except where a root itself is one.
 */
#ifndef DEMOS_TREE_WALK_H
#define DEMOS_TREE_WALK_H

typedef struct tree_walk tree_walk;

/** Told about a directory that cannot be read; the walk goes on without it. */
typedef void tree_walk_error_fn(void *user, const char *path, int error_number);

/** Starts a walk. roots: directories or files, gone through in their order; not copied. on_error may be NULL.
 * Returns NULL if out of memory. */
tree_walk *tree_walk_open(char *const *roots, int count, tree_walk_error_fn *on_error, void *user);

/** The next file's path, valid until the next call; NULL at the end. */
const char *tree_walk_next(tree_walk *walk);

/** Ends the walk. NULL is allowed. */
void tree_walk_close(tree_walk *walk);

#endif
