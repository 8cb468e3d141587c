/* Arrays.
 *
 * An array is an object that says what the items are, and the items: in the object where they fit, else in a span that
 * the object owns. Its lock is an object of its own, so that it can be handed out as a lock. The lock is destroyed
 * first: that is refused while somebody holds it, so whoever holds it has the array, too.
 *
 * Without the lock nothing keeps an array from being destroyed under its users. What is read of its object may then be
 * of the next array in the same block, or torn between the two. So all of it is checked against the span that the items
 * are in, and the handle once more after the items were read: no outcome is worse than MPROC_E_STALE, or items that
 * are nobody's.
 */
#include "base/copy.h"
#include "base/error.h"
#include "base/options.h"
#include "data/array_layout.h"
#include "family/family_layout.h"
#include "memory/block.h"
#include "memory/memory.h"
#include "memory/object.h"
#include "memory/span.h"
#include "word/owned_word.h"
#include <mproc/array.h>

/* An array as one call sees it. */
struct opened {
    struct family_block *block;
    unsigned char *items;
    uint64_t span;
    mproc_array_info info;
    mproc_lock lock;
};

/* ---- Types ---- */

struct item_type {
    unsigned char size; /* 0: no type has this code */
    bool is_signed;
    bool is_integer;
};

/* By code. Characters are not for counting. */
static const struct item_type types[128] = {
#define ITEM_TYPE(name, code, type)                                                                                    \
    [code] = { sizeof(type), (type)-1 < (type)1, (type)0.5 == (type)0 && (code) != 'c' && (code) != 'u' },
    MPROC_ARRAY_TYPE_MAP(ITEM_TYPE)
#undef ITEM_TYPE
};

static const struct item_type *type_of(int code)
{
    return code >= 0 && code < 128 && types[code].size > 0 ? &types[code] : NULL;
}

static int type_error(const struct opened *array, const char *asked)
{
    return mproc__error(MPROC_E_TYPE, "an array of type '%c', not %s", array->info.type, asked);
}

/* ---- Finding ---- */

/* Relaxed throughout: the handle's check before has acquired what the maker wrote, and what a next maker may have
 * written since is checked for. */
static void read_object(struct array *object, struct opened *ret_array)
{
    ret_array->span = atomic_load_explicit(&object->span, memory_order_relaxed);
    ret_array->info.count = (size_t)atomic_load_explicit(&object->count, memory_order_relaxed);
    ret_array->info.item_size = atomic_load_explicit(&object->item_size, memory_order_relaxed);
    ret_array->info.type = atomic_load_explicit(&object->code, memory_order_relaxed);
    ret_array->lock.id[0] = atomic_load_explicit(&object->lock[0], memory_order_relaxed);
    ret_array->lock.id[1] = atomic_load_explicit(&object->lock[1], memory_order_relaxed);
    ret_array->info.raw = ret_array->lock.id[1] == 0;
}

static int array_open(mproc_array array, struct opened *ret_array)
{
    ret_array->block = block_find(FAMILY_ARRAY, array.id);
    if (ret_array->block == NULL) {
        int code = mproc__object_block(FAMILY_ARRAY, array.id, &ret_array->block);
        if (code < 0)
            return code;
    }
    struct array *object = (struct array *)(ret_array->block + 1);
    read_object(object, ret_array);
    void *items = object->items;
    size_t room = ARRAY_INLINE_MAX, size = ret_array->info.item_size;
    if (ret_array->span != 0) {
        int code = mproc__span_address(ret_array->span, &items);
        if (code < 0)
            return code;
        room = mproc__span_size(ret_array->span);
    }
    if (size == 0 || ret_array->info.count > room / size)
        return mproc__object_stale(FAMILY_ARRAY, array.id);
    ret_array->items = items;
    return 0;
}

/* Whether what was read so far was the array's. */
static int still_there(mproc_array array, const struct opened *opened)
{
    /* The fence keeps the reads before the check, of what is written only after the array is gone: by the next owner of
     * the block or of the pages, who acquired them by a CAS from FREE, which was stored after the block's state. */
    atomic_thread_fence(memory_order_acquire);
    return block_is_published(opened->block, array.id[1]) ? 0 : mproc__object_stale(FAMILY_ARRAY, array.id);
}

/* ---- Making and freeing ---- */

static int check_type(int code, const mproc_array_options *options, size_t *ret_item_size)
{
    const struct item_type *type = type_of(code);
    if (type == NULL && code != MPROC_ARRAY_STRUCT)
        return mproc__error(MPROC_E_TYPE, "%d is no type code of an array", code);
    if ((code == MPROC_ARRAY_STRUCT) != (options->item_size != 0))
        return mproc__error(MPROC_E_INVALID, "items of type '%c' with an item_size of %zu", code, options->item_size);
    if (options->item_size > INT32_MAX)
        return mproc__error(MPROC_E_LIMIT, "items of %zu bytes, at most %d", options->item_size, INT32_MAX);
    *ret_item_size = type ? type->size : options->item_size;
    return 0;
}

static int check_count(size_t count, size_t item_size)
{
    if (count > SIZE_MAX / 2 / item_size)
        return mproc__error(MPROC_E_LIMIT, "an array of %zu items of %zu bytes", count, item_size);
    return 0;
}

/* An object that was not published ends as one that was. */
static void discard_object(enum family_type type, const uint64_t id[2])
{
    mproc__object_publish(id);
    mproc__object_destroy(type, id);
}

/* The object, and the memory for its items; not published yet. */
static int make_object(const mproc_array_info *info, mproc_lock lock, const mproc_array_options *options,
                       mproc_array *ret_array)
{
    struct array *object;
    void *made, *items;
    size_t size = info->count * info->item_size;
    uint64_t span = 0;
    int code = mproc__object_new(FAMILY_ARRAY, 0, sizeof *object, options->name, ret_array->id, &made);
    if (code < 0)
        return code;
    object = made;
    items = object->items;
    if (size > ARRAY_INLINE_MAX) {
        code = mproc__span_create(size, mproc__span_owner_object(ret_array->id), &span);
        if (code == 0)
            code = mproc__span_address(span, &items);
    }
    if (code == 0 && options->initial != NULL)
        memcpy(items, options->initial, size);
    /* Relaxed: published with the object. */
    atomic_store_explicit(&object->span, span, memory_order_relaxed);
    atomic_store_explicit(&object->count, info->count, memory_order_relaxed);
    atomic_store_explicit(&object->item_size, (uint32_t)info->item_size, memory_order_relaxed);
    atomic_store_explicit(&object->code, info->type, memory_order_relaxed);
    for (int i = 0; i < 2; i++)
        atomic_store_explicit(&object->lock[i], info->raw ? 0 : lock.id[i], memory_order_relaxed);
    if (code < 0) {
        discard_object(FAMILY_ARRAY, ret_array->id);
        mproc__span_free(span, mproc__span_owner_object(ret_array->id));
    }
    return code;
}

static int array_make(mproc_array_info *info, const mproc_array_options *options, mproc_array *ret_array)
{
    mproc_array array;
    mproc_lock lock = { { 0, 0 } };
    void *object;
    int code = info->raw ? 0 : mproc__object_new(FAMILY_LOCK, 0, 0, options->name, lock.id, &object);
    if (code < 0)
        return code;
    code = make_object(info, lock, options, &array);
    if (code < 0) {
        if (!info->raw)
            discard_object(FAMILY_LOCK, lock.id);
        return code;
    }
    /* Last of all, so that a death before leaves nothing; between the two it leaves a lock, of one cache line. */
    if (!info->raw)
        mproc__object_publish(lock.id);
    mproc__object_publish(array.id);
    *ret_array = array;
    return 0;
}

_Static_assert(STRUCT_ENDS_WITH(mproc_array_options, name), "it can grow");

int mproc_array_create_(mproc_array *ret_array, int type, size_t count, const mproc_array_options *options,
                        size_t options_size)
{
    if (ret_array == NULL)
        return mproc__error_null("ret_array");
    mproc_array_options own;
    int code = mproc__options_take(&own, sizeof own, options, options_size);
    if (code < 0)
        return code;
    mproc_array_info info = { .type = type, .count = count };
    info.raw = own.raw;
    code = check_type(type, &own, &info.item_size);
    if (code == 0)
        code = check_count(count, info.item_size);
    return code < 0 ? code : array_make(&info, &own, ret_array);
}

/* The second half of destroying an array, by whoever comes first: who did the first, and destroyed its lock, may have
 * been killed, or be on his way here. */
static int free_object(mproc_array array, const struct opened *opened)
{
    int code = mproc__object_destroy(FAMILY_ARRAY, array.id);
    if (code == 0 && opened->span != 0)
        mproc__span_free(opened->span, mproc__span_owner_object(array.id));
    return code;
}

/* Who destroys the lock has destroyed the array, whoever then frees the object: everyone else who comes is told STALE,
 * and sees to it that it is freed. */
static int destroy_locked(mproc_array array, const struct opened *opened)
{
    int code = mproc_lock_destroy(opened->lock);
    if (code < 0 && code != MPROC_E_STALE)
        return code;
    free_object(array, opened);
    return code < 0 ? mproc__object_stale(FAMILY_ARRAY, array.id) : 0;
}

/* Opens it, and looks once more whether what was read is the array's. */
static int open_there(mproc_array array, struct opened *ret_opened)
{
    int code = array_open(array, ret_opened);
    return code == 0 ? still_there(array, ret_opened) : code;
}

int mproc_array_destroy(mproc_array array)
{
    struct opened opened;
    /* Or the lock that is destroyed could be the block's next array's. */
    int code = open_there(array, &opened);
    if (code < 0)
        return code;
    return opened.info.raw ? free_object(array, &opened) : destroy_locked(array, &opened);
}

_Static_assert(STRUCT_ENDS_WITH(mproc_array_info, item_size), "it can grow");

int mproc_array_get_info_(mproc_array array, mproc_array_info *ret_info, size_t info_size)
{
    if (ret_info == NULL)
        return mproc__error_null("ret_info");
    struct opened opened;
    int code = open_there(array, &opened);
    if (code == 0)
        mproc__struct_give(ret_info, info_size, &opened.info, sizeof opened.info);
    return code;
}

int mproc_array_get_lock(mproc_array array, mproc_lock *ret_lock)
{
    if (ret_lock == NULL)
        return mproc__error_null("ret_lock");
    struct opened opened;
    int code = open_there(array, &opened);
    if (code < 0)
        return code;
    if (opened.info.raw)
        return mproc__object_error(MPROC_E_STATE, FAMILY_ARRAY, opened.block, ", which is raw and has no lock");
    *ret_lock = opened.lock;
    return 0;
}

/* ---- Copying ---- */

/* Takes the array's lock, unless the calling thread holds it: then what it does is one change with what it has done
 * before, and a death that nobody has repaired is its to hear of each time. Asked first, for an acquire would spin. */
static int lock_array(mproc_lock lock, bool *ret_locked)
{
    struct owned_word owned;
    int code = mproc__owned_find(FAMILY_LOCK, lock.id, &owned);
    if (code < 0)
        return code;
    if (owned_by_self(owned.word))
        return owned_outcome(owned.word);
    code = mproc_lock_acquire(lock, MPROC_FOREVER);
    *ret_locked = code >= 0;
    return code;
}

/* Opens the array with its lock held. Returns 0 or MPROC_OWNER_DIED, or an error with nothing held. */
static int array_enter(mproc_array array, struct opened *ret_array, bool *ret_locked)
{
    int code = array_open(array, ret_array);
    if (code < 0)
        return code;
    *ret_locked = false;
    if (ret_array->info.raw)
        return 0;
    int outcome = lock_array(ret_array->lock, ret_locked);
    if (outcome == MPROC_E_STALE) {
        free_object(array, ret_array);
        return mproc__object_stale(FAMILY_ARRAY, array.id);
    }
    if (outcome < 0)
        return outcome;
    code = still_there(array, ret_array);
    if (code < 0 && *ret_locked)
        mproc_lock_release(ret_array->lock);
    return code < 0 ? code : outcome;
}

/* outcome: of array_enter, or an error since. */
static int array_leave(mproc_array array, const struct opened *opened, bool locked, int outcome)
{
    if (locked)
        mproc_lock_release(opened->lock);
    int code = opened->info.raw ? still_there(array, opened) : 0;
    return outcome >= 0 && code < 0 ? code : outcome;
}

static int check_range(const struct opened *array, size_t first, size_t count)
{
    size_t length = array->info.count;
    if (first > length || count > length - first)
        return mproc__error(MPROC_E_RANGE, "%zu items from index %zu on, of an array of %zu", count, first, length);
    return 0;
}

static int check_items(const struct opened *array, size_t first, size_t count, const void *items, size_t item_size)
{
    if (items == NULL && count > 0)
        return mproc__error(MPROC_E_INVALID, "the address of the items is NULL");
    if (item_size != array->info.item_size)
        return mproc__error(MPROC_E_SIZE, "items of %zu bytes, in an array of items of %zu", item_size,
                            array->info.item_size);
    return check_range(array, first, count);
}

/* Without items the address may be NULL, which memcpy may not be given. */
static void copy(void *to, const void *from, size_t size)
{
    if (size > 0)
        mproc__copy(to, from, size);
}

int mproc_array_get(mproc_array array, size_t first, size_t count, void *ret_items, size_t item_size)
{
    struct opened opened;
    bool locked;
    int outcome = array_enter(array, &opened, &locked);
    if (outcome < 0)
        return outcome;
    int code = check_items(&opened, first, count, ret_items, item_size);
    if (code == 0)
        copy(ret_items, opened.items + first * item_size, count * item_size);
    return array_leave(array, &opened, locked, code < 0 ? code : outcome);
}

int mproc_array_set(mproc_array array, size_t first, size_t count, const void *items, size_t item_size)
{
    struct opened opened;
    bool locked;
    int outcome = array_enter(array, &opened, &locked);
    if (outcome < 0)
        return outcome;
    int code = check_items(&opened, first, count, items, item_size);
    if (code == 0)
        copy(opened.items + first * item_size, items, count * item_size);
    return array_leave(array, &opened, locked, code < 0 ? code : outcome);
}

int mproc_array_copy(mproc_array array, mproc_array *ret_copy)
{
    if (ret_copy == NULL)
        return mproc__error_null("ret_copy");
    struct opened opened;
    bool locked;
    mproc_array made;
    int outcome = array_enter(array, &opened, &locked);
    if (outcome < 0)
        return outcome;
    mproc_array_options options = { .initial = opened.items };
    int code = array_make(&opened.info, &options, &made);
    outcome = array_leave(array, &opened, locked, code < 0 ? code : outcome);
    if (outcome >= 0)
        *ret_copy = made;
    else if (code == 0)
        mproc_array_destroy(made);
    return outcome;
}

static int read_text(const struct opened *array, char *ret_text, size_t capacity)
{
    if (array->info.type != 'c')
        return type_error(array, "text");
    const unsigned char *end = memchr(array->items, 0, array->info.count);
    size_t length = end ? (size_t)(end - array->items) : array->info.count;
    if (length >= capacity)
        return mproc__error(MPROC_E_TOO_SHORT, "%zu bytes are needed, %zu are there", length + 1, capacity);
    memcpy(ret_text, array->items, length);
    ret_text[length] = 0;
    return 0;
}

int mproc_array_get_string(mproc_array array, char *ret_text, size_t capacity)
{
    if (ret_text == NULL)
        return mproc__error_null("ret_text");
    struct opened opened;
    bool locked;
    int outcome = array_enter(array, &opened, &locked);
    if (outcome < 0)
        return outcome;
    int code = read_text(&opened, ret_text, capacity);
    return array_leave(array, &opened, locked, code < 0 ? code : outcome);
}

static int write_text(const struct opened *array, const char *text)
{
    size_t length = strlen(text), room = array->info.count;
    if (array->info.type != 'c')
        return type_error(array, "text");
    if (length > room)
        return mproc__error(MPROC_E_TOO_SHORT, "a text of %zu bytes, for an array of %zu", length, room);
    memcpy(array->items, text, length < room ? length + 1 : length);
    return 0;
}

int mproc_array_set_string(mproc_array array, const char *text)
{
    if (text == NULL)
        return mproc__error_null("text");
    struct opened opened;
    bool locked;
    int outcome = array_enter(array, &opened, &locked);
    if (outcome < 0)
        return outcome;
    int code = write_text(&opened, text);
    return array_leave(array, &opened, locked, code < 0 ? code : outcome);
}

/* ---- In place ---- */

/* The old item, with its sign. */
static int64_t add_to(unsigned char *item, const struct item_type *type, int64_t delta)
{
    uint64_t change = (uint64_t)delta;
    switch (type->size) {
    case 1: {
        uint8_t old = atomic_fetch_add((_Atomic uint8_t *)item, (uint8_t)change);
        return type->is_signed ? (int8_t)old : old;
    }
    case 2: {
        uint16_t old = atomic_fetch_add((_Atomic uint16_t *)item, (uint16_t)change);
        return type->is_signed ? (int16_t)old : old;
    }
    case 4: {
        uint32_t old = atomic_fetch_add((_Atomic uint32_t *)item, (uint32_t)change);
        return type->is_signed ? (int32_t)old : (int64_t)old;
    }
    default:
        return (int64_t)atomic_fetch_add((_Atomic uint64_t *)item, change);
    }
}

int mproc_array_add(mproc_array array, size_t index, int64_t delta, int64_t *ret_old)
{
    struct opened opened;
    int code = array_open(array, &opened);
    if (code < 0)
        return code;
    const struct item_type *type = type_of(opened.info.type);
    if (type == NULL || !type->is_integer)
        return type_error(&opened, "integers");
    if (index >= opened.info.count)
        return check_range(&opened, index, 1);
    int64_t old = add_to(opened.items + index * opened.info.item_size, type, delta);
    code = still_there(array, &opened);
    if (code < 0)
        return code;
    if (ret_old != NULL)
        *ret_old = old;
    return 0;
}

void *mproc_array_get_data(mproc_array array, int type, size_t item_size, size_t *ret_count)
{
    struct opened opened;
    if (array_open(array, &opened) < 0 || still_there(array, &opened) < 0)
        return NULL;
    if (opened.info.type != type) {
        mproc__error(MPROC_E_TYPE, "an array of type '%c', not '%c'", opened.info.type, type);
        return NULL;
    }
    if (check_items(&opened, 0, 0, NULL, item_size) < 0)
        return NULL;
    if (ret_count != NULL)
        *ret_count = opened.info.count;
    return opened.items;
}
