/* A server of which the parent only accepts connections, and workers serve them: as many at a time as there are
 * workers, while the others wait for the first that is free. A request that its worker dies of costs that client alone.
 *
 *     serve [METHOD]       starts clients of its own, one with a deadly request, and tells what became of them
 *     serve PORT [METHOD]  serves until it is interrupted; try http://localhost:PORT/ and /crash
 *
 * METHOD: fork, spawn or forkserver.
 */
#include "sockets.h"

#include <mproc.h>

#include <stdio.h>
#include <stdlib.h>

enum { WORKERS = 3, CLIENTS = 12, DEADLY = 5 };

/* ---- In the workers ---- */

static int start_worker(mproc_task *task)
{
    if (sockets_start() < 0)
        return mproc_task_fail(task, -1, "no sockets");
    return 0;
}

/* Up to the end of the first line. Returns false if the client leaves before. */
static int read_request(mproc_os_handle client, char *ret_text, size_t capacity)
{
    size_t size = 0;
    while (size + 1 < capacity) {
        int got = sockets_read(client, ret_text + size, capacity - 1 - size);
        if (got <= 0)
            return 0;
        size += (size_t)got;
        ret_text[size] = '\0';
        if (strchr(ret_text, '\n'))
            return 1;
    }
    return 1;
}

static int serve(mproc_task *task)
{
    char request[512], answer[256];
    mproc_os_handle client;
    int code = mproc_task_take_handle(task, 0, &client);
    if (code < 0)
        return mproc_task_fail(task, code, "%s", mproc_last_error());
    if (read_request(client, request, sizeof request)) {
        if (strncmp(request, "GET /crash", 10) == 0)
            abort();
        snprintf(answer, sizeof answer, "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nserved by worker %d\n",
                 mproc_task_get_worker(task));
        sockets_write(client, answer);
    }
    /* The parent has the connection open until this task has ended: the client need not wait for that. */
    sockets_say_end(client);
    sockets_close(client);
    return 0;
}

/* ---- In the parent ---- */

/* Accepts so many clients, or all who come, and hands them over: from then on each is its task's. */
static int accept_clients(mproc_pool *pool, mproc_os_handle listener, int count, mproc_result **ret_results)
{
    for (int i = 0; count < 0 || i < count; i++) {
        mproc_os_handle client = sockets_accept(listener);
        if (client == -1)
            return MPROC_E_OS;
        mproc_task_options options = { .handles = &client, .handle_count = 1, .handle_mode = MPROC_HANDLE_MOVE };
        int code = mproc_pool_apply_async(pool, serve, MPROC_NO_ARGS, &options, ret_results ? &ret_results[i] : NULL);
        if (code < 0)
            return code;
    }
    return 0;
}

/* ---- The clients, each in a thread of this program ---- */

struct visit {
    int client, port;
};

/* The text behind the answer's head, or NULL. */
static const char *ask(const struct visit *visit, char *ret_answer, size_t capacity)
{
    mproc_os_handle server = sockets_connect(visit->port);
    size_t size = 0;
    int got;
    if (server == -1)
        return NULL;
    sockets_write(server, visit->client == DEADLY ? "GET /crash HTTP/1.0\r\n\r\n" : "GET / HTTP/1.0\r\n\r\n");
    while (size + 1 < capacity && (got = sockets_read(server, ret_answer + size, capacity - 1 - size)) > 0)
        size += (size_t)got;
    ret_answer[size] = '\0';
    sockets_close(server);
    const char *text = strstr(ret_answer, "\r\n\r\n");
    return text ? text + 4 : NULL;
}

/* Its exit code: 0 if it was served. */
static int visit_server(mproc_task *task)
{
    struct visit visit;
    char answer[512];
    if (mproc_task_read(task, &visit, sizeof visit) < 0)
        return 2;
    const char *text = ask(&visit, answer, sizeof answer);
    printf("client %d: %s", visit.client, text ? text : "closed without an answer\n");
    fflush(stdout);
    return text == NULL;
}

static int start_clients(int port, mproc_thread **ret_threads)
{
    for (int i = 0; i < CLIENTS; i++) {
        struct visit visit = { i, port };
        int code = mproc_thread_create(&ret_threads[i],
                                       &(mproc_thread_options){ .function = visit_server, .args = MPROC_ARG(visit) });
        if (code == 0)
            code = mproc_thread_start(ret_threads[i]);
        if (code < 0)
            return code;
    }
    return 0;
}

static int count_served(mproc_thread **threads)
{
    int served = 0;
    for (int i = 0; i < CLIENTS; i++) {
        int64_t code = 1;
        mproc_thread_join(threads[i], MPROC_FOREVER);
        mproc_thread_get_exit_code(threads[i], &code);
        mproc_thread_free(threads[i]);
        served += code == 0;
    }
    return served;
}

/* What the parent knows of those that went wrong. */
static void show_failures(mproc_result **results)
{
    for (int i = 0; i < CLIENTS; i++) {
        mproc_outcome outcome;
        if (mproc_result_get_outcome(results[i], MPROC_FOREVER, &outcome) == 0 && outcome.code < 0)
            printf("one task failed: %s\n", outcome.message);
        mproc_result_free(results[i]);
    }
}

static int demonstrate(mproc_pool *pool, mproc_os_handle listener, int port)
{
    mproc_thread *threads[CLIENTS];
    mproc_result *results[CLIENTS];
    int code = start_clients(port, threads);
    if (code == 0)
        code = accept_clients(pool, listener, CLIENTS, results);
    if (code < 0)
        return code;
    int served = count_served(threads);
    show_failures(results);
    printf("%d clients, %d workers: %d served, %d cut off\n", CLIENTS, WORKERS, served, CLIENTS - served);
    return 0;
}

static int run(int port, mproc_start_method method)
{
    mproc_pool_options options = { .workers = WORKERS, .start_method = method, .initializer = start_worker };
    mproc_os_handle listener;
    mproc_pool *pool;
    int forever = port != 0;
    int code = mproc_pool_create(&pool, &options);
    if (code < 0)
        return code;
    code = sockets_listen(port, &listener, &port) < 0 ? MPROC_E_OS : 0;
    if (code == 0) {
        if (forever)
            printf("http://localhost:%d/\n", port), fflush(stdout);
        code = forever ? accept_clients(pool, listener, -1, NULL) : demonstrate(pool, listener, port);
        sockets_close(listener);
    }
    mproc_pool_close(pool);
    mproc_pool_join(pool, MPROC_FOREVER);
    mproc_pool_free(pool);
    return code;
}

/* 0: it is none. */
static int port_of(const char *text)
{
    char *end;
    long port = strtol(text, &end, 10);
    return *end == '\0' && port > 0 && port < 65536 ? (int)port : 0;
}

int main(int argc, char **argv)
{
    mproc_init(argc, argv); /* without this line no process can be created */

    mproc_start_method method = MPROC_START_DEFAULT;
    int port = argc > 1 ? port_of(argv[1]) : 0;
    const char *name = argc > 1 && port == 0 ? argv[1] : argc > 2 ? argv[2] : NULL;
    if (name != NULL && mproc_start_method_from_name(name, &method) < 0)
        return mproc_perror("serve"), 2;
    if (sockets_start() < 0 || run(port, method) < 0)
        return mproc_perror("serve"), 1;
    return 0;
}
