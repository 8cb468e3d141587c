#include "model/list.h"

#include <stdlib.h>
#include <string.h>

static int grow(struct list *list)
{
    size_t capacity = list->capacity > 0 ? 2 * list->capacity : 8;
    unsigned char *first = realloc(list->first, capacity * list->element);
    if (first == NULL)
        return -1;
    list->first = first;
    list->capacity = capacity;
    return 0;
}

void *list_add(struct list *list)
{
    if (list->count == list->capacity && grow(list) < 0)
        return NULL;
    return memset(list_at(list, list->count++), 0, list->element);
}

void list_remove(struct list *list, size_t index)
{
    list->count--;
    memmove(list_at(list, index), list_at(list, index + 1), (list->count - index) * list->element);
}

void list_free(struct list *list)
{
    free(list->first);
    *list = (struct list){ .element = list->element };
}
