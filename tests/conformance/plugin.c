/* A plug-in that uses mproc in a host that does not, and that the host unloads. Rule: the module that has the library
 * in it stays once a thread runs in it, or will end by one of its functions.
 */
#define _GNU_SOURCE
#include "test.h"
#include <dlfcn.h>
#include <pthread.h>

typedef int plugin_fn(void);

static char path[OS_PATH_MAX + 16];

static void *load(void)
{
    snprintf(path, sizeof path, "%s.so", test_program("helper_plugin"));
    void *plugin = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (plugin == NULL)
        test_fail(__FILE__, __LINE__, "%s", dlerror());
    return plugin;
}

static int call(void *plugin, const char *name)
{
    plugin_fn *function;
    *(void **)&function = dlsym(plugin, name);
    CHECK(function);
    return function();
}

static bool is_loaded(void)
{
    void *plugin = dlopen(path, RTLD_NOW | RTLD_NOLOAD);
    if (plugin)
        dlclose(plugin);
    return plugin != NULL;
}

static void *use_lock(void *plugin)
{
    CHECK_EQ(call(plugin, "plugin_lock"), 0);
    CHECK_EQ(dlclose(plugin), 0);
    return NULL;
}

static void plugin_that_was_only_loaded_goes(void)
{
    void *plugin = load();
    CHECK_EQ(dlclose(plugin), 0);
    CHECK(!is_loaded() || os_modules_stay());
}

/* The thread's end runs a function of the library. */
static void unloaded_plugin_and_the_end_of_a_thread(void)
{
    pthread_t thread;
    void *plugin = load();
    CHECK_EQ(call(plugin, "plugin_begin"), 0);
    CHECK_EQ(pthread_create(&thread, NULL, use_lock, plugin), 0);
    CHECK_EQ(pthread_join(thread, NULL), 0);
    CHECK(is_loaded());
}

/* The library's own thread goes on. */
static void unloaded_plugin_and_a_thread_of_the_library(void)
{
    void *plugin = load();
    CHECK_CODE(call(plugin, "plugin_process"), MPROC_E_NOT_INITIALIZED);
    CHECK_EQ(call(plugin, "plugin_begin"), 0);
    CHECK_EQ(call(plugin, "plugin_process"), 7);
    CHECK_EQ(dlclose(plugin), 0);
    CHECK(is_loaded());
    plugin = load();
    CHECK_EQ(call(plugin, "plugin_process"), 7);
    CHECK_EQ(dlclose(plugin), 0);
}

static const struct test tests[] = {
    TEST_WITH(plugin_that_was_only_loaded_goes, TEST_ONCE | TEST_FRESH, 0),
    TEST_WITH(unloaded_plugin_and_the_end_of_a_thread, TEST_ONCE | TEST_FRESH | TEST_KEEPS, 0),
    TEST_WITH(unloaded_plugin_and_a_thread_of_the_library, TEST_ONCE | TEST_FRESH | TEST_KEEPS, 0),
};

TEST_MAIN_PLAIN(tests)
