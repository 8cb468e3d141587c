/* cpu.c: how many CPUs this process may use.
 */
#include "internal.h"

static int bits_in(DWORD_PTR mask)
{
    return __builtin_popcountll((unsigned long long)mask);
}

/** CPUs of the affinity mask. A process whose threads lie in several processor groups has no mask that says so: it may
 * use all CPUs. */
static int affinity_cpus(void)
{
    USHORT groups[64], group_count = 64;
    int all = (int)GetActiveProcessorCount(ALL_PROCESSOR_GROUPS);
    if (GetProcessGroupAffinity(GetCurrentProcess(), &group_count, groups) && group_count > 1)
        return all;
    DWORD_PTR process_mask = 0, system_mask = 0;
    if (!GetProcessAffinityMask(GetCurrentProcess(), &process_mask, &system_mask) || process_mask == 0)
        return all;
    return bits_in(process_mask);
}

/** The hard limit of the job's CPU rate in 1/10000 of all CPUs, or 10000. Only the innermost job of this process can be
 * asked; a tighter limit of an outer one goes unseen. */
static DWORD job_cpu_rate(void)
{
    JOBOBJECT_CPU_RATE_CONTROL_INFORMATION rate = { 0 };
    if (!QueryInformationJobObject(NULL, JobObjectCpuRateControlInformation, &rate, sizeof rate, NULL) ||
        !(rate.ControlFlags & JOB_OBJECT_CPU_RATE_CONTROL_ENABLE))
        return 10000;
    /* The maximum of a minimum-maximum pair is a hard limit; the headers name neither flag nor member. It lies in the
     * upper half of the same word. */
    const DWORD min_max_flag = 0x10;
    if (rate.ControlFlags & min_max_flag)
        return rate.CpuRate >> 16;
    return rate.ControlFlags & JOB_OBJECT_CPU_RATE_CONTROL_HARD_CAP ? rate.CpuRate : 10000;
}

int platform_cpu_count(void)
{
    int cpus = affinity_cpus();
    uint64_t rate = job_cpu_rate();
    if (rate > 0 && rate < 10000) {
        uint64_t all = GetActiveProcessorCount(ALL_PROCESSOR_GROUPS);
        int allowed = (int)((all * rate + 9999) / 10000);
        if (allowed < cpus)
            cpus = allowed;
    }
    return cpus < 1 ? 1 : cpus;
}
