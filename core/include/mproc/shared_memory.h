/* Shared memory with a name, for programs that are not of one family, and lists of typed items in it.
 *
 * Within a family use arrays (mproc/array.h): they need no name, are handles that travel, and leave nothing behind. A
 * name is for programs that know nothing of each other but the name. On POSIX it is a file in /dev/shm, as shm_open and
 * Python's SharedMemory make it, and stays there until it is unlinked; on Windows it belongs to the session and goes
 * when the last program has closed it.
 *
 * What becomes of names that nobody unlinks? One that the library has chosen (name NULL, or made by a manager) is
 * removed once no program has it open or mapped any more, by the next program of the user in which the library chooses
 * a name: the kernel tells it which are left over, so a program that was killed leaves them until then and no longer. A
 * program looks for them when it has its first name chosen, and then after as many choices as there were names; where
 * the user has more than 256 chosen names it looks at 256 of them. A manager unlinks its names when it is freed, at the
 * latest at the end of the program that made it. A name that you have chosen is yours: it stays until you unlink it, as
 * does every file that the library has not named. So that they can be told apart, names that begin with "mproc-" are
 * the library's: none can be made, but those that there are can be opened and unlinked by all.
 *
 * Objects of the types below belong to the process that made them. A child gets the name and opens it.
 */
#ifndef MPROC_SHARED_MEMORY_H
#define MPROC_SHARED_MEMORY_H

#include <mproc/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Longest name, in bytes. */
#define MPROC_SHARED_MEMORY_NAME_MAX 200

/** Named memory that this process has open. */
typedef struct mproc_shared_memory mproc_shared_memory;

/** Makes named memory, zero, and opens it. Its size never changes. Memory for all of it is taken at once. Programs of
 * the same user can open it (POSIX: its mode is 0600).
 *
 * name: 1 to 200 bytes without slash and backslash, not beginning with a dot or "mproc-"; copied. NULL: the library
 *     chooses one that nothing has; see mproc_shared_memory_get_name.
 * size: in bytes, not 0.
 * ret_memory: to be freed with mproc_shared_memory_free.
 * Returns: 0; MPROC_E_EXISTS if something has the name; MPROC_E_INVALID for a name or size that cannot be;
 *     MPROC_E_LIMIT if there is not so much memory; MPROC_E_NO_MEMORY; MPROC_E_NOT_SUPPORTED where the system has no
 *     /dev/shm that can make files without a name; MPROC_E_OS.
 * Blocks: never. Threads: any. Fork: the object is this process's only; its memory is not inherited.
 * Since: 0.1. Source: multiprocessing.shared_memory.SharedMemory(create=True).
 */
MPROC_API int mproc_shared_memory_create(mproc_shared_memory **ret_memory, const char *name, size_t size);

/** Opens named memory that somebody has made, with mproc or otherwise.
 *
 * size: bytes it must have at least; 0: any.
 * ret_memory: to be freed with mproc_shared_memory_free.
 * Returns: 0; MPROC_E_NOT_FOUND if nothing has the name; MPROC_E_TYPE, naming it, if something has it that is no
 *     memory, a FIFO for instance; MPROC_E_STATE if somebody has the file locked for himself (flock, POSIX);
 *     MPROC_E_SIZE, naming both, if it is smaller; MPROC_E_INVALID for a name that cannot be; MPROC_E_NO_MEMORY;
 *     MPROC_E_OS if the system denies it.
 * Blocks: never; before MPROC_E_STATE for 20 milliseconds. Threads: any. Fork: as mproc_shared_memory_create.
 * Since: 0.2. Source: multiprocessing.shared_memory.SharedMemory(name).
 */
MPROC_API int mproc_shared_memory_open(mproc_shared_memory **ret_memory, const char *name, size_t size);

/** The memory's address in this process.
 *
 * Returns: an address at the beginning of a page, valid until the object is freed; NULL with MPROC_E_WRONG_PROCESS in
 *     mproc_last_code() in another process than the one that opened it.
 * Blocks: never. Threads: any. Fork: see above.
 * Since: 0.2. Source: SharedMemory.buf.
 */
MPROC_API void *mproc_shared_memory_get_data(const mproc_shared_memory *memory);

/** The memory's size in bytes: what it was made with; on Windows, where it was opened by name, rounded up to whole
 * pages.
 *
 * Returns: the size.
 * Blocks: never. Threads: any. Fork: safe.
 * Since: 0.2. Source: SharedMemory.size.
 */
MPROC_API size_t mproc_shared_memory_get_size(const mproc_shared_memory *memory);

/** The memory's name, for others to open it.
 *
 * Returns: a string that is valid until the object is freed.
 * Blocks: never. Threads: any. Fork: safe.
 * Since: 0.2. Source: SharedMemory.name.
 */
MPROC_API const char *mproc_shared_memory_get_name(const mproc_shared_memory *memory);

/** Unmaps the memory and frees the object; the name stays. Others keep what they have open.
 *
 * memory: NULL is allowed.
 * Returns: 0; MPROC_E_WRONG_PROCESS in another process than the one that opened it, where nothing happens.
 * Blocks: never. Threads: any, if no other uses it. Fork: see above.
 * Since: 0.2. Source: SharedMemory.close.
 */
MPROC_API int mproc_shared_memory_free(mproc_shared_memory *memory);

/** Frees the name: nobody can open it any more, those who have keep the memory until they free it. On Windows this
 * does nothing, as the name goes with the last who has it.
 *
 * Returns: 0; MPROC_E_NOT_FOUND if nothing has the name (POSIX); MPROC_E_INVALID for a name that cannot be; MPROC_E_OS.
 * Blocks: never. Threads: any. Fork: any process, but no copy made by the program's own fork.
 * Since: 0.1. Source: SharedMemory.unlink.
 */
MPROC_API int mproc_shared_memory_unlink(const char *name);

/* ---- Lists ---- */

/** A list of so many items in named memory. The number of items never changes, nor the room of each: 8 bytes, or what
 * its text or bytes took when the list was made, rounded up to 8. An item may become one of another type that fits.
 *
 * A list has no lock. Who sets an item while another reads or sets the same one must agree with him, with a lock for
 * instance; else the reader may get a mixture, but nothing outside the list. */
typedef struct mproc_shareable_list mproc_shareable_list;

enum mproc_shareable_type {
    MPROC_SHAREABLE_NONE,
    MPROC_SHAREABLE_BOOL,
    MPROC_SHAREABLE_INT,
    MPROC_SHAREABLE_FLOAT,
    MPROC_SHAREABLE_TEXT,
    MPROC_SHAREABLE_BYTES
};

/** An item: type says which of the others is meant. */
typedef struct mproc_shareable_item {
    int type;        /**< an enum mproc_shareable_type */
    int64_t integer; /**< of MPROC_SHAREABLE_INT, and 0 or 1 of MPROC_SHAREABLE_BOOL */
    double real;     /**< of MPROC_SHAREABLE_FLOAT */
    mproc_view
        data; /**< of MPROC_SHAREABLE_TEXT (a zero byte is behind what a list returns) and MPROC_SHAREABLE_BYTES */
} mproc_shareable_item;

/** Makes a list in named memory, and opens it.
 *
 * name: as mproc_shared_memory_create.
 * items: count of them; copied. May be NULL if count is 0.
 * ret_list: to be freed with mproc_shareable_list_free.
 * Returns: as mproc_shared_memory_create; MPROC_E_TYPE for an item of no type; MPROC_E_INVALID for text or bytes at
 *     NULL with a size.
 * Blocks: never. Threads: any. Fork: the object is this process's only.
 * Since: 0.1. Source: multiprocessing.shared_memory.ShareableList(sequence).
 */
MPROC_API int mproc_shareable_list_create(mproc_shareable_list **ret_list, const char *name,
                                          const mproc_shareable_item *items, size_t count);

/** Opens a list.
 *
 * Returns: as mproc_shared_memory_open; MPROC_E_TYPE if the memory of that name is no list of mproc's.
 * Blocks: never. Threads: any. Fork: the object is this process's only.
 * Since: 0.2. Source: multiprocessing.shared_memory.ShareableList(name=...).
 */
MPROC_API int mproc_shareable_list_open(mproc_shareable_list **ret_list, const char *name);

/** The list's name.
 *
 * Returns: a string that is valid until the object is freed.
 * Blocks: never. Threads: any. Fork: safe.
 * Since: 0.2. Source: ShareableList.shm.name.
 */
MPROC_API const char *mproc_shareable_list_get_name(const mproc_shareable_list *list);

/** The number of items.
 *
 * Returns: the number; 0 in another process than the one that opened it. mproc_last_code() is 0 or
 *     MPROC_E_WRONG_PROCESS then, as for a question.
 * Blocks: never. Threads: any. Fork: see above.
 * Since: 0.2. Source: len().
 */
MPROC_API size_t mproc_shareable_list_get_count(const mproc_shareable_list *list);

/** An item. Text and bytes are not copied: what ret_item->data points to is in the list, and changes when the item
 * does.
 *
 * Returns: 0; MPROC_E_RANGE for an index outside the list; MPROC_E_WRONG_PROCESS; MPROC_E_TYPE if what is there makes
 *     no sense, because somebody has written into the memory.
 * Blocks: never. Threads: any. Fork: see above.
 * Since: 0.2. Source: list[i].
 */
MPROC_API int mproc_shareable_list_get(const mproc_shareable_list *list, size_t index, mproc_shareable_item *ret_item);

/** Sets an item.
 *
 * Returns: 0; MPROC_E_RANGE for an index outside the list; MPROC_E_TOO_SHORT, naming both sizes, if it has not the
 *     room: then it is as before; MPROC_E_TYPE for an item of no type; MPROC_E_INVALID for text or bytes at NULL with a
 *     size; MPROC_E_WRONG_PROCESS.
 * Blocks: never. Threads: any, see above. Fork: see above.
 * Since: 0.2. Source: list[i] = x.
 */
MPROC_API int mproc_shareable_list_set(mproc_shareable_list *list, size_t index, const mproc_shareable_item *item);

/** The format of an item in the letters of Python's struct module: "q", "d", "xxxxxxx?", "8s" with the item's room,
 * "xxxxxx?x" for none.
 *
 * capacity: 24 is enough.
 * Returns: as mproc_shareable_list_get; MPROC_E_TOO_SHORT.
 * Blocks: never. Threads: any. Fork: see above.
 * Since: 0.2. Source: ShareableList.format.
 */
MPROC_API int mproc_shareable_list_get_format(const mproc_shareable_list *list, size_t index, char *ret_format,
                                              size_t capacity);

/** How many items are equal to this one, in type and value.
 *
 * Returns: 0; MPROC_E_WRONG_PROCESS; MPROC_E_TYPE as mproc_shareable_list_get.
 * Blocks: never. Threads: any. Fork: see above.
 * Since: 0.2. Source: ShareableList.count.
 */
MPROC_API int mproc_shareable_list_count_equal(const mproc_shareable_list *list, const mproc_shareable_item *item,
                                               size_t *ret_count);

/** The first item that is equal to this one, in type and value.
 *
 * Returns: 0; MPROC_E_NOT_FOUND; MPROC_E_WRONG_PROCESS; MPROC_E_TYPE as mproc_shareable_list_get.
 * Blocks: never. Threads: any. Fork: see above.
 * Since: 0.2. Source: ShareableList.index.
 */
MPROC_API int mproc_shareable_list_find(const mproc_shareable_list *list, const mproc_shareable_item *item,
                                        size_t *ret_index);

/** Unmaps the list and frees the object; the name stays, until mproc_shared_memory_unlink.
 *
 * list: NULL is allowed.
 * Returns: as mproc_shared_memory_free.
 * Blocks: never. Threads: any, if no other uses it. Fork: as mproc_shared_memory_free.
 * Since: 0.2. Source: ShareableList.shm.close.
 */
MPROC_API int mproc_shareable_list_free(mproc_shareable_list *list);

/** Items, for initializers and for mproc_shareable_list_set. Data is not copied by these. Since: 0.1. */
static inline mproc_shareable_item mproc_shareable_none(void)
{
    mproc_shareable_item item;
    item.type = MPROC_SHAREABLE_NONE;
    item.integer = 0;
    item.real = 0;
    item.data.data = NULL;
    item.data.size = 0;
    return item;
}

static inline mproc_shareable_item mproc_shareable_bool(bool value)
{
    mproc_shareable_item item = mproc_shareable_none();
    item.type = MPROC_SHAREABLE_BOOL;
    item.integer = value;
    return item;
}

static inline mproc_shareable_item mproc_shareable_int(int64_t value)
{
    mproc_shareable_item item = mproc_shareable_none();
    item.type = MPROC_SHAREABLE_INT;
    item.integer = value;
    return item;
}

static inline mproc_shareable_item mproc_shareable_float(double value)
{
    mproc_shareable_item item = mproc_shareable_none();
    item.type = MPROC_SHAREABLE_FLOAT;
    item.real = value;
    return item;
}

static inline mproc_shareable_item mproc_shareable_bytes(const void *data, size_t size)
{
    mproc_shareable_item item = mproc_shareable_none();
    item.type = MPROC_SHAREABLE_BYTES;
    item.data.data = data;
    item.data.size = size;
    return item;
}

static inline mproc_shareable_item mproc_shareable_text(const char *text)
{
    mproc_shareable_item item = mproc_shareable_none();
    item.type = MPROC_SHAREABLE_TEXT;
    item.data.data = text;
    while (text && text[item.data.size])
        item.data.size++;
    return item;
}

/* ---- Managers ---- */

/** Named memory and lists that go together: their names are unlinked when the manager is freed, or when the program
 * that made it ends, by return from main or exit. If that program is killed, see the head of this file. */
typedef struct mproc_shared_memory_manager mproc_shared_memory_manager;

/** Makes a manager.
 *
 * ret_manager: to be freed with mproc_shared_memory_manager_free.
 * Returns: 0; MPROC_E_NO_MEMORY; MPROC_E_WRONG_PROCESS in a copy made by the program's own fork.
 * Blocks: never. Threads: any. Fork: the object is this process's only.
 * Since: 0.1. Source: multiprocessing.managers.SharedMemoryManager().
 */
MPROC_API int mproc_shared_memory_manager_create(mproc_shared_memory_manager **ret_manager);

/** Makes named memory, under a name that the library chooses, and opens it. The manager has it open, too: freeing
 * the object here does not free it, not on Windows either.
 *
 * ret_memory: to be freed with mproc_shared_memory_free, before or after the manager.
 * Returns: as mproc_shared_memory_create; MPROC_E_WRONG_PROCESS.
 * Blocks: never. Threads: any. Fork: see above.
 * Since: 0.2. Source: SharedMemoryManager.SharedMemory.
 */
MPROC_API int mproc_shared_memory_manager_create_memory(mproc_shared_memory_manager *manager, size_t size,
                                                        mproc_shared_memory **ret_memory);

/** Makes a list, under a name that the library chooses, and opens it.
 *
 * ret_list: to be freed with mproc_shareable_list_free, before or after the manager.
 * Returns: as mproc_shareable_list_create; MPROC_E_WRONG_PROCESS.
 * Blocks: never. Threads: any. Fork: see above.
 * Since: 0.2. Source: SharedMemoryManager.ShareableList.
 */
MPROC_API int mproc_shared_memory_manager_create_list(mproc_shared_memory_manager *manager,
                                                      const mproc_shareable_item *items, size_t count,
                                                      mproc_shareable_list **ret_list);

/** Unlinks the names of all that the manager made, and frees the manager. What is open stays until it is freed.
 *
 * manager: NULL is allowed.
 * Returns: 0; MPROC_E_WRONG_PROCESS in another process than the one that made it, where nothing happens.
 * Blocks: never. Threads: any, if no other uses it. Fork: see above.
 * Since: 0.2. Source: SharedMemoryManager.shutdown.
 */
MPROC_API int mproc_shared_memory_manager_free(mproc_shared_memory_manager *manager);

#ifdef __cplusplus
}
#endif
#endif
