/* What a child is fitted out with that differs from its parent: its priority, its CPU, its environment, where its
 * output goes. It travels as text, behind the argument in the child's segment: a letter for what it is and the rest to
 * the zero, one after the other. */
#ifndef MPROC_PROCESS_OUTFIT_H
#define MPROC_PROCESS_OUTFIT_H

#include <stddef.h>

/** All zero but for cpu, which is -1 then: as the parent's. */
struct child_outfit {
    int nice;
    int cpu;
    const char *const *environment; /**< "NAME=value" to set, "NAME" to remove; NULL ends it, and is none */
    const char *stdout_path, *stderr_path;
    int index; /**< stands for the first "%d" in these */
};

/** Writes the text of an outfit, which may be NULL, to bytes, or nowhere if bytes is NULL. Returns its size. */
size_t mproc__outfit_write(const struct child_outfit *outfit, char *bytes);

/** In the child: does what the text says. 0 or an error that names what could not be done. */
int mproc__outfit_apply(const char *bytes, size_t size);

#endif
