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

struct choice {
    char prefix[PLATFORM_NAMED_MAX + 1], name[PLATFORM_NAMED_MAX + 1];
};

/* Has a name chosen, tells it, and ends without freeing it. */
static int child_choose(const struct port_child_context *context)
{
    platform_handle told, segment;
    void *address;
    size_t size;
    CHECK_OK(platform_named_open(context->argument, &told));
    CHECK_OK(platform_named_map(told, &address, &size));
    struct choice *choice = address;
    CHECK_OK(platform_named_create_chosen(choice->prefix, 10, choice->name, &segment));
    return 0;
}

static bool is_there(const char *name)
{
    platform_handle segment;
    int code = platform_named_open(name, &segment);
    if (code == 0)
        platform_handle_close(segment);
    else
        CHECK_EQ(code, MPROC_E_NOT_FOUND);
    return code == 0;
}

/* Who ended without unlinking leaves at most a name, which a sweep frees. What somebody has stays, and so does what was
 * not chosen, whatever its name. */
static void left_names_are_swept(void)
{
    platform_handle kept, told, given;
    char kept_name[PLATFORM_NAMED_MAX + 1], given_name[PLATFORM_NAMED_MAX + 2];
    void *address;
    size_t size;
    CHECK_OK(platform_named_create(name_of("told"), sizeof(struct choice), &told));
    CHECK_OK(platform_named_map(told, &address, &size));
    struct choice *choice = address;
    snprintf(choice->prefix, sizeof choice->prefix, "%s", name_of("c"));
    CHECK_OK(platform_named_create_chosen(choice->prefix, 10, kept_name, &kept));
    snprintf(given_name, sizeof given_name, "%s0", kept_name);
    CHECK_OK(platform_named_create(given_name, 10, &given));
    platform_handle_close(given);
    port_finish_code(port_spawn("choose", name_of("told"), NULL, 0), 0);
    platform_named_sweep(choice->prefix);
    CHECK(!is_there(choice->name));
    CHECK(is_there(kept_name));
    CHECK(is_there(given_name) || PORT_IS_WINDOWS);
    platform_handle_close(kept);
    platform_named_sweep(choice->prefix);
    CHECK(!is_there(kept_name));
    platform_named_unlink(given_name);
    platform_segment_unmap(address, size);
    CHECK_OK(platform_named_unlink(name_of("told")));
    platform_handle_close(told);
}

static const struct port_test tests[] = { TEST(is_found_by_name), TEST(is_found_by_others),
                                          TEST(left_names_are_swept) };
static const struct port_child children[] = { CHILD(child_read), CHILD(child_choose), { NULL, NULL } };
PORT_MAIN(tests, children)
