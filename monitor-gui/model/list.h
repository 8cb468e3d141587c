/* Arrays that grow, of elements of one size. All zero but for the size of an element is an empty one. */
#ifndef MPROC_MODEL_LIST_H
#define MPROC_MODEL_LIST_H

#include <stddef.h>

struct list {
    unsigned char *first;
    size_t count, capacity;
    size_t element; /**< bytes of one */
};

#define LIST_OF(type) ((struct list){ .element = sizeof(type) })

/** The index-th element, which is there. Elements move when others are added or removed. */
static inline void *list_at(const struct list *list, size_t index)
{
    return list->first + index * list->element;
}

/** Adds an element of zeros at the end; NULL for want of memory. */
void *list_add(struct list *list);

/** The same before the index-th one, which moves back with those behind it. */
void *list_insert(struct list *list, size_t index);

/** Takes an element out; those behind it move up. */
void list_remove(struct list *list, size_t index);

/** Below zero if the element stands before what is looked for, zero if it is that. */
typedef int list_order(const void *element, const void *key);

/** Of a list in that order: the index of the first element that does not stand before the key; the count if all do. */
size_t list_search(const struct list *list, list_order *order, const void *key);

void list_free(struct list *list);

#endif
