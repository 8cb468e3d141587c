/* A program that is linked with the library as others' are, a DLL on Windows. While it ends its threads run on: a
 * handler asks one of them something, and gets an answer. Prints TAP.
 *
 * usage: ends [RUNTIME]   RUNTIME: a C runtime of Windows; it ends by that one's exit()
 */
#include <mproc.h>
#include <stdio.h>
#include <stdlib.h>
#ifdef _WIN32
#include <windows.h>
#endif

#define PATIENCE_MS 10000

static struct {
    mproc_event asked, answered;
    mproc_thread *thread;
} program;

static int answer(mproc_task *task)
{
    (void)task;
    int code = mproc_event_wait(program.asked, MPROC_FOREVER);
    return code < 0 ? code : mproc_event_set(program.answered);
}

static void ask(void *user)
{
    (void)user;
    int code = mproc_event_set(program.asked);
    if (code == 0)
        code = mproc_event_wait(program.answered, PATIENCE_MS);
    printf("%s 1 - threads run until exit handlers have run\n", code == 0 ? "ok" : "not ok");
    fflush(stdout);
}

static int begin(void)
{
    int code = mproc_event_create(&program.asked, NULL);
    if (code == 0)
        code = mproc_event_create(&program.answered, NULL);
    if (code == 0)
        code = mproc_thread_create(&program.thread, &(mproc_thread_options){ .function = answer });
    if (code == 0)
        code = mproc_thread_start(program.thread);
    return code == 0 ? mproc_at_exit(ask, NULL, 0) : code;
}

#ifdef _WIN32
typedef void exit_fn(int status);

static exit_fn *find_exit(const char *runtime)
{
    HMODULE library = LoadLibraryA(runtime);
    return library != NULL ? (exit_fn *)(void (*)(void))GetProcAddress(library, "exit") : NULL;
}
#endif

int main(int argc, char **argv)
{
    /* Before the library's first call: a program has its runtime from the start. */
#ifdef _WIN32
    exit_fn *end = argc > 1 ? find_exit(argv[1]) : exit;
    if (end == NULL) {
        printf("1..0 # SKIP there is no %s\n", argv[1]);
        return 0;
    }
#endif
    mproc_init(argc, argv);
    printf("1..1\n");
    if (begin() < 0) {
        mproc_perror("ends");
        return 1;
    }
#ifdef _WIN32
    end(0);
#endif
    return 0;
}
