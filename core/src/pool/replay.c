/* A saved task, run once more. The file is the user's own: whoever gives another's runs what the other wants. */
#include "base/error.h"
#include "base/function.h"
#include "base/ready.h"
#include "platform.h"
#include "pool/saved_task_layout.h"
#include "process/task.h"
#include <mproc/crash.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Both arguments have at most 1 GiB. */
#define FILE_MAX ((size_t)-1 / 2)

/* Arguments are copies of exactly their size, so that tools that watch memory see every step too far. */
struct replay {
    struct saved_task header;
    void *argument, *initializer_argument, *out;
    any_function *function, *initializer;
};

static void end(struct replay *replay)
{
    free(replay->argument);
    free(replay->initializer_argument);
    free(replay->out);
}

/* ---- Reading ---- */

static int check(const struct saved_task *header, const char *path, size_t size)
{
    if (size < sizeof *header || header->magic != SAVED_TASK_MAGIC)
        return mproc__error(MPROC_E_INVALID, "%s is no saved task", path);
    if (header->version != SAVED_TASK_VERSION)
        return mproc__error(MPROC_E_MISMATCH, "%s was saved by another version of mproc", path);
    if (header->program != mproc__program_key())
        return mproc__error(MPROC_E_MISMATCH,
                            "%s was saved by another build of a program: build-id %016llx there, %016llx here", path,
                            (unsigned long long)header->program, (unsigned long long)mproc__program_key());
    uint64_t rest = size - sizeof *header;
    if (header->argument_size > rest || header->initializer_size != rest - header->argument_size ||
        header->out_size > PTRDIFF_MAX || (header->kind != SAVED_CALL && header->kind != SAVED_ITEM))
        return mproc__error(MPROC_E_INVALID, "%s is damaged", path);
    return 0;
}

static int copy(const void *data, uint64_t size, void **ret_copy)
{
    *ret_copy = malloc(size > 0 ? (size_t)size : 1);
    if (*ret_copy == NULL)
        return mproc__error(MPROC_E_NO_MEMORY, "%llu bytes of a saved task", (unsigned long long)size);
    if (size > 0 && data != NULL)
        memcpy(*ret_copy, data, (size_t)size);
    return 0;
}

static int unpack(const unsigned char *data, struct replay *replay)
{
    const struct saved_task *header = &replay->header;
    const unsigned char *argument = data + sizeof *header;
    int code = copy(argument, header->argument_size, &replay->argument);
    if (code == 0)
        code = copy(argument + header->argument_size, header->initializer_size, &replay->initializer_argument);
    if (code == 0)
        code = copy(NULL, header->out_size, &replay->out);
    if (code == 0)
        code = mproc__function_from_ref(&header->function, &replay->function);
    if (code == 0 && header->initializer.module != 0)
        code = mproc__function_from_ref(&header->initializer, &replay->initializer);
    return code;
}

static int load(const char *path, struct replay *replay)
{
    void *data;
    size_t size;
    *replay = (struct replay){ .argument = NULL };
    if (path == NULL)
        return mproc__error_null("path");
    if (!mproc__initialized())
        return mproc__error(MPROC_E_NOT_INITIALIZED, "it tells which build this is");
    int code = platform_file_read(path, FILE_MAX, &data, &size);
    if (code < 0)
        return mproc__error_platform(code, "reading a saved task");
    memcpy(&replay->header, data, size < sizeof replay->header ? size : sizeof replay->header);
    replay->header.name[sizeof replay->header.name - 1] = '\0';
    code = check(&replay->header, path, size);
    if (code == 0)
        code = unpack(data, replay);
    free(data);
    return code;
}

/* ---- Running ---- */

static int run_initializer(const struct replay *replay)
{
    char message[TASK_MESSAGE_BYTES];
    mproc_view argument = { replay->initializer_argument, (size_t)replay->header.initializer_size };
    if (replay->initializer == NULL)
        return 0;
    int code = mproc__task_run((mproc_task_fn *)replay->initializer, argument, replay->header.worker, message);
    return code < 0 ? mproc__error(MPROC_E_INIT_FAILED, "code %d: %s", code, message) : 0;
}

static int run_function(const struct replay *replay)
{
    const struct saved_task *header = &replay->header;
    struct mproc_task task = { .argument = { replay->argument, (size_t)header->argument_size },
                               .id = header->task,
                               .attempt = header->attempt,
                               .worker = header->worker,
                               .item = header->item };
    int code;
    if (header->kind == SAVED_ITEM)
        code = ((mproc_item_fn *)replay->function)(replay->argument, replay->out, &task);
    else
        code = ((mproc_task_fn *)replay->function)(&task);
    if (code < 0)
        mproc__error_text(code, task.message);
    free(task.heap);
    return code;
}

int mproc_replay(const char *path, int *ret_code)
{
    struct replay replay;
    if (ret_code == NULL)
        return mproc__error_null("ret_code");
    int code = load(path, &replay);
    if (code == 0)
        code = run_initializer(&replay);
    if (code == 0)
        *ret_code = run_function(&replay);
    end(&replay);
    return code;
}

int mproc_replay_main(int argc, char **argv)
{
    int task_code;
    const char *path = argc > 1 && argv != NULL ? argv[argc - 1] : NULL;
    if (path == NULL)
        mproc__error(MPROC_E_INVALID, "the last argument is to be the file of a saved task");
    if (path == NULL || mproc_replay(path, &task_code) < 0)
        return mproc_perror("replay"), 2;
    if (task_code < 0)
        printf("%s: the task returned %d: %s\n", path, task_code, mproc_last_error());
    else
        printf("%s: the task returned %d\n", path, task_code);
    return task_code < 0;
}
