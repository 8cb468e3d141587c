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

void *list_insert(struct list *list, size_t index)
{
    if (list->count == list->capacity && grow(list) < 0)
        return NULL;
    unsigned char *element = list_at(list, index);
    memmove(element + list->element, element, (list->count - index) * list->element);
    list->count++;
    return memset(element, 0, list->element);
}

void *list_add(struct list *list)
{
    return list_insert(list, list->count);
}

void list_remove(struct list *list, size_t index)
{
    list->count--;
    memmove(list_at(list, index), list_at(list, index + 1), (list->count - index) * list->element);
}

size_t list_search(const struct list *list, list_order *order, const void *key)
{
    size_t first = 0, end = list->count;
    while (first < end) {
        size_t middle = first + (end - first) / 2;
        if (order(list_at(list, middle), key) < 0)
            first = middle + 1;
        else
            end = middle;
    }
    return first;
}

void list_free(struct list *list)
{
    free(list->first);
    *list = (struct list){ .element = list->element };
}
