#include "pool/worker_account.h"
#include "platform.h"
#include <stdio.h>
#include <string.h>

void mproc__worker_account_begin(struct worker_account *account, int64_t begun)
{
    account->lives++;
    account->begun = begun;
    account->tasks_before = account->tasks;
    account->ready = account->start_ns = account->init_ns = 0;
}

/* What a worker has written is believed as far as it can be. */
static int64_t between(int64_t least, int64_t ticks, int64_t most)
{
    return ticks < least ? least : ticks > most ? most : ticks;
}

void mproc__worker_account_ready(struct worker_account *account, int64_t ready, int64_t init_ticks)
{
    account->ready = between(account->begun, ready, platform_ticks());
    int64_t start_ticks = account->ready - account->begun;
    account->start_ns = platform_ticks_ns(start_ticks);
    account->init_ns = platform_ticks_ns(between(0, init_ticks, start_ticks));
}

static int64_t age_ns(const struct worker_account *account, int64_t now)
{
    return account->ready > 0 && now > account->ready ? platform_ticks_ns(now - account->ready) : 0;
}

int64_t mproc__worker_account_age(const struct worker_account *account)
{
    return age_ns(account, platform_ticks());
}

void mproc__worker_account_end(struct worker_account *account, int64_t exit_code, const char *text)
{
    account->ready_ns += mproc__worker_account_age(account);
    account->ready = account->start_ns = account->init_ns = 0;
    account->exit_code = exit_code;
    snprintf(account->end, sizeof account->end, "%s", text);
}

void mproc__worker_account_read(const struct worker_account *account, int64_t now, int64_t running_ns,
                                mproc_worker_stats *ret_stats)
{
    int64_t age = age_ns(account, now), waited = account->ready_ns + age - account->busy_ns - running_ns;
    ret_stats->lives = account->lives;
    ret_stats->start_ns = account->start_ns;
    ret_stats->init_ns = account->init_ns;
    ret_stats->age_ns = age;
    ret_stats->tasks = account->tasks;
    ret_stats->chunks = account->chunks;
    ret_stats->busy_ns = (uint64_t)account->busy_ns;
    ret_stats->waited_ns = waited > 0 ? waited : 0;
    ret_stats->exit_code = account->exit_code;
    memcpy(ret_stats->end, account->end, sizeof ret_stats->end);
}
