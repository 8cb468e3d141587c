/* word.c: sleeping on a word of shared memory, where the system knows only semaphores.
 *
 * The words of a family have semaphores named "w-KEY" in an NT object directory without a name, to which only the
 * family's processes have a handle. A semaphore comes into being when the first sleeper or waker opens it, and goes
 * with its last handle. A process keeps the handles of words in use, and closes one that nobody has used for a while:
 * words die, and nobody says so.
 *
 * The protocol. A sleeper opens the semaphore, adds itself to word->waiters, compares the value once more, and waits
 * for a token. A waker, after it changed the value, takes up to count announcements out of word->waiters and posts as
 * many tokens. The sum that matters is
 *
 *     announcements + tokens (posted, or about to be by a waker)  >=  sleepers.
 *
 * To announce adds one to both sides; to wake moves from announcement to token; to take a token, and to withdraw an
 * announcement, takes one from both sides. A sleeper that wants to withdraw and finds no announcement left has been
 * given a token that it does not take: a spare one, which makes one later sleep end for no reason, once. The same goes
 * for a sleeper that was killed while announced: its announcement makes a later waker post a spare token. Tokens carry
 * no name, so a late sleeper may take one that was meant for an earlier one; the earlier one then has the late one's
 * announcement.
 *
 * Only a waker killed between taking announcements and posting breaks the inequality. So all sleep is sliced, and a
 * sleeper compares the value after each slice: it had been changed before, so it sees that. Were it changed back by
 * then, a word with sleepers and no announcement would be left; a sleeper that finds none after a slice announces
 * itself anew.
 *
 * The death word is looked at in slices as well. It has many sleepers who all must hear of it, and a second semaphore
 * per sleeper would mean a second announcement to keep true; a look every 20 ms has no states at all.
 *
 * Thread safety: everything here may be called by any thread at any time.
 */
#include "internal.h"

#include <stdio.h>

#define SLICE_MS       50
#define DEATH_SLICE_MS 20

/* ---- The semaphores of this process ---- */

static _Atomic platform_handle wait_scope;

struct semaphore {
    uint64_t key;
    HANDLE handle;
    unsigned users; /**< threads that wait on it or post to it now */
    bool recent;    /**< used since the last sweep */
    struct semaphore *next;
};

#define BUCKETS 256

/* A semaphore is closed when it has not been used for one to two of these periods, or sooner when there are many. */
#define SWEEP_PERIOD_MS 250
#define FIRST_SWEEP_AT  1024

static struct {
    SRWLOCK lock;
    size_t count, sweep_at;
    PTP_TIMER timer;   /**< made with the scope */
    bool timer_is_set; /**< it is, whenever a semaphore is open that nobody uses */
    struct semaphore *buckets[BUCKETS];
} semaphores = { .lock = SRWLOCK_INIT, .sweep_at = FIRST_SWEEP_AT };

static HANDLE semaphore_open(uint64_t key)
{
    platform_handle scope = atomic_load_explicit(&wait_scope, memory_order_acquire);
    if (!platform__is_handle(scope))
        return NULL;
    wchar_t name[24];
    swprintf(name, sizeof name / sizeof *name, L"w-%016llx", (unsigned long long)key);
    UNICODE_STRING text;
    RtlInitUnicodeString(&text, name);
    OBJECT_ATTRIBUTES attributes;
    InitializeObjectAttributes(&attributes, &text, OBJ_OPENIF, (HANDLE)scope, NULL);
    HANDLE handle;
    /* Access: to wait and to post. */
    NTSTATUS status = CALL(NtCreateSemaphore, &handle, SYNCHRONIZE | 0x2, &attributes, 0, 0x7FFFFFFF);
    return status < 0 ? NULL : handle;
}

/** Closes the bucket's semaphores that nobody uses and nobody has used since the sweep before. Returns how many it
 * leaves that nobody uses. */
static size_t sweep_bucket(struct semaphore **link)
{
    size_t idle = 0;
    while (*link != NULL) {
        struct semaphore *semaphore = *link;
        if (semaphore->users > 0 || semaphore->recent) {
            idle += semaphore->users == 0;
            semaphore->recent = false;
            link = &semaphore->next;
            continue;
        }
        *link = semaphore->next;
        CloseHandle(semaphore->handle);
        free(semaphore);
        semaphores.count--;
    }
    return idle;
}

/** The next sweep out of turn is due at twice what is left, so that sweeping costs a constant per semaphore opened. */
static size_t sweep(void)
{
    size_t idle = 0;
    for (size_t i = 0; i < BUCKETS; i++)
        idle += sweep_bucket(&semaphores.buckets[i]);
    semaphores.sweep_at = semaphores.count * 2 > FIRST_SWEEP_AT ? semaphores.count * 2 : FIRST_SWEEP_AT;
    return idle;
}

static void timer_set(void)
{
    /* Negative: from now, in units of 100 ns. */
    ULARGE_INTEGER due = { .QuadPart = (ULONGLONG) - (LONGLONG)SWEEP_PERIOD_MS * 10000 };
    FILETIME due_time = { due.LowPart, due.HighPart };
    SetThreadpoolTimer(semaphores.timer, &due_time, 0, SWEEP_PERIOD_MS / 2);
    semaphores.timer_is_set = true;
}

static void CALLBACK timer_fires(PTP_CALLBACK_INSTANCE instance, void *context, PTP_TIMER timer)
{
    (void)instance, (void)context, (void)timer;
    AcquireSRWLockExclusive(&semaphores.lock);
    semaphores.timer_is_set = false;
    /* With nothing left to close it stays off: a process at rest is not woken. */
    if (sweep() > 0)
        timer_set();
    ReleaseSRWLockExclusive(&semaphores.lock);
}

static struct semaphore *semaphore_insert(struct semaphore **bucket, uint64_t key)
{
    if (semaphores.count >= semaphores.sweep_at)
        sweep();
    struct semaphore *semaphore = CALL(malloc, sizeof *semaphore);
    if (semaphore == NULL)
        return NULL;
    *semaphore = (struct semaphore){ .key = key, .handle = semaphore_open(key), .next = *bucket };
    if (semaphore->handle == NULL) {
        free(semaphore);
        return NULL;
    }
    semaphores.count++;
    *bucket = semaphore;
    return semaphore;
}

/** The word's semaphore, not to be closed before semaphore_release. NULL without memory, handles or scope. */
static struct semaphore *semaphore_acquire(uint64_t key)
{
    /* Keys count up, mostly: their low bits spread best. */
    struct semaphore **bucket = &semaphores.buckets[key % BUCKETS];
    AcquireSRWLockExclusive(&semaphores.lock);
    struct semaphore *semaphore = *bucket;
    while (semaphore != NULL && semaphore->key != key)
        semaphore = semaphore->next;
    if (semaphore == NULL)
        semaphore = semaphore_insert(bucket, key);
    if (semaphore != NULL) {
        semaphore->users++;
        semaphore->recent = true;
    }
    ReleaseSRWLockExclusive(&semaphores.lock);
    return semaphore;
}

static void semaphore_release(struct semaphore *semaphore)
{
    AcquireSRWLockExclusive(&semaphores.lock);
    if (--semaphore->users == 0 && !semaphores.timer_is_set)
        timer_set();
    ReleaseSRWLockExclusive(&semaphores.lock);
}

/* ---- The scope ---- */

/** Before the scope: whoever finds the scope finds the timer. */
static int timer_create(void)
{
    TP_CALLBACK_ENVIRON environment;
    int code = platform__watcher_environment(&environment);
    if (code < 0)
        return code;
    semaphores.timer = CALL(CreateThreadpoolTimer, timer_fires, NULL, &environment);
    return semaphores.timer != NULL ? 0 : platform__fail(MPROC_E_OS, "CreateThreadpoolTimer");
}

/** Lets waits begin. Release pairs with the load in semaphore_open. */
static void scope_enter(HANDLE directory)
{
    atomic_store_explicit(&wait_scope, (platform_handle)directory, memory_order_release);
}

int platform_scope_create(platform_handle *ret_scope)
{
    int code = timer_create();
    if (code < 0)
        return code;
    OBJECT_ATTRIBUTES attributes;
    InitializeObjectAttributes(&attributes, NULL, 0, NULL, NULL);
    HANDLE directory;
    /* DIRECTORY_QUERY | DIRECTORY_TRAVERSE | DIRECTORY_CREATE_OBJECT */
    NTSTATUS status = CALL(NtCreateDirectoryObject, &directory, 0x7, &attributes);
    if (status < 0) {
        CloseThreadpoolTimer(semaphores.timer);
        return platform__fail_status(MPROC_E_OS, "NtCreateDirectoryObject", status);
    }
    scope_enter(directory);
    *ret_scope = (platform_handle)directory;
    return 0;
}

int platform_scope_join(platform_handle scope)
{
    if (!platform__is_handle(scope))
        return platform__fail_text(MPROC_E_INVALID, "the family's wait scope was not inherited");
    int code = timer_create();
    if (code < 0)
        return code;
    platform__handle_make_private(scope);
    scope_enter((HANDLE)scope);
    return 0;
}

/* ---- Waiting ---- */

struct condition {
    platform_word *word, *death;
    uint32_t expected, death_expected;
};

/** Sequentially consistent, after the announcement: a waker stores the value before it reads the announcements, so one
 * of the two sees the other. Pairs with the load in platform_wake. */
static bool has_changed(const struct condition *condition)
{
    return atomic_load(&condition->word->value) != condition->expected ||
           (condition->death != NULL && atomic_load(&condition->death->value) != condition->death_expected);
}

static void withdraw(platform_word *word)
{
    /* Relaxed: an announcement too many costs a spare token, and one too few cannot come of taking away what is
     * there. */
    uint32_t waiters = atomic_load_explicit(&word->waiters, memory_order_relaxed);
    while (waiters > 0 && !atomic_compare_exchange_weak_explicit(&word->waiters, &waiters, waiters - 1,
                                                                 memory_order_relaxed, memory_order_relaxed)) {
    }
}

/** After a slice: makes sure that this sleeper, or another in its stead, is announced. Sequentially consistent as the
 * first announcement: the value is compared after it. */
static void renew(platform_word *word)
{
    uint32_t none = 0;
    atomic_compare_exchange_strong(&word->waiters, &none, 1);
}

/** No semaphore is to be had: sleeps a little. Callers look again anyway. */
static int doze(int64_t deadline_ns)
{
    DWORD ms = platform__timeout_ms(deadline_ns, 5);
    Sleep(ms);
    return ms == 0 ? MPROC_E_TIMEOUT : 0;
}

/** Sleeps while announced. The announcement is gone, or stands for somebody else, when this returns. */
static int sleep_announced(const struct condition *condition, HANDLE semaphore, int64_t deadline_ns)
{
    const DWORD slice_ms = condition->death != NULL ? DEATH_SLICE_MS : SLICE_MS;
    int code = 0;
    while (!has_changed(condition)) {
        DWORD ms = platform__timeout_ms(deadline_ns, slice_ms);
        if (ms == 0) {
            code = MPROC_E_TIMEOUT;
            break;
        }
        DWORD waited = CALL(WaitForSingleObject, semaphore, ms);
        if (waited == WAIT_OBJECT_0)
            return 0;
        if (waited == WAIT_FAILED) {
            code = doze(deadline_ns);
            break;
        }
        renew(condition->word);
    }
    withdraw(condition->word);
    return code;
}

int platform_wait(platform_word *word, uint32_t expected, platform_word *death, uint32_t death_expected,
                  int64_t deadline_ns)
{
    struct condition condition = { word, death, expected, death_expected };
    if (has_changed(&condition))
        return 0;
    if (platform__timeout_ms(deadline_ns, 1) == 0)
        return MPROC_E_TIMEOUT;
    /* Opened before the announcement: the tokens posted for it go into a semaphore that lives. */
    struct semaphore *semaphore = semaphore_acquire(word->key);
    if (semaphore == NULL)
        return doze(deadline_ns);
    atomic_fetch_add(&word->waiters, 1);
    int code = sleep_announced(&condition, semaphore->handle, deadline_ns);
    semaphore_release(semaphore);
    return code;
}

static void post(uint64_t key, LONG tokens)
{
    struct semaphore *semaphore = semaphore_acquire(key);
    /* Without one the sleepers look again at the end of their slice. */
    if (semaphore == NULL)
        return;
    CALL(ReleaseSemaphore, semaphore->handle, tokens, NULL);
    semaphore_release(semaphore);
}

void platform_wake(platform_word *word, int count)
{
    /* Sequentially consistent: not to be read before the caller's store of the value. Pairs with has_changed. */
    uint32_t waiters = atomic_load(&word->waiters);
    while (waiters > 0 && count > 0) {
        uint32_t taken = waiters < (uint32_t)count ? waiters : (uint32_t)count;
        if (atomic_compare_exchange_weak(&word->waiters, &waiters, waiters - taken)) {
            post(word->key, (LONG)taken);
            return;
        }
    }
}
