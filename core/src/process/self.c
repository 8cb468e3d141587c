/* The identity of this process, and those that it gives to others. One lock guards all of them, because a child takes
 * over what its parent is called and knows at the moment of its start. */
#include "process/self.h"
#include "base/error.h"
#include "process/boot_layout.h"
#include "process/plan.h"
#include <mproc/init.h>
#include <stdio.h>
#include <string.h>

struct identity mproc__self_identity = { .name = "MainProcess" };
struct identity mproc__parent_identity;

static platform_mutex lock = PLATFORM_MUTEX_INIT;
static unsigned created_count; /* process objects and pool workers of this process, for lineage */
static bool daemon;
static platform_identity parent; /* pid 0: none */

/* ---- Names and keys ---- */

void mproc__identity_set_name(struct identity *identity, const char *name)
{
    platform_mutex_lock(&lock);
    /* Not in place: a name may be given that was taken from the object. */
    char text[sizeof identity->name];
    snprintf(text, sizeof text, "%s", name);
    memcpy(identity->name, text, sizeof text);
    platform_mutex_unlock(&lock);
}

int mproc__identity_set_authkey(struct identity *identity, const void *key, size_t size)
{
    if (size < 1 || size > CHILD_AUTHKEY_MAX)
        return mproc__error(size < 1 ? MPROC_E_INVALID : MPROC_E_LIMIT, "a key of %zu bytes; 1 to %d", size,
                            CHILD_AUTHKEY_MAX);
    platform_mutex_lock(&lock);
    memcpy(identity->authkey, key, size);
    identity->authkey_size = size;
    platform_mutex_unlock(&lock);
    return 0;
}

static int make_authkey_locked(void)
{
    int code = mproc__self_identity.authkey_size > 0 ? 0 : platform_random(mproc__self_identity.authkey, 32);
    if (code < 0)
        return mproc__error_platform(code, "making the family's key");
    if (mproc__self_identity.authkey_size == 0)
        mproc__self_identity.authkey_size = 32;
    return 0;
}

int mproc__identity_authkey(struct identity *identity, mproc_view *ret_key)
{
    platform_mutex_lock(&lock);
    int code = identity == &mproc__self_identity ? make_authkey_locked() : 0;
    if (code == 0)
        *ret_key = (mproc_view){ identity->authkey, identity->authkey_size };
    platform_mutex_unlock(&lock);
    return code;
}

/* ---- This process ---- */

bool mproc__self_is_daemon(void)
{
    return daemon;
}

int64_t mproc__parent_pid(void)
{
    return parent.pid;
}

int mproc__parent_wait(int64_t deadline_ns)
{
    int code = platform_identity_wait(&parent, deadline_ns);
    return code < 0 ? mproc__error_platform(code, "waiting for the parent") : code;
}

int mproc_get_cpu_count(void)
{
    platform_setup();
    return platform_cpu_count();
}

/* ---- Those it starts ---- */

static int next_lineage_locked(char ret_lineage[CHILD_NAME_MAX])
{
    char lineage[CHILD_NAME_MAX];
    const char *own = mproc__self_identity.lineage;
    int size = snprintf(lineage, sizeof lineage, "%s%s%u", own, own[0] != 0 ? ":" : "", created_count + 1);
    if ((size_t)size + sizeof "Process-" > sizeof lineage)
        return mproc__error(MPROC_E_LIMIT, "processes within processes: the lineage %s is too long", lineage);
    created_count++;
    memcpy(ret_lineage, lineage, sizeof lineage);
    return 0;
}

/* next_lineage_locked has left room for the prefix. */
static void name_by_lineage(char ret_name[CHILD_NAME_MAX], const char *lineage)
{
    snprintf(ret_name, CHILD_NAME_MAX, "Process-%.*s", (int)(CHILD_NAME_MAX - sizeof "Process-"), lineage);
}

/* Lineage counts every process, as in the reference, also one that has a name of its own. */
int mproc__self_identify(struct identity *ret_identity, const char *name)
{
    platform_mutex_lock(&lock);
    int code = make_authkey_locked();
    if (code == 0)
        code = next_lineage_locked(ret_identity->lineage);
    memcpy(ret_identity->authkey, mproc__self_identity.authkey, sizeof ret_identity->authkey);
    ret_identity->authkey_size = mproc__self_identity.authkey_size;
    platform_mutex_unlock(&lock);
    if (code == 0 && name != NULL)
        mproc__identity_set_name(ret_identity, name);
    else if (code == 0)
        name_by_lineage(ret_identity->name, ret_identity->lineage);
    return code;
}

int mproc__self_describe(const struct child_plan *plan, struct child_boot *boot)
{
    int code = 0;
    const struct identity *self = &mproc__self_identity;
    platform_mutex_lock(&lock);
    if (plan->lineage != NULL)
        snprintf(boot->lineage, sizeof boot->lineage, "%s", plan->lineage);
    else
        code = next_lineage_locked(boot->lineage);
    if (code == 0)
        code = make_authkey_locked();
    boot->authkey_size = (uint32_t)(plan->authkey != NULL ? plan->authkey_size : self->authkey_size);
    memcpy(boot->authkey, plan->authkey != NULL ? plan->authkey : self->authkey, boot->authkey_size);
    memcpy(boot->parent_name, self->name, sizeof boot->parent_name);
    platform_mutex_unlock(&lock);
    if (plan->name != NULL)
        snprintf(boot->name, sizeof boot->name, "%s", plan->name);
    else
        name_by_lineage(boot->name, boot->lineage);
    return code;
}

void mproc__self_adopt(const struct child_boot *boot)
{
    struct identity *self = &mproc__self_identity;
    platform_mutex_init(&lock);
    created_count = 0;
    daemon = boot->daemon;
    *self = (struct identity){ .authkey_size = boot->authkey_size };
    memcpy(self->authkey, boot->authkey, sizeof self->authkey);
    memcpy(self->name, boot->name, sizeof self->name);
    memcpy(self->lineage, boot->lineage, sizeof self->lineage);
    memcpy(mproc__parent_identity.name, boot->parent_name, sizeof boot->parent_name);
    parent = boot->parent;
}
