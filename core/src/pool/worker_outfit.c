#include "pool/worker_outfit.h"
#include "base/error.h"
#include "platform.h"
#include "pool/pool.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NICE_MIN (-20)
#define NICE_MAX 19

bool mproc__worker_outfit_wanted(const mproc_pool_options *options)
{
    return options->nice != 0 || options->cpus != NULL || options->cpu_count > 0 || options->environment != NULL ||
           options->stdout_path != NULL || options->stderr_path != NULL;
}

/* ---- Checked ---- */

static int check_cpus(const mproc_pool_options *options)
{
    if (options->cpu_count > 0 && options->cpus == NULL)
        return mproc__error(MPROC_E_INVALID, "%zu CPUs, and no array of them", options->cpu_count);
    if (options->cpu_count > SIZE_MAX / sizeof(int))
        return mproc__error(MPROC_E_LIMIT, "%zu CPUs", options->cpu_count);
    for (size_t i = 0; i < options->cpu_count; i++) {
        char what[48];
        int code = platform_cpu_check(options->cpus[i]);
        snprintf(what, sizeof what, "cpus[%zu], CPU %d", i, options->cpus[i]);
        if (code < 0)
            return mproc__error_platform(code, what);
    }
    return 0;
}

static int check_environment(const char *const *environment)
{
    for (size_t i = 0; environment != NULL && environment[i] != NULL; i++)
        if (environment[i][0] == '\0' || environment[i][0] == '=')
            return mproc__error(MPROC_E_INVALID, "environment[%zu], \"%s\", has no name", i, environment[i]);
    return 0;
}

int mproc__worker_outfit_check(const mproc_pool_options *options)
{
    if (options->nice < NICE_MIN || options->nice > NICE_MAX)
        return mproc__error(MPROC_E_INVALID, "a nice value of %lld, from %d to %d are allowed",
                            (long long)options->nice, NICE_MIN, NICE_MAX);
    int code = check_environment(options->environment);
    return code < 0 ? code : check_cpus(options);
}

/* ---- Copied ---- */

static char *copy_text(const char *text)
{
    char *copy = malloc(strlen(text) + 1);
    return copy != NULL ? strcpy(copy, text) : NULL;
}

static int copy_cpus(mproc_pool_options *options, struct outfit_copies *copies)
{
    if (options->cpu_count == 0)
        return 0;
    size_t size = options->cpu_count * sizeof *copies->cpus;
    copies->cpus = malloc(size);
    if (copies->cpus == NULL)
        return mproc__error(MPROC_E_NO_MEMORY, "%zu CPUs", options->cpu_count);
    options->cpus = memcpy(copies->cpus, options->cpus, size);
    return 0;
}

static int copy_environment(mproc_pool_options *options, struct outfit_copies *copies)
{
    size_t count = 0;
    if (options->environment == NULL)
        return 0;
    while (options->environment[count] != NULL)
        count++;
    copies->environment = calloc(count + 1, sizeof *copies->environment);
    for (size_t i = 0; copies->environment != NULL && i < count; i++) {
        copies->environment[i] = copy_text(options->environment[i]);
        if (copies->environment[i] == NULL)
            return mproc__error(MPROC_E_NO_MEMORY, "a variable of the environment");
    }
    options->environment = (const char *const *)copies->environment;
    return copies->environment != NULL ? 0 : mproc__error(MPROC_E_NO_MEMORY, "an environment of %zu variables", count);
}

static int copy_path(const char **path, char **copy)
{
    if (*path == NULL)
        return 0;
    *path = *copy = copy_text(*path);
    return *copy != NULL ? 0 : mproc__error(MPROC_E_NO_MEMORY, "a file's name");
}

int mproc__worker_outfit_open(mproc_pool *pool)
{
    mproc_pool_options *options = &pool->options;
    struct outfit_copies *copies = &pool->outfit;
    int code = copy_cpus(options, copies);
    if (code == 0)
        code = copy_environment(options, copies);
    if (code == 0)
        code = copy_path(&options->stdout_path, &copies->stdout_path);
    if (code == 0)
        code = copy_path(&options->stderr_path, &copies->stderr_path);
    return code;
}

void mproc__worker_outfit_close(mproc_pool *pool)
{
    struct outfit_copies *copies = &pool->outfit;
    for (size_t i = 0; copies->environment != NULL && copies->environment[i] != NULL; i++)
        free(copies->environment[i]);
    free(copies->environment);
    free(copies->cpus);
    free(copies->stdout_path);
    free(copies->stderr_path);
    *copies = (struct outfit_copies){ .cpus = NULL };
}

struct child_outfit mproc__worker_outfit(const mproc_pool_options *options, int index)
{
    return (struct child_outfit){
        .nice = (int)options->nice,
        .cpu = options->cpu_count > 0 ? options->cpus[(size_t)index % options->cpu_count] : -1,
        .environment = options->environment,
        .stdout_path = options->stdout_path,
        .stderr_path = options->stderr_path,
        .index = index,
    };
}
