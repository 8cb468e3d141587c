/* text.c: core speaks UTF-8, the system UTF-16.
 */
#include "internal.h"

#include <limits.h>

wchar_t *platform__widen(const char *text)
{
    int length = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, NULL, 0);
    if (length <= 0)
        return NULL;
    wchar_t *wide = CALL(malloc, (size_t)length * sizeof *wide);
    if (wide == NULL) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, wide, length);
    return wide;
}

bool platform__narrow(const wchar_t *wide, char *ret_text, size_t capacity)
{
    int room = capacity > INT_MAX ? INT_MAX : (int)capacity;
    if (WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, wide, -1, ret_text, room, NULL, NULL) > 0)
        return true;
    if (capacity > 0)
        ret_text[0] = '\0';
    return false;
}

wchar_t *platform__module_path(HMODULE module)
{
    /* No call tells the length; 32768 is the longest path there is. */
    for (DWORD capacity = 512; capacity <= 65536; capacity *= 4) {
        wchar_t *path = CALL(malloc, capacity * sizeof *path);
        if (path == NULL) {
            SetLastError(ERROR_NOT_ENOUGH_MEMORY);
            return NULL;
        }
        DWORD length = CALL(GetModuleFileNameW, module, path, capacity);
        if (length > 0 && length < capacity)
            return path;
        DWORD error = GetLastError();
        free(path);
        SetLastError(error);
        if (length == 0)
            return NULL;
    }
    SetLastError(ERROR_BUFFER_OVERFLOW);
    return NULL;
}
