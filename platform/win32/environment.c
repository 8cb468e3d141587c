/* environment.c: blocks of variables, "NAME=VALUE" each, sorted by name, with an empty string at the end.
 */
#include "internal.h"

#include <string.h>
#include <wchar.h>

/** Length of the name. From the second character: the system's own variables ("=C:=C:\dir") begin with one. */
static size_t name_length(const wchar_t *variable)
{
    const wchar_t *end = variable[0] != L'\0' ? wcschr(variable + 1, L'=') : NULL;
    return end != NULL ? (size_t)(end - variable) : wcslen(variable);
}

/** Compares two variables' names as the system sorts them. */
static int compare_names(const wchar_t *variable, const wchar_t *other)
{
    return CompareStringOrdinal(variable, (int)name_length(variable), other, (int)name_length(other), TRUE) -
           CSTR_EQUAL;
}

/** Characters up to and with the final empty string. */
static size_t block_length(const wchar_t *block)
{
    const wchar_t *next = block;
    while (*next != L'\0')
        next += wcslen(next) + 1;
    return (size_t)(next - block) + 1;
}

static wchar_t *append(wchar_t *end, const wchar_t *variable)
{
    size_t length = wcslen(variable) + 1;
    memcpy(end, variable, length * sizeof *end);
    return end + length;
}

/** Copies the block with the entry in its place. An entry of the same name goes. */
static void copy_with(wchar_t *copy, const wchar_t *block, const wchar_t *entry)
{
    bool placed = false;
    for (const wchar_t *next = block; *next != L'\0'; next += wcslen(next) + 1) {
        int order = compare_names(next, entry);
        if (order >= 0 && !placed) {
            copy = append(copy, entry);
            placed = true;
        }
        if (order != 0)
            copy = append(copy, next);
    }
    if (!placed)
        copy = append(copy, entry);
    *copy = L'\0';
}

wchar_t *platform__environment_copy_with(const wchar_t *block, const wchar_t *entry)
{
    wchar_t *copy = CALL(malloc, (block_length(block) + wcslen(entry) + 1) * sizeof *copy);
    if (copy != NULL)
        copy_with(copy, block, entry);
    return copy;
}

wchar_t *platform__environment_with(const wchar_t *entry)
{
    wchar_t *block = GetEnvironmentStringsW();
    if (block == NULL)
        return NULL;
    wchar_t *copy = platform__environment_copy_with(block, entry);
    FreeEnvironmentStringsW(block);
    return copy;
}
