/* Lists of typed items in named memory.
 *
 * Programs that are not of our making may write into it, so nothing that is read there is used unchecked: where a
 * slot's room lies and how large it is was read once, when the list was attached, and the length of a text is cut to
 * its room each time.
 */
#include "base/error.h"
#include "data/shareable_list_layout.h"
#include "data/shared_memory.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A slot as it was checked when the list was attached. */
struct checked_slot {
    struct list_slot *slot;
    unsigned char *data;
    size_t room;
};

struct mproc_shareable_list {
    mproc_shared_memory *memory;
    size_t count;
    struct checked_slot checked[];
};

/* ---- Items ---- */

static bool has_data(uint64_t type)
{
    return type == MPROC_SHAREABLE_TEXT || type == MPROC_SHAREABLE_BYTES;
}

/* Bytes that the item takes in its room; text has a zero byte behind it. */
static size_t item_size(const mproc_shareable_item *item)
{
    if (!has_data((uint64_t)item->type))
        return LIST_ROOM_MIN;
    return item->data.size + (item->type == MPROC_SHAREABLE_TEXT);
}

static size_t item_room(const mproc_shareable_item *item)
{
    size_t room = (item_size(item) + 7) & ~(size_t)7;
    return room < LIST_ROOM_MIN ? LIST_ROOM_MIN : room;
}

static int check_item(const mproc_shareable_item *item)
{
    if (item->type < MPROC_SHAREABLE_NONE || item->type > MPROC_SHAREABLE_BYTES)
        return mproc__error(MPROC_E_TYPE, "%d is no type of an item", item->type);
    if (has_data((uint64_t)item->type) && item->data.size > SIZE_MAX / 4)
        return mproc__error(MPROC_E_LIMIT, "an item of %zu bytes", item->data.size);
    if (has_data((uint64_t)item->type) && item->data.data == NULL && item->data.size > 0)
        return mproc__error(MPROC_E_INVALID, "an item of %zu bytes at no address", item->data.size);
    return 0;
}

static bool is_equal(const mproc_shareable_item *one, const mproc_shareable_item *other)
{
    if (one->type != other->type)
        return false;
    switch (one->type) {
    case MPROC_SHAREABLE_NONE:
        return true;
    case MPROC_SHAREABLE_BOOL:
        return !one->integer == !other->integer;
    case MPROC_SHAREABLE_INT:
        return one->integer == other->integer;
    case MPROC_SHAREABLE_FLOAT:
        return one->real == other->real;
    default:
        return one->data.size == other->data.size &&
               (one->data.size == 0 || memcmp(one->data.data, other->data.data, one->data.size) == 0);
    }
}

/* Where a number lies in the room of its item. One store: a reader gets the old one or the new one. */
static _Atomic uint64_t *number_of(const struct checked_slot *checked)
{
    return (_Atomic uint64_t *)checked->data;
}

static void item_write(const struct checked_slot *checked, const mproc_shareable_item *item)
{
    uint64_t number = item->type == MPROC_SHAREABLE_BOOL ? item->integer != 0 : (uint64_t)item->integer;
    if (item->type == MPROC_SHAREABLE_FLOAT)
        memcpy(&number, &item->real, sizeof number);
    if (!has_data((uint64_t)item->type)) {
        atomic_store(number_of(checked), number);
    } else {
        if (item->data.size > 0)
            memmove(checked->data, item->data.data, item->data.size);
        if (item->type == MPROC_SHAREABLE_TEXT)
            checked->data[item->data.size] = 0;
        atomic_store(&checked->slot->length, item->data.size);
    }
    atomic_store(&checked->slot->type, (uint64_t)item->type);
}

static int item_read(const struct checked_slot *checked, mproc_shareable_item *ret_item)
{
    mproc_shareable_item item = mproc_shareable_none();
    uint64_t type = atomic_load(&checked->slot->type), length = atomic_load(&checked->slot->length), number;
    /* No sum that could wrap: the length may be any number. The room is 8 bytes at least. */
    if (type > MPROC_SHAREABLE_BYTES || (has_data(type) && length > checked->room - (type == MPROC_SHAREABLE_TEXT)))
        return mproc__error(MPROC_E_TYPE, "an item of type %" PRIu64 " and %" PRIu64 " bytes", type, length);
    item.type = (int)type;
    if (has_data(type)) {
        item.data.data = checked->data;
        item.data.size = (size_t)length;
    } else if (type != MPROC_SHAREABLE_NONE) {
        number = atomic_load(number_of(checked));
        if (type == MPROC_SHAREABLE_FLOAT)
            memcpy(&item.real, &number, sizeof number);
        else
            item.integer = (int64_t)number;
    }
    *ret_item = item;
    return 0;
}

/* ---- Making, attaching ---- */

static int list_allocate(size_t count, mproc_shareable_list **ret_list)
{
    mproc_shareable_list *list = NULL;
    if (count < SIZE_MAX / 2 / sizeof *list->checked)
        list = malloc(sizeof *list + count * sizeof *list->checked);
    if (list == NULL)
        return mproc__error(MPROC_E_NO_MEMORY, "a list of %zu items", count);
    list->memory = NULL;
    list->count = count;
    *ret_list = list;
    return 0;
}

static struct list_slot *slots_of(const mproc_shared_memory *memory)
{
    return (struct list_slot *)((struct list_header *)memory->data + 1);
}

/* What may change under our eyes is read once, and used as it was checked. */
static uint64_t once(const _Atomic uint64_t *number)
{
    return atomic_load_explicit(number, memory_order_relaxed);
}

static int list_size(const mproc_shareable_item *items, size_t count, size_t *ret_size)
{
    size_t size = sizeof(struct list_header);
    if (items == NULL && count > 0)
        return mproc__error_null("items");
    for (size_t i = 0; i < count; i++) {
        int code = check_item(&items[i]);
        if (code < 0)
            return code;
        size_t more = sizeof(struct list_slot) + item_room(&items[i]);
        if (more > SIZE_MAX / 2 - size)
            return mproc__error(MPROC_E_LIMIT, "a list of more than %zu bytes", size);
        size += more;
    }
    *ret_size = size;
    return 0;
}

static void list_fill(mproc_shareable_list *list, const mproc_shareable_item *items)
{
    struct list_header *header = list->memory->data;
    struct list_slot *slots = slots_of(list->memory);
    uint64_t offset = sizeof *header + list->count * sizeof *slots;
    for (size_t i = 0; i < list->count; i++) {
        size_t room = item_room(&items[i]);
        /* Relaxed: published with the magic number. */
        atomic_store_explicit(&slots[i].offset, offset, memory_order_relaxed);
        atomic_store_explicit(&slots[i].room, room, memory_order_relaxed);
        list->checked[i] = (struct checked_slot){ &slots[i], (unsigned char *)header + offset, room };
        item_write(&list->checked[i], &items[i]);
        offset += room;
    }
    atomic_store_explicit(&header->count, list->count, memory_order_relaxed);
    /* Release: who attaches under the name before this sees no list; who sees one sees all of it. */
    atomic_store_explicit(&header->magic, LIST_MAGIC, memory_order_release);
}

int mproc_shareable_list_create(mproc_shareable_list **ret_list, const char *name, const mproc_shareable_item *items,
                                size_t count)
{
    if (ret_list == NULL)
        return mproc__error_null("ret_list");
    mproc_shareable_list *list = NULL;
    size_t size = 0;
    int code = list_size(items, count, &size);
    if (code == 0)
        code = list_allocate(count, &list);
    if (code < 0)
        return code;
    code = mproc_shared_memory_create(&list->memory, name, size);
    if (code < 0) {
        free(list);
        return code;
    }
    list_fill(list, items);
    *ret_list = list;
    return 0;
}

static int not_a_list(const mproc_shared_memory *memory)
{
    return mproc__error(MPROC_E_TYPE, "shared memory %s holds no list", memory->name);
}

static int list_learn(mproc_shareable_list *list, mproc_shared_memory *memory)
{
    struct list_slot *slots = slots_of(memory);
    for (size_t i = 0; i < list->count; i++) {
        uint64_t offset = once(&slots[i].offset), room = once(&slots[i].room);
        if (offset % 8 != 0 || room < LIST_ROOM_MIN || offset > memory->size || room > memory->size - offset)
            return not_a_list(memory);
        list->checked[i] = (struct checked_slot){ &slots[i], (unsigned char *)memory->data + offset, (size_t)room };
    }
    list->memory = memory;
    return 0;
}

static int list_open(mproc_shared_memory *memory, mproc_shareable_list **ret_list)
{
    struct list_header *header = memory->data;
    mproc_shareable_list *list = NULL;
    if (memory->size < sizeof *header || atomic_load_explicit(&header->magic, memory_order_acquire) != LIST_MAGIC)
        return not_a_list(memory);
    uint64_t count = once(&header->count);
    if (count > (memory->size - sizeof *header) / sizeof(struct list_slot))
        return not_a_list(memory);
    int code = list_allocate((size_t)count, &list);
    if (code < 0)
        return code;
    code = list_learn(list, memory);
    if (code < 0)
        free(list);
    else
        *ret_list = list;
    return code;
}

int mproc_shareable_list_open(mproc_shareable_list **ret_list, const char *name)
{
    if (ret_list == NULL)
        return mproc__error_null("ret_list");
    mproc_shared_memory *memory = NULL;
    int code = mproc_shared_memory_open(&memory, name, 0);
    if (code < 0)
        return code;
    code = list_open(memory, ret_list);
    if (code < 0)
        mproc_shared_memory_free(memory);
    return code;
}

int mproc_shareable_list_free(mproc_shareable_list *list)
{
    int code = list != NULL ? mproc_shared_memory_free(list->memory) : 0;
    if (code == 0)
        free(list);
    return code;
}

/* ---- Use ---- */

const char *mproc_shareable_list_get_name(const mproc_shareable_list *list)
{
    return list != NULL ? list->memory->name : NULL;
}

static int check_process(const mproc_shareable_list *list)
{
    return list != NULL ? mproc__shared_memory_check(list->memory) : mproc__error_null("list");
}

size_t mproc_shareable_list_get_count(const mproc_shareable_list *list)
{
    /* As a question: 0 may be the number of items. */
    return mproc__answer(check_process(list) == 0 ? 1 : mproc_last_code()) ? list->count : 0;
}

static int find_checked(const mproc_shareable_list *list, size_t index, const struct checked_slot **ret_checked)
{
    int code = check_process(list);
    if (code < 0)
        return code;
    if (index >= list->count)
        return mproc__error(MPROC_E_RANGE, "index %zu of a list of %zu items", index, list->count);
    *ret_checked = &list->checked[index];
    return 0;
}

int mproc_shareable_list_get(const mproc_shareable_list *list, size_t index, mproc_shareable_item *ret_item)
{
    if (ret_item == NULL)
        return mproc__error_null("ret_item");
    const struct checked_slot *checked = NULL;
    int code = find_checked(list, index, &checked);
    return code < 0 ? code : item_read(checked, ret_item);
}

int mproc_shareable_list_set(mproc_shareable_list *list, size_t index, const mproc_shareable_item *item)
{
    if (item == NULL)
        return mproc__error_null("item");
    const struct checked_slot *checked = NULL;
    int code = find_checked(list, index, &checked);
    if (code == 0)
        code = check_item(item);
    if (code < 0)
        return code;
    if (item_size(item) > checked->room)
        return mproc__error(MPROC_E_TOO_SHORT, "item %zu has room for %zu bytes, %zu are needed", index, checked->room,
                            item_size(item));
    item_write(checked, item);
    return 0;
}

int mproc_shareable_list_get_format(const mproc_shareable_list *list, size_t index, char *ret_format, size_t capacity)
{
    if (ret_format == NULL)
        return mproc__error_null("ret_format");
    static const char *const formats[] = { "xxxxxx?x", "xxxxxxx?", "q", "d" };
    const struct checked_slot *checked = NULL;
    mproc_shareable_item item = { 0 };
    char text[32];
    int code = find_checked(list, index, &checked);
    if (code == 0)
        code = item_read(checked, &item);
    if (code < 0)
        return code;
    if (has_data((uint64_t)item.type))
        snprintf(text, sizeof text, "%zus", checked->room);
    else
        snprintf(text, sizeof text, "%s", formats[item.type]);
    size_t size = strlen(text) + 1;
    if (size > capacity)
        return mproc__error(MPROC_E_TOO_SHORT, "%zu bytes are needed, %zu are there", size, capacity);
    memcpy(ret_format, text, size);
    return 0;
}

/* The first match, or the length of the list, and how many there are. */
static int search(const mproc_shareable_list *list, const mproc_shareable_item *item, size_t *ret_first,
                  size_t *ret_count)
{
    size_t first = 0, count = 0;
    int code = check_process(list);
    if (code == 0 && item == NULL)
        code = mproc__error_null("item");
    for (size_t i = 0; code == 0 && i < list->count; i++) {
        mproc_shareable_item other = mproc_shareable_none();
        code = item_read(&list->checked[i], &other);
        if (code == 0 && is_equal(&other, item) && count++ == 0)
            first = i;
    }
    *ret_first = first;
    *ret_count = count;
    return code;
}

int mproc_shareable_list_count_equal(const mproc_shareable_list *list, const mproc_shareable_item *item,
                                     size_t *ret_count)
{
    if (ret_count == NULL)
        return mproc__error_null("ret_count");
    size_t first, count;
    int code = search(list, item, &first, &count);
    if (code == 0)
        *ret_count = count;
    return code;
}

int mproc_shareable_list_find(const mproc_shareable_list *list, const mproc_shareable_item *item, size_t *ret_index)
{
    if (ret_index == NULL)
        return mproc__error_null("ret_index");
    size_t first, count;
    int code = search(list, item, &first, &count);
    if (code == 0 && count == 0)
        return mproc__error(MPROC_E_NOT_FOUND, "no item of the list is equal to the one asked for");
    if (code == 0)
        *ret_index = first;
    return code;
}
