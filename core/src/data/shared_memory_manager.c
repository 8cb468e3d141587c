/* Managers of named memory: who made a name for its program unlinks it at the end. */
#include "base/error.h"
#include "data/shared_memory.h"
#include <mproc/process.h>
#include <stdio.h>
#include <stdlib.h>

/* A name, and a handle that keeps the memory where a name alone does not. */
struct managed {
    struct managed *next;
    platform_handle segment;
    char name[PLATFORM_NAMED_MAX + 1];
};

/* What an exit handler knows of a manager. Handlers cannot be taken back, so this outlives the manager: it is freed by
 * the handler. A child has no handlers of its parent's. */
struct at_exit {
    mproc_shared_memory_manager *manager; /* NULL: shut down */
};

struct mproc_shared_memory_manager {
    platform_mutex lock;
    struct managed *first;
    struct at_exit *at_exit;
    int64_t pid;
};

static void end_manager(void *user)
{
    struct at_exit *at_exit = user;
    mproc_shared_memory_manager_free(at_exit->manager);
    free(at_exit);
}

int mproc_shared_memory_manager_create(mproc_shared_memory_manager **ret_manager)
{
    if (ret_manager == NULL)
        return mproc__error_null("ret_manager");
    platform_setup();
    mproc_shared_memory_manager *manager = calloc(1, sizeof *manager);
    struct at_exit *at_exit = calloc(1, sizeof *at_exit);
    int code = manager && at_exit ? 0 : mproc__error(MPROC_E_NO_MEMORY, "a manager of shared memory");
    if (code == 0)
        /* Below 0: when the children have ended, which may use it to their end. */
        code = mproc_at_exit(end_manager, at_exit, -100);
    if (code < 0) {
        free(at_exit);
        free(manager);
        return code;
    }
    *manager = (mproc_shared_memory_manager){ .at_exit = at_exit };
    platform_mutex_init(&manager->lock);
    manager->pid = platform_self_pid();
    at_exit->manager = manager;
    *ret_manager = manager;
    return 0;
}

/* From here on the name is the manager's to unlink. */
static int manage(mproc_shared_memory_manager *manager, const char *name)
{
    struct managed *managed = malloc(sizeof *managed);
    if (managed == NULL)
        return mproc__error(MPROC_E_NO_MEMORY, "the name of managed memory");
    int code = platform_named_open(name, &managed->segment);
    if (code < 0) {
        free(managed);
        return mproc__shared_memory_error(code, "attaching", name);
    }
    snprintf(managed->name, sizeof managed->name, "%s", name);
    platform_mutex_lock(&manager->lock);
    managed->next = manager->first;
    manager->first = managed;
    platform_mutex_unlock(&manager->lock);
    return 0;
}

static int check_process(const mproc_shared_memory_manager *manager)
{
    if (manager == NULL)
        return mproc__error_null("manager");
    if (manager->pid != platform_self_pid() || platform_is_copy())
        return mproc__error(MPROC_E_WRONG_PROCESS, "the manager was made by process %lld", (long long)manager->pid);
    return 0;
}

int mproc_shared_memory_manager_create_memory(mproc_shared_memory_manager *manager, size_t size,
                                              mproc_shared_memory **ret_memory)
{
    if (ret_memory == NULL)
        return mproc__error_null("ret_memory");
    mproc_shared_memory *memory = NULL;
    int code = check_process(manager);
    if (code == 0)
        code = mproc_shared_memory_create(&memory, NULL, size);
    if (code < 0)
        return code;
    code = manage(manager, memory->name);
    if (code < 0) {
        platform_named_unlink(memory->name);
        mproc_shared_memory_free(memory);
        return code;
    }
    *ret_memory = memory;
    return 0;
}

int mproc_shared_memory_manager_create_list(mproc_shared_memory_manager *manager, const mproc_shareable_item *items,
                                            size_t count, mproc_shareable_list **ret_list)
{
    if (ret_list == NULL)
        return mproc__error_null("ret_list");
    mproc_shareable_list *list = NULL;
    int code = check_process(manager);
    if (code == 0)
        code = mproc_shareable_list_create(&list, NULL, items, count);
    if (code < 0)
        return code;
    code = manage(manager, mproc_shareable_list_get_name(list));
    if (code < 0) {
        platform_named_unlink(mproc_shareable_list_get_name(list));
        mproc_shareable_list_free(list);
        return code;
    }
    *ret_list = list;
    return 0;
}

int mproc_shared_memory_manager_free(mproc_shared_memory_manager *manager)
{
    if (manager == NULL)
        return 0;
    int code = check_process(manager);
    if (code < 0)
        return code;
    while (manager->first != NULL) {
        struct managed *managed = manager->first;
        manager->first = managed->next;
        /* The program may have unlinked it itself. */
        platform_named_unlink(managed->name);
        platform_handle_close(managed->segment);
        free(managed);
    }
    manager->at_exit->manager = NULL;
    platform_mutex_destroy(&manager->lock);
    free(manager);
    return 0;
}
