/* Names of shared memory on Windows, where events and locks have names of the same kind.
 */
#include "test.h"

#include <windows.h>

static void found_21_the_name_of_an_event(void)
{
    mproc_shared_memory *memory;
    char name[64], full[80];
    snprintf(name, sizeof name, "mproctest-%lld-event", (long long)os_self_pid());
    snprintf(full, sizeof full, "Local\\%s", name);
    HANDLE event = CreateEventA(NULL, FALSE, FALSE, full);
    CHECK(event != NULL);
    CHECK_CODE(mproc_shared_memory_open(&memory, name, 0), MPROC_E_TYPE);
    CHECK_CODE(mproc_shared_memory_create(&memory, name, 10), MPROC_E_EXISTS);
    CHECK(CloseHandle(event));
    CHECK_CODE(mproc_shared_memory_open(&memory, name, 0), MPROC_E_NOT_FOUND);
}

static void found_01_names_of_the_library_are_refused(void)
{
    mproc_shared_memory *memory;
    CHECK_CODE(mproc_shared_memory_create(&memory, "mproc-table", 10), MPROC_E_INVALID);
}

static const struct test tests[] = {
    TEST(found_21_the_name_of_an_event),
    TEST(found_01_names_of_the_library_are_refused),
};

TEST_MAIN_PLAIN(tests)
