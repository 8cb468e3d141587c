/* What objects have in common whose sleepers sleep on the block's own word. */
#include "sync/sync.h"
#include "family/family_layout.h"
#include "memory/object.h"

int mproc__sync_destroy(enum family_type type, const uint64_t id[2])
{
    struct family_block *block;
    int code = mproc__object_block(type, id, &block);
    if (code == 0)
        code = mproc__object_destroy(type, id);
    /* Those who sleep find that their handle is stale. Killed before this, we leave it to their slices. */
    if (code == 0)
        platform_wake(&block->word, INT32_MAX);
    return code;
}

int mproc__sync_gone(enum family_type type, const uint64_t id[2], struct family_block *block)
{
    platform_wake(&block->word, 1);
    return mproc__object_stale(type, id);
}
