/* own.c: what belongs to the user alone.
 */
#include "own.h"

#include <string.h>
#include <wchar.h>

/* ---- Access ---- */

/** A TOKEN_USER, with its SID behind it. */
#define USER_BYTES sizeof(((struct platform__own *)0)->user)

static bool read_user(HANDLE process, unsigned char ret_user[USER_BYTES])
{
    HANDLE token;
    DWORD size;
    if (!OpenProcessToken(process, TOKEN_QUERY, &token))
        return false;
    bool done = GetTokenInformation(token, TokenUser, ret_user, USER_BYTES, &size);
    DWORD error = GetLastError();
    CloseHandle(token);
    SetLastError(error);
    return done;
}

static PSID sid_of(unsigned char *user)
{
    return ((TOKEN_USER *)(void *)user)->User.Sid;
}

static bool allow(struct platform__own *own)
{
    const DWORD below = OBJECT_INHERIT_ACE | CONTAINER_INHERIT_ACE;
    PSID user = sid_of(own->user);
    ACL *list = (ACL *)(void *)own->list;
    DWORD size = sizeof own->system;
    return CreateWellKnownSid(WinLocalSystemSid, NULL, own->system, &size) &&
           InitializeAcl(list, sizeof own->list, ACL_REVISION) &&
           AddAccessAllowedAceEx(list, ACL_REVISION, below, GENERIC_ALL, user) &&
           AddAccessAllowedAceEx(list, ACL_REVISION, below, GENERIC_ALL, own->system);
}

static bool describe(struct platform__own *own)
{
    return InitializeSecurityDescriptor(&own->descriptor, SECURITY_DESCRIPTOR_REVISION) &&
           SetSecurityDescriptorDacl(&own->descriptor, TRUE, (ACL *)(void *)own->list, FALSE) &&
           SetSecurityDescriptorControl(&own->descriptor, SE_DACL_PROTECTED, SE_DACL_PROTECTED);
}

int platform__own_make(struct platform__own *ret_own)
{
    if (!read_user(GetCurrentProcess(), ret_own->user) || !allow(ret_own) || !describe(ret_own))
        return platform__fail(MPROC_E_OS, "who may have access");
    ret_own->attributes = (SECURITY_ATTRIBUTES){ sizeof ret_own->attributes, &ret_own->descriptor, FALSE };
    return 0;
}

bool platform__own_process(int64_t pid)
{
    _Alignas(void *) unsigned char user[USER_BYTES], other[USER_BYTES];
    HANDLE process = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, (DWORD)pid);
    bool own = process != NULL && read_user(process, other) && read_user(GetCurrentProcess(), user) &&
               EqualSid(sid_of(user), sid_of(other));
    if (process != NULL)
        CloseHandle(process);
    return own;
}

/* ---- The directory ---- */

/** Returns false if there is no such variable, or no room. */
static bool from_variable(const wchar_t *name, const wchar_t *below, wchar_t ret_path[PLATFORM__OWN_PATH])
{
    DWORD room = PLATFORM__OWN_PATH - (DWORD)wcslen(below);
    DWORD length = GetEnvironmentVariableW(name, ret_path, room);
    if (length == 0 || length >= room)
        return false;
    wcscat(ret_path, below);
    return true;
}

static int make_directory(const wchar_t *path)
{
    struct platform__own own;
    int code = platform__own_make(&own);
    if (code == 0 && !CreateDirectoryW(path, &own.attributes) && GetLastError() != ERROR_ALREADY_EXISTS)
        code = platform__fail(MPROC_E_OS, "making the directory mproc in LOCALAPPDATA");
    return code;
}

int platform__own_directory(bool make, wchar_t ret_path[PLATFORM__OWN_PATH])
{
    if (!from_variable(L"LOCALAPPDATA", L"\\mproc", ret_path) &&
        !from_variable(L"USERPROFILE", L"\\AppData\\Local\\mproc", ret_path))
        return platform__fail_text(MPROC_E_STATE, "there is no directory for the user's own data, or its path is too "
                                                  "long: set LOCALAPPDATA to one");
    int code = make ? make_directory(ret_path) : 0;
    if (code < 0)
        return code;
    DWORD attributes = GetFileAttributesW(ret_path);
    if (attributes == INVALID_FILE_ATTRIBUTES)
        return platform__fail(make ? MPROC_E_OS : MPROC_E_NOT_FOUND, "the directory mproc in LOCALAPPDATA");
    if ((attributes & FILE_ATTRIBUTE_DIRECTORY) && !(attributes & FILE_ATTRIBUTE_REPARSE_POINT))
        return 0;
    return platform__fail_text(MPROC_E_STATE, "mproc in LOCALAPPDATA is no directory, but a file or a link: remove it");
}
