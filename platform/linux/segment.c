/* Shared memory: anonymous segments of a fixed size, of which memory is taken piece by piece. */
#define _GNU_SOURCE
#include "linux/segment.h"
#include "linux/proc.h"
#include "unix/calls.h"
#include "unix/error.h"
#include "unix/handle.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

static int make_memfd(void)
{
    const unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    /* Linux 6.3 wants to be told that the memory is not for code, and can be set up to refuse it otherwise; older
     * kernels do not know the flag. */
    int fd = platform_calls.memfd_create("mproc", flags | MFD_NOEXEC_SEAL);
    if (fd < 0 && errno == EINVAL)
        fd = platform_calls.memfd_create("mproc", flags);
    return fd;
}

/* Above RLIMIT_FSIZE, ftruncate would not only fail but send SIGXFSZ, which ends the program. */
int platform__segment_check_size(size_t limit)
{
    struct rlimit allowed;
    if (limit > INT64_MAX || (uint64_t)(off_t)limit != limit)
        return platform__fail_text(MPROC_E_LIMIT, "a segment of %zu bytes is too large for this system", limit);
    if (getrlimit(RLIMIT_FSIZE, &allowed) == 0 && allowed.rlim_cur != RLIM_INFINITY && limit > allowed.rlim_cur) {
        return platform__fail_text(MPROC_E_LIMIT, "a segment of %zu bytes exceeds the file size limit of %llu", limit,
                                   (unsigned long long)allowed.rlim_cur);
    }
    return 0;
}

static size_t at_most(size_t size, int resource, unsigned part)
{
    struct rlimit allowed;
    if (getrlimit(resource, &allowed) == 0 && allowed.rlim_cur != RLIM_INFINITY && allowed.rlim_cur / part < size)
        return (size_t)(allowed.rlim_cur / part);
    return size;
}

size_t platform_segment_default(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    uint64_t half = pages > 0 && page > 0 ? (uint64_t)pages * (uint64_t)page / 2 : SIZE_MAX;
    size_t size = half < SIZE_MAX ? (size_t)half : SIZE_MAX;
    /* Of the address space the program wants some for itself. */
    return at_most(at_most(size, RLIMIT_FSIZE, 1), RLIMIT_AS, 8);
}

size_t platform_segment_granularity(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

int platform_segment_create(size_t limit, platform_handle *ret_segment)
{
    int code = platform__segment_check_size(limit);
    if (code < 0)
        return code;
    bool locked = platform__descriptors_lock();
    int fd = platform__adopt_unlock(locked, make_memfd());
    if (fd < 0)
        return platform__fail(MPROC_E_OS, "memfd_create");
    if (platform_calls.ftruncate(fd, (off_t)limit) < 0)
        code = platform__fail(errno == EFBIG || errno == EINVAL ? MPROC_E_LIMIT : MPROC_E_OS, "ftruncate");
    else if (platform_calls.fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
        code = platform__fail(MPROC_E_OS, "sealing a segment");
    if (code < 0) {
        platform_handle_close(fd);
        return code;
    }
    *ret_segment = fd;
    return 0;
}

int platform_segment_map(platform_handle segment, size_t offset, size_t length, void **ret_address)
{
    void *address = platform_calls.mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, (int)segment,
                                        (off_t)offset);
    if (address == MAP_FAILED)
        return platform__fail(errno == ENOMEM ? MPROC_E_NO_MEMORY : MPROC_E_OS, "mmap");
    /* A child that inherited the mapping by the user's own fork could write into the family's memory. */
    if (platform_calls.madvise(address, length, MADV_DONTFORK) < 0) {
        platform__fail(MPROC_E_OS, "madvise");
        munmap(address, length);
        return MPROC_E_OS;
    }
    /* A failure would only make a core file larger. */
    platform_calls.madvise(address, length, MADV_DONTDUMP);
    *ret_address = address;
    return 0;
}

void platform_segment_unmap(void *address, size_t length)
{
    munmap(address, length);
}

/* fallocate on shared memory undoes all it did when a signal arrives, so that under a profiling timer a long one would
 * never end. Once interrupted it is repeated with the signals held back. SIGKILL still ends it. */
static int allocate(int fd, int mode, size_t offset, size_t length)
{
    if (platform_calls.fallocate(fd, mode, (off_t)offset, (off_t)length) == 0)
        return 0;
    if (errno != EINTR)
        return -1;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int result;
    do {
        result = platform_calls.fallocate(fd, mode, (off_t)offset, (off_t)length);
    } while (result < 0 && errno == EINTR);
    int error_number = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = error_number;
    return result;
}

/* For a kernel without fallocate on shared memory. Populating (Linux 5.14) reports a lack of memory; touching, the last
 * resort, would be answered by SIGBUS. Adding zero leaves what is there, and another process's writes, alone. */
static int populate(void *address, size_t length)
{
    if (platform_calls.madvise(address, length, MADV_POPULATE_WRITE) == 0)
        return 0;
    if (errno != EINVAL)
        return platform__fail(MPROC_E_LIMIT, "backing shared memory");
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    for (size_t at = 0; at < length; at += page) {
        /* Relaxed: nothing is published, the access is for its page fault. */
        atomic_fetch_add_explicit((_Atomic unsigned char *)((char *)address + at), 0, memory_order_relaxed);
    }
    return 0;
}

/* The check is made once for so many bytes, because for a few it would cost more than the memory itself. */
#define CHECK_EVERY ((size_t)1 << 20)

static atomic_size_t unchecked;

/* Relaxed: two threads that both find the sum reached, or both find it a little short, do no harm. */
static bool is_check_due(size_t length)
{
    if (length < CHECK_EVERY &&
        atomic_fetch_add_explicit(&unchecked, length, memory_order_relaxed) + length < CHECK_EVERY)
        return false;
    atomic_store_explicit(&unchecked, 0, memory_order_relaxed);
    return true;
}

static uint64_t meminfo_bytes(const char *text, const char *name)
{
    const char *line = strstr(text, name);
    return line ? (uint64_t)strtoull(line + strlen(name), NULL, 10) * 1024 : 0;
}

/* Anonymous shared memory has no size limit of its own: asked for more than there is, the kernel does not refuse but
 * kills processes, perhaps not ours. So what is not there is not asked for. Two that ask at the same moment can still
 * both be let through, and the limit of a memory control group is not looked at. */
static bool is_available(size_t length)
{
    char text[4096];
    if (!is_check_due(length) || platform__proc_read("/proc/meminfo", text, sizeof text) <= 0)
        return true;
    uint64_t available = meminfo_bytes(text, "\nMemAvailable:");
    if (available == 0)
        return true;
    uint64_t usable = available - available / 16 + meminfo_bytes(text, "\nSwapFree:");
    if (length > usable) {
        platform__fail_text(MPROC_E_LIMIT, "%zu bytes of shared memory were asked for, %llu are available", length,
                            (unsigned long long)usable);
        return false;
    }
    return true;
}

int platform_segment_commit(platform_handle segment, void *address, size_t offset, size_t length)
{
    if (!is_available(length))
        return MPROC_E_LIMIT;
    if (length == 0 || allocate((int)segment, 0, offset, length) == 0)
        return 0;
    if (address && (errno == EOPNOTSUPP || errno == ENOSYS))
        return populate(address, length);
    bool lack = errno == ENOSPC || errno == ENOMEM || errno == EFBIG || errno == EDQUOT;
    return platform__fail(lack ? MPROC_E_LIMIT : MPROC_E_OS, "fallocate");
}

int platform_segment_decommit(platform_handle segment, size_t offset, size_t length)
{
    if (allocate((int)segment, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length) == 0)
        return 0;
    bool lacking = errno == EOPNOTSUPP || errno == ENOSYS;
    return platform__fail(lacking ? MPROC_E_NOT_SUPPORTED : MPROC_E_OS, "fallocate");
}
