/* Names of shared memory, where they are files: what a sweep takes and leaves, what it costs, and what is told of a
 * name that cannot be attached. POSIX; reaches into the port's call table.
 */
#define _GNU_SOURCE
#include "calls.h"
#include "test.h"
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define DIRECTORY "/dev/shm/"

/* Short enough for the address of a socket. */
struct path {
    char text[100];
};

static struct path path_of(const char *name)
{
    struct path path;
    CHECK(snprintf(path.text, sizeof path.text, DIRECTORY "%s", name) < (int)sizeof path.text);
    return path;
}

/* Of this run and no other. */
static const char *own_name(const char *end)
{
    static char name[256];
    snprintf(name, sizeof name, "mproctest-%lld-%s", (long long)os_self_pid(), end);
    return name;
}

static void make_file(const char *name, mode_t mode)
{
    struct path path = path_of(name);
    int fd = open(path.text, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    CHECK(fd >= 0);
    CHECK(fchmod(fd, mode) == 0);
    CHECK(ftruncate(fd, 4096) == 0);
    CHECK(close(fd) == 0);
}

static bool is_there(const char *name)
{
    return access(path_of(name).text, F_OK) == 0;
}

static int attach_code(const char *name)
{
    mproc_shared_memory *memory = NULL;
    int code = mproc_shared_memory_open(&memory, name, 0);
    mproc_shared_memory_free(memory);
    return code;
}

/* ---- What is swept ---- */

/* The first choice of a program is where it looks at what others have left. */
static int scene_choose(const char *argument)
{
    mproc_shared_memory *memory;
    (void)argument;
    CHECK_OK(mproc_shared_memory_create(&memory, NULL, 1));
    CHECK_OK(mproc_shared_memory_unlink(mproc_shared_memory_get_name(memory)));
    CHECK_OK(mproc_shared_memory_free(memory));
    return 0;
}

static void sweep(void)
{
    char output[256];
    CHECK_EQ(test_scene("scene_choose", "", output, sizeof output), 0);
}

/* Makes memory under a chosen name, which nobody has any more when this returns. */
static void leave_chosen(char ret_name[256])
{
    mproc_shared_memory *memory;
    CHECK_OK(mproc_shared_memory_create(&memory, NULL, 100));
    snprintf(ret_name, 256, "%s", mproc_shared_memory_get_name(memory));
    CHECK_OK(mproc_shared_memory_free(memory));
}

/* Only what the library has named is removed: a file of the user stays, whatever its name, its mode, and what it is a
 * copy of. */
static void found_01_files_of_others_stay(void)
{
    char chosen[256], names[3][320];
    leave_chosen(chosen);
    snprintf(names[0], sizeof names[0], "mproc-notes-%lld.txt", (long long)os_self_pid());
    snprintf(names[1], sizeof names[1], "%s0", chosen);
    snprintf(names[2], sizeof names[2], "mproc-%016llx-1", (long long)os_self_pid());
    for (int i = 0; i < 3; i++)
        make_file(names[i], i == 1 ? 0600 | S_ISVTX : 0600);
    CHECK(chmod(path_of(names[2]).text, 0600 | S_ISVTX) == 0);
    sweep();
    CHECK(!is_there(chosen));
    for (int i = 0; i < 3; i++) {
        CHECK(is_there(names[i]));
        CHECK_OK(mproc_shared_memory_unlink(names[i]));
    }
}

/* A name that its user gave, and one that the library chose and its user gave to something else. */
static void found_01_a_name_given_anew_stays(void)
{
    char chosen[256], given[256];
    leave_chosen(chosen);
    snprintf(given, sizeof given, "%s", own_name("given"));
    CHECK(rename(path_of(chosen).text, path_of(given).text) == 0);
    make_file(chosen, 0600 | S_ISVTX);
    sweep();
    CHECK(is_there(chosen));
    CHECK(is_there(given));
    CHECK_OK(mproc_shared_memory_unlink(chosen));
    CHECK_OK(mproc_shared_memory_unlink(given));
}

static void found_01_names_of_the_library_are_refused(void)
{
    mproc_shared_memory *memory;
    mproc_shareable_list *list;
    mproc_shareable_item item = mproc_shareable_int(1);
    CHECK_CODE(mproc_shared_memory_create(&memory, "mproc-table", 10), MPROC_E_INVALID);
    CHECK_CONTAINS(mproc_last_error(), "mproc-");
    CHECK_CODE(mproc_shareable_list_create(&list, "mproc-table", &item, 1), MPROC_E_INVALID);
    CHECK(!is_there("mproc-table"));
}

/* Who has the file open, or only mapped, without a lock of any kind, is a user of it as well. */
static void found_01_attached_by_other_means(void)
{
    char chosen[256];
    leave_chosen(chosen);
    for (int reads = 0; reads < 2; reads++) {
        int fd = open(path_of(chosen).text, (reads ? O_RDONLY : O_RDWR) | O_CLOEXEC);
        CHECK(fd >= 0);
        sweep();
        CHECK(is_there(chosen));
        void *address = mmap(NULL, 100, PROT_READ, MAP_SHARED, fd, 0);
        CHECK(address != MAP_FAILED);
        CHECK(close(fd) == 0);
        sweep();
        CHECK(is_there(chosen));
        CHECK(munmap(address, 100) == 0);
    }
    sweep();
    CHECK(!is_there(chosen));
}

/* ---- What a look at the names costs ---- */

static int looks;

static int count_flock(int fd, int operation)
{
    looks += (operation & LOCK_EX) != 0;
    return flock(fd, operation);
}

/* Each file that is looked at is locked. 600 names, all of them in use, were looked at 180,000 times. */
static void found_01_many_names_cost_what_few_do(void)
{
    enum { COUNT = 600 };
    static mproc_shared_memory *memory[COUNT];
    platform_calls.flock = count_flock;
    for (int i = 0; i < COUNT; i++)
        CHECK_OK(mproc_shared_memory_create(&memory[i], NULL, 1));
    platform_calls_reset();
    CHECK_LE(looks, 4 * COUNT);
    for (int i = 0; i < COUNT; i++) {
        CHECK_OK(mproc_shared_memory_unlink(mproc_shared_memory_get_name(memory[i])));
        CHECK_OK(mproc_shared_memory_free(memory[i]));
    }
}

/* ---- What cannot be attached ---- */

static void found_21_a_locked_file(void)
{
    const char *name = own_name("locked");
    make_file(name, 0600);
    int fd = open(path_of(name).text, O_RDWR | O_CLOEXEC);
    CHECK(fd >= 0 && flock(fd, LOCK_EX) == 0);
    CHECK_CODE(attach_code(name), MPROC_E_STATE);
    CHECK_CONTAINS(mproc_last_error(), "locked by another program");
    CHECK(flock(fd, LOCK_SH) == 0);
    CHECK_OK(attach_code(name));
    CHECK(close(fd) == 0);
    CHECK_OK(mproc_shared_memory_unlink(name));
    CHECK_CODE(attach_code(name), MPROC_E_NOT_FOUND);
}

static void check_kind(const char *name, const char *kind)
{
    mproc_shareable_list *list;
    CHECK_CODE(attach_code(name), MPROC_E_TYPE);
    CHECK_CONTAINS(mproc_last_error(), kind);
    CHECK_CODE(mproc_shareable_list_open(&list, name), MPROC_E_TYPE);
    CHECK(remove(path_of(name).text) == 0);
}

static void bind_socket(struct path path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    memcpy(address.sun_path, path.text, sizeof path.text);
    CHECK(fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0);
    CHECK(close(fd) == 0);
}

static void found_21_what_is_no_file(void)
{
    const char *name = own_name("kind");
    struct path path = path_of(name);
    CHECK(mkfifo(path.text, 0600) == 0);
    check_kind(name, "a FIFO");
    CHECK(mkdir(path.text, 0700) == 0);
    check_kind(name, "a directory");
    CHECK(symlink("/etc/passwd", path.text) == 0);
    check_kind(name, "a symbolic link");
    bind_socket(path);
    check_kind(name, "a socket");
}

static const struct test tests[] = {
    TEST_WITH(found_01_files_of_others_stay, TEST_ONCE, 0),
    TEST_WITH(found_01_a_name_given_anew_stays, TEST_ONCE, 0),
    TEST_WITH(found_01_names_of_the_library_are_refused, TEST_ONCE, 0),
    TEST_WITH(found_01_attached_by_other_means, TEST_ONCE, 60),
    TEST_WITH(found_01_many_names_cost_what_few_do, TEST_ONCE, 60),
    TEST_WITH(found_21_a_locked_file, TEST_ONCE, 0),
    TEST_WITH(found_21_what_is_no_file, TEST_ONCE, 0),
};

static const struct scene scenes[] = {
    SCENE(scene_choose),
};

TEST_MAIN(tests, scenes)
