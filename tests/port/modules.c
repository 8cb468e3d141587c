/* Code: which module an address lies in, and finding it again in another process. */
#include "port_test.h"

static int here(void)
{
    return 1;
}

static void the_program_is_a_module(void)
{
    platform_module module, found;
    CHECK(platform_module_of((const void *)(uintptr_t)here, &module));
    CHECK(module.key != 0);
    CHECK((uintptr_t)here - module.base < module.size);
    CHECK(strcmp(module.path, "") == 0);
    CHECK(platform_module_find(module.key, &found));
    CHECK_EQ(found.base, module.base);
    CHECK_EQ(found.key, module.key);
}

static void data_and_nonsense_are_no_code(void)
{
    static int data;
    platform_module module;
    int local = 0;
    CHECK(!platform_module_of(&local, &module));
    CHECK(!platform_module_of(NULL, &module));
    CHECK(!platform_module_of(&data, &module));
    CHECK(!platform_module_find(12345, &module));
    CHECK(!platform_module_find(0, &module));
}

/* A child finds the same code under the same key, wherever it is there. */
static int child_compare(const struct port_child_context *context)
{
    platform_module module;
    char *rest;
    uint64_t key = strtoull(context->argument, &rest, 10);
    uintptr_t offset = (uintptr_t)strtoull(rest, NULL, 10);
    return platform_module_find(key, &module) && module.base + offset == (uintptr_t)here ? 0 : 1;
}

static void a_child_finds_the_same_code(void)
{
    platform_module module;
    char argument[64];
    CHECK(platform_module_of((const void *)(uintptr_t)here, &module));
    snprintf(argument, sizeof argument, "%" PRIu64 " %" PRIuPTR, module.key, (uintptr_t)here - module.base);
    port_finish_code(port_spawn("compare", argument, NULL, 0), 0);
    CHECK_EQ(here(), 1);
}

static void names_of_symbols(void)
{
    char name[64] = "x";
    platform_symbol_name(&name, name, sizeof name);
    CHECK(strcmp(name, "") == 0);
    platform_symbol_name((const void *)(uintptr_t)here, name, 1);
    CHECK(strcmp(name, "") == 0);
}

static void no_such_module(void)
{
    CHECK_EQ(platform_module_load("/no/such/module"), MPROC_E_NO_FUNCTION);
    CHECK(platform_error_text()[0]);
}

static void unloading_is_counted(void)
{
    char program[OS_PATH_MAX], module[OS_PATH_MAX + 64];
    os_program_path(program);
    char *end = strrchr(program, '/');
    end = end ? end : strrchr(program, '\\');
    CHECK(end);
    *end = '\0';
    snprintf(module, sizeof module, "%s/../helper_module.%s", program, PORT_IS_WINDOWS ? "dll" : "so");
    if (os_modules_stay())
        SKIP("modules stay loaded here");
    CHECK(os_module_function(module, "helper_module_function"));
    uint64_t before = platform_module_unloads();
    CHECK_EQ(platform_module_unloads(), before);
    os_module_unload(module);
    CHECK(platform_module_unloads() > before);
}

static const struct port_test tests[] = { TEST(the_program_is_a_module),
                                          TEST(data_and_nonsense_are_no_code),
                                          TEST(a_child_finds_the_same_code),
                                          TEST(names_of_symbols),
                                          TEST(no_such_module),
                                          TEST(unloading_is_counted) };
static const struct port_child children[] = { CHILD(child_compare), { NULL, NULL } };
PORT_MAIN(tests, children)
