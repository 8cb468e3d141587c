/* What a worker tried at which address when it died, all the way: from the fault to the record that those who watch are
 * given, and to the sentence that a monitor makes of it.
 */
#define _GNU_SOURCE
#include "model/words.h"
#include "os.h"
#include "pool/observe.h"
#include "process/crash_layout.h"
#include "test.h"
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#ifdef _WIN32
#include <windows.h>
#else
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#define PAGE ((size_t)65536)

static volatile int one = 1;

/* The address that is tried is told to the test. */
static volatile char *about(uintptr_t address)
{
    static volatile uintptr_t unknown; /* to the compiler, which would warn of some */
    atomic_store(&test_board()[2], (int64_t)address);
    unknown = address;
    return (volatile char *)unknown;
}

/* ---- What they die of ---- */

static void read_member_of_null(void)
{
    one = *about(0x18);
}

static void write_null(void)
{
    *about(0) = 1;
}

static void call_null(void)
{
    void (*volatile function)(void) = (void (*)(void))(uintptr_t)about(0x18);
    function();
    one++;
}

/* Where there was memory. */
static uintptr_t find_nothing(void)
{
#ifdef _WIN32
    return (uintptr_t)VirtualAlloc(NULL, PAGE, MEM_RESERVE, PAGE_NOACCESS);
#else
    void *page = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(page != MAP_FAILED && munmap(page, PAGE) == 0);
    return (uintptr_t)page;
#endif
}

static void read_what_is_gone(void)
{
    one = *about(find_nothing() + 8);
}

static void write_a_constant(void)
{
    static const char constant[] = "may be read";
    *about((uintptr_t)constant) = 'M';
}

static void call_data(void)
{
    static char data[] = "no code";
    void (*volatile function)(void) = (void (*)(void))(uintptr_t)about((uintptr_t)data);
    function();
    one++;
}

static void read_without_leave(void)
{
#ifdef _WIN32
    void *page = VirtualAlloc(NULL, PAGE, MEM_RESERVE | MEM_COMMIT, PAGE_NOACCESS);
    CHECK(page != NULL);
#else
    void *page = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(page != MAP_FAILED);
#endif
    one = *about((uintptr_t)page);
}

static void overflow(void)
{
    volatile char room[200];
    room[one % 200] = 1;
    if (one)
        overflow();
    one = room[3];
}

static void call_abort(void)
{
    about(0);
    abort();
}

/* Nobody tried an address: there is none, whatever lies where it would be. */
static void raise_it(void)
{
    about(0);
#ifdef _WIN32
    RaiseException(EXCEPTION_ACCESS_VIOLATION, 0, 0, NULL);
#else
    raise(SIGSEGV);
#endif
}

#ifdef __x86_64__
/* The processor knows of no such address, and the system is not told it. */
static void read_what_cannot_be(void)
{
    about(0);
    one = *(volatile char *)(uintptr_t)0x8000000000000018;
}
#endif

#ifndef _WIN32
static void read_behind_the_end_of_a_file(void)
{
    FILE *file = tmpfile();
    CHECK(file != NULL && ftruncate(fileno(file), (off_t)PAGE) == 0);
    char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fileno(file), 0);
    CHECK(page != MAP_FAILED && ftruncate(fileno(file), 0) == 0);
    *about((uintptr_t)page + 5) = 1;
}
#endif

#ifdef __linux__
/* As the kernel says it of processors that mind. What is sent so does not come again by itself. */
static void be_told_of_what_is_not_aligned(void)
{
    siginfo_t info = { .si_signo = SIGBUS, .si_code = BUS_ADRALN };
    info.si_addr = (void *)(uintptr_t)about(0x1003);
    while (one)
        syscall(SYS_rt_tgsigqueueinfo, getpid(), (pid_t)syscall(SYS_gettid), SIGBUS, &info);
}

/* Memory that is broken, say: what is not known is not told. */
static void be_told_of_something_else(void)
{
    siginfo_t info = { .si_signo = SIGBUS, .si_code = BUS_MCEERR_AR };
    info.si_addr = (void *)(uintptr_t)0x1003;
    about(0);
    while (one)
        syscall(SYS_rt_tgsigqueueinfo, getpid(), (pid_t)syscall(SYS_gettid), SIGBUS, &info);
}
#endif

#define NULL_POINTER "which is no memory of this process: a NULL pointer, most likely."

static const struct death {
    const char *name;
    void (*function)(void);
    uint8_t fault, access;
    const char *words; /* an @ in it is the address */
} deaths[] = {
    { "read NULL", read_member_of_null, RECORD_FAULT_NO_MEMORY, RECORD_ACCESS_READ,
      "It read address @, " NULL_POINTER },
    { "write NULL", write_null, RECORD_FAULT_NO_MEMORY, RECORD_ACCESS_WRITE, "It wrote to address @, " NULL_POINTER },
    { "call NULL", call_null, RECORD_FAULT_NO_MEMORY, RECORD_ACCESS_EXECUTE, "It called address @, " NULL_POINTER },
    { "gone", read_what_is_gone, RECORD_FAULT_NO_MEMORY, RECORD_ACCESS_READ,
      "It read address @, which is no memory of this process." },
    { "constant", write_a_constant, RECORD_FAULT_FORBIDDEN, RECORD_ACCESS_WRITE,
      "It wrote to address @, which may not be written." },
    { "data", call_data, RECORD_FAULT_FORBIDDEN, RECORD_ACCESS_EXECUTE, "It called address @, which is no code." },
    { "no leave", read_without_leave, RECORD_FAULT_FORBIDDEN, RECORD_ACCESS_READ,
      "It read address @, which may not be read." },
    { "overflow", overflow, RECORD_FAULT_STACK, RECORD_ACCESS_WRITE, "Its stack overflowed." },
    { "abort", call_abort, RECORD_FAULT_NONE, RECORD_ACCESS_UNKNOWN, "" },
    { "raise", raise_it, RECORD_FAULT_NONE, RECORD_ACCESS_UNKNOWN, "" },
#ifdef __x86_64__
    { "cannot be", read_what_cannot_be, RECORD_FAULT_NO_ADDRESS, RECORD_ACCESS_UNKNOWN,
      "It used an address that cannot be, or one that is not aligned." },
#endif
#ifndef _WIN32
    { "file", read_behind_the_end_of_a_file, RECORD_FAULT_NO_PAGE, RECORD_ACCESS_WRITE,
      "It wrote to address @, for which there was no page: a file was cut, or memory ran out." },
#endif
#ifdef __linux__
    { "unaligned", be_told_of_what_is_not_aligned, RECORD_FAULT_UNALIGNED, RECORD_ACCESS_UNKNOWN,
      "It used address @, which is not aligned." },
    { "else", be_told_of_something_else, RECORD_FAULT_NONE, RECORD_ACCESS_UNKNOWN, "" },
#endif
};

static int die(mproc_task *task)
{
    const char *name = mproc_task_get_argument(task).data;
    for (size_t i = 0; i < TEST_COUNT(deaths); i++)
        if (strcmp(deaths[i].name, name) == 0)
            deaths[i].function();
    return 0;
}

/* ---- What is told ---- */

static struct {
    struct record_death death; /* the last one's numbers */
    unsigned count;
} seen;

static void see(void *unused, enum record_type type, const void *record)
{
    (void)unused;
    if (type != RECORD_DEATH)
        return;
    seen.death = *(const struct record_death *)record;
    seen.count++;
}

static mproc_pool *make_pool(int crash_reports)
{
    mproc_pool *pool;
    int code = mproc_pool_create(
        &pool, &(mproc_pool_options){ .workers = 1, .max_restarts = 1000, .crash_reports = crash_reports });
    if (code == MPROC_E_NOT_SUPPORTED)
        test_skip("stacks cannot be walked here: %s", mproc_last_error());
    CHECK_OK(code);
    return pool;
}

/* A second record of the same death says who came in the worker's place. */
static void run(mproc_pool *pool, mproc_task_fn *function, mproc_view argument)
{
    seen.count = 0;
    CHECK_CODE(mproc_pool_apply(pool, function, argument, NULL, NULL, 0, NULL), MPROC_E_WORKER_DIED);
    mproc__observe(0, see, NULL);
    CHECK(seen.count > 0);
}

static void check_address(const struct death *death)
{
    bool is_any = death->fault == RECORD_FAULT_STACK;
    CHECK_EQ(seen.death.fault, death->fault);
    CHECK_EQ(seen.death.access, is_any ? seen.death.access : death->access);
    if (!is_any)
        CHECK_EQ((int64_t)seen.death.address, atomic_load(&test_board()[2]));
}

/* With the address in the place of an @. */
static const char *words_of(const struct death *death, uint64_t address, char ret_words[WORDS_MAX])
{
    const char *at = strchr(death->words, '@');
    if (at == NULL)
        return death->words;
    snprintf(ret_words, WORDS_MAX, "%.*s0x%" PRIx64 "%s", (int)(at - death->words), death->words, address, at + 1);
    return ret_words;
}

static void check(const char *name)
{
    char expected[WORDS_MAX];
    mproc_pool *pool = make_pool(1);
    for (size_t i = 0; i < TEST_COUNT(deaths); i++) {
        if (strcmp(deaths[i].name, name) != 0)
            continue;
        run(pool, die, (mproc_view){ name, strlen(name) + 1 });
        check_address(&deaths[i]);
        CHECK_STR(words_fault(&seen.death).text, words_of(&deaths[i], seen.death.address, expected));
    }
    mproc_pool_free(pool);
}

/* ---- Deaths ---- */

static void a_null_pointer_is_read_written_and_called(void)
{
    check("read NULL");
    check("write NULL");
    check("call NULL");
}

static void memory_that_is_there_no_more(void)
{
    check("gone");
}

static void memory_that_may_not_be_used_in_this_way(void)
{
    check("constant");
    check("data");
    check("no leave");
}

static void a_stack_that_overflowed(void)
{
    check("overflow");
}

static void an_address_that_cannot_be(void)
{
    check("cannot be");
}

static void a_file_that_was_cut(void)
{
    check("file");
}

static void what_is_not_aligned_and_what_is_not_known(void)
{
    check("unaligned");
    check("else");
}

static void who_aborts_has_tried_no_address(void)
{
    check("abort");
}

static void who_is_sent_a_signal_has_tried_no_address(void)
{
    check("raise");
}

static void without_crash_reports_nothing_is_told(void)
{
    mproc_pool *pool = make_pool(0);
    run(pool, die, MPROC_ARG_STRING("read NULL"));
    CHECK_EQ(seen.death.fault, RECORD_FAULT_NONE);
    CHECK_EQ(seen.death.address, 0);
    CHECK_STR(words_fault(&seen.death).text, "");
    mproc_pool_free(pool);
}

/* ---- A record that is not to be believed ---- */

#define BOOT_MAGIC 0x746f6f62636f7270u
/* By which segments may be mapped; what is between may not be there on Windows. */
#define STEP ((uintptr_t)(test_is_windows() ? 0x10000 : 0x1000))

struct lie {
    platform_fault fault;
    char rest[500]; /* large enough to lie in the stream, and so in the segment */
};

/* A worker that writes its record itself, and ends in the way that it says. */
static int lie(mproc_task *task)
{
    const struct lie *argument = mproc_task_get_argument(task).data;
    const struct child_boot *boot = (const void *)((uintptr_t)argument & ~(STEP - 1));
    while (boot->magic != BOOT_MAGIC)
        boot = (const void *)((uintptr_t)boot - STEP);
    platform_crash *crash = crash_in(boot);
    crash->number = 9;
    crash->pid = os_self_pid();
    crash->frame_count = 1;
    crash->fault = argument->fault;
    atomic_store(&crash->state, PLATFORM_CRASH_DONE);
    if (test_is_windows())
        os_exit_now(9);
    os_kill(os_self_pid());
    return 0;
}

static void check_lie(uint32_t kind, uint32_t access, uint8_t fault_told, uint8_t access_told, uint64_t address_told)
{
    struct lie argument = { .fault = { 0x1234, kind, access } };
    mproc_pool *pool = make_pool(1);
    run(pool, lie, MPROC_ARG(argument));
    CHECK_EQ(seen.death.fault, fault_told);
    CHECK_EQ(seen.death.access, access_told);
    CHECK_EQ(seen.death.address, address_told);
    mproc_pool_free(pool);
}

static void numbers_that_cannot_be_are_not_passed_on(void)
{
    check_lie(2, 1, 2, 1, 0x1234);
    check_lie(6, 3, 6, 3, 0x1234);
    check_lie(6, 4, 6, 0, 0x1234);
    check_lie(257, 257, 0, 0, 0);
    check_lie(7, 1, 0, 0, 0);
    check_lie(0, 1, 0, 0, 0);
}

static void a_monitor_has_no_words_for_what_it_does_not_know(void)
{
    struct record_death death = { .fault = 200, .access = 1, .address = 8 };
    CHECK_STR(words_fault(&death).text, "");
    death.fault = RECORD_FAULT_NO_MEMORY;
    death.access = 200;
    death.address = UINT64_MAX;
    CHECK_STR(words_fault(&death).text, "It used address 0xffffffffffffffff, which is no memory of this process.");
    death.fault = RECORD_FAULT_FORBIDDEN;
    CHECK_STR(words_fault(&death).text, "It used address 0xffffffffffffffff, which may not be used in this way.");
    death.fault = RECORD_FAULT_NO_MEMORY;
    death.address = 4096;
    CHECK_STR(words_fault(&death).text, "It used address 0x1000, which is no memory of this process.");
}

#define FAULTS TEST_NO_SANITIZER

static const struct test tests[] = {
    TEST_WITH(a_null_pointer_is_read_written_and_called, FAULTS, 60),
    TEST_WITH(memory_that_is_there_no_more, FAULTS, 0),
    TEST_WITH(memory_that_may_not_be_used_in_this_way, FAULTS, 60),
    TEST_WITH(a_stack_that_overflowed, FAULTS, 0),
    TEST_WITH(an_address_that_cannot_be, FAULTS, 0),
    TEST_WITH(a_file_that_was_cut, FAULTS | TEST_POSIX_ONLY, 0),
    TEST_WITH(what_is_not_aligned_and_what_is_not_known, FAULTS | TEST_POSIX_ONLY, 0),
    TEST(who_aborts_has_tried_no_address),
    TEST_WITH(who_is_sent_a_signal_has_tried_no_address, FAULTS, 0),
    TEST(without_crash_reports_nothing_is_told),
    TEST_WITH(numbers_that_cannot_be_are_not_passed_on, 0, 60),
    TEST_WITH(a_monitor_has_no_words_for_what_it_does_not_know, TEST_ONCE, 0),
};

TEST_MAIN_PLAIN(tests)
