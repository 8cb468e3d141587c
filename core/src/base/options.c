/* Structs of other versions: see options.h. */
#include "base/options.h"
#include "base/error.h"
#include <string.h>

static bool is_zero(const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i] != 0)
            return false;
    return true;
}

/* Into options that are all zero. */
int mproc__options_copy(void *ret_options, size_t size, const void *given, size_t given_size)
{
    size_t known = given_size < size ? given_size : size;
    if (!is_zero((const unsigned char *)given + known, given_size - known))
        return mproc__error(MPROC_E_NOT_SUPPORTED, "options of %zu bytes, of which version %s knows %zu", given_size,
                            mproc_version(), size);
    memcpy(ret_options, given, known);
    return 0;
}

int mproc__options_check_counts(const struct option_count *counts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (counts[i].value < 0)
            return mproc__error(MPROC_E_INVALID, "%s = %lld", counts[i].name, (long long)counts[i].value);
    return 0;
}

void mproc__struct_give(void *ret_struct, size_t given_size, const void *filled, size_t size)
{
    size_t known = given_size < size ? given_size : size;
    memcpy(ret_struct, filled, known);
    memset((unsigned char *)ret_struct + known, 0, given_size - known);
}
