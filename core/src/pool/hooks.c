#include "pool/hooks.h"
#include "base/error.h"
#include "pool/link.h"
#include "pool/pool.h"
#include <stdlib.h>
#include <string.h>

int mproc__hooks_check(const mproc_pool_options *options)
{
    if (options->describe != NULL && options->monitor_no_previews != 0)
        return mproc__error(MPROC_E_INVALID, "describe, and monitor_no_previews = %lld",
                            (long long)options->monitor_no_previews);
    if (options->initializer_args.size > 0 && options->initializer_args.data == NULL)
        return mproc__error(MPROC_E_INVALID, "the initializer's argument has a size but no data");
    return 0;
}

static int copy_argument(mproc_pool *pool)
{
    mproc_view *args = &pool->options.initializer_args;
    if (args->size == 0)
        return 0;
    pool->initializer_argument = malloc(args->size);
    if (pool->initializer_argument == NULL)
        return mproc__error(MPROC_E_NO_MEMORY, "the initializer's argument, %zu bytes", args->size);
    memcpy(pool->initializer_argument, args->data, args->size);
    args->data = pool->initializer_argument;
    return 0;
}

int mproc__hooks_open(mproc_pool *pool)
{
    int code = copy_argument(pool);
    if (code == 0 && pool->options.exit_hook != NULL)
        code = pool->ops->refer((any_function *)pool->options.exit_hook, &pool->exit_hook);
    if (code == 0 && pool->options.describe != NULL)
        code = pool->ops->refer((any_function *)pool->options.describe, &pool->describe);
    return code;
}

void mproc__hooks_close(mproc_pool *pool)
{
    free(pool->initializer_argument);
    pool->initializer_argument = NULL;
}
