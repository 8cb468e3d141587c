/* Named segments. */
#include "port_test.h"

/* This program's and nobody else's. */
static const char *name_of(const char *end)
{
    static char name[PLATFORM_NAMED_MAX + 1];
    snprintf(name, sizeof name, "mproc-port-%" PRId64 "-%s", platform_self_pid(), end);
    return name;
}

static void is_found_by_name(void)
{
    platform_handle mine, other;
    void *here, *there;
    size_t size;
    CHECK_OK(platform_named_create(name_of("a"), 100000, &mine));
    CHECK_EQ(platform_named_create(name_of("a"), 10, &other), MPROC_E_EXISTS);
    CHECK_OK(platform_named_open(name_of("a"), &other));
    CHECK_OK(platform_named_map(mine, &here, &size));
    CHECK(size >= 100000);
    CHECK_OK(platform_named_map(other, &there, &size));
    CHECK_EQ(*(char *)there, 0);
    strcpy(here, "hello");
    CHECK(strcmp(there, "hello") == 0);
    platform_segment_unmap(here, size);
    platform_segment_unmap(there, size);
    CHECK_OK(platform_named_unlink(name_of("a")));
    platform_handle_close(mine);
    platform_handle_close(other);
    CHECK_EQ(platform_named_open(name_of("a"), &other), MPROC_E_NOT_FOUND);
}

static int child_read(const struct port_child_context *context)
{
    platform_handle segment;
    void *address;
    size_t size;
    CHECK_OK(platform_named_open(context->argument, &segment));
    CHECK_OK(platform_named_map(segment, &address, &size));
    return *(unsigned char *)address;
}

static void is_found_by_others(void)
{
    platform_handle segment;
    void *address;
    size_t size;
    CHECK_OK(platform_named_create(name_of("b"), 10, &segment));
    CHECK_OK(platform_named_map(segment, &address, &size));
    *(unsigned char *)address = 77;
    port_finish_code(port_spawn("read", name_of("b"), NULL, 0), 77);
    platform_segment_unmap(address, size);
    CHECK_OK(platform_named_unlink(name_of("b")));
    platform_handle_close(segment);
}

static int child_make(const struct port_child_context *context)
{
    platform_handle segment;
    CHECK_OK(platform_named_create(context->argument, 10, &segment));
    return 0;
}

/* Who ended without unlinking leaves at most a name, which a sweep frees. A segment that somebody has stays. */
static void left_names_are_swept(void)
{
    platform_handle kept, left;
    char prefix[PLATFORM_NAMED_MAX + 1];
    snprintf(prefix, sizeof prefix, "%s", name_of("c"));
    CHECK_OK(platform_named_create(name_of("c1"), 10, &kept));
    port_finish_code(port_spawn("make", name_of("c2"), NULL, 0), 0);
    platform_named_sweep(prefix);
    CHECK_EQ(platform_named_open(name_of("c2"), &left), MPROC_E_NOT_FOUND);
    CHECK_OK(platform_named_open(name_of("c1"), &left));
    platform_handle_close(left);
    platform_handle_close(kept);
    platform_named_sweep(prefix);
    CHECK_EQ(platform_named_open(name_of("c1"), &left), MPROC_E_NOT_FOUND);
}

static const struct port_test tests[] = { TEST(is_found_by_name), TEST(is_found_by_others),
                                          TEST(left_names_are_swept) };
static const struct port_child children[] = { CHILD(child_read), CHILD(child_make), { NULL, NULL } };
PORT_MAIN(tests, children)
