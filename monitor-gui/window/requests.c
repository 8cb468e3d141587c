#include "window/requests.h"

#include <glib.h>
#include <mproc/base.h>

/* A process answers within one round of its publisher, unless it is stopped. */
#define PATIENCE_US (5 * G_USEC_PER_SEC)

struct open {
    struct record_control asked;
    int64_t since_us;
};

struct requests {
    answer_fn *answered;
    void *user;
    uint32_t last;
    GArray *open; /* struct open, the oldest first */
};

struct requests *requests_new(answer_fn *answered, void *user)
{
    struct requests *requests = g_new0(struct requests, 1);
    requests->answered = answered;
    requests->user = user;
    requests->open = g_array_new(FALSE, FALSE, sizeof(struct open));
    return requests;
}

void requests_free(struct requests *requests)
{
    if (requests == NULL)
        return;
    g_array_unref(requests->open);
    g_free(requests);
}

void requests_add(struct requests *requests, struct record_control *control, int64_t now_us)
{
    control->request = ++requests->last;
    g_array_append_val(requests->open, ((struct open){ *control, now_us }));
}

static unsigned count_open(const struct requests *requests, unsigned verb)
{
    unsigned count = 0;
    for (guint i = 0; i < requests->open->len; i++)
        count += g_array_index(requests->open, struct open, i).asked.verb == verb;
    return count;
}

/* It is no longer open when it is told. */
static void answer(struct requests *requests, guint index, int64_t code, const char *text)
{
    struct answer answer = { .asked = g_array_index(requests->open, struct open, index).asked,
                             .code = code,
                             .text = text };
    g_array_remove_index(requests->open, index);
    answer.left = count_open(requests, answer.asked.verb);
    requests->answered(&answer, requests->user);
}

void requests_take(struct requests *requests, const struct record_reply *reply)
{
    g_autofree char *text = g_strndup(reply->text.data, reply->text.size);
    for (guint i = 0; i < requests->open->len; i++)
        if (g_array_index(requests->open, struct open, i).asked.request == reply->request) {
            answer(requests, i, reply->code, text);
            return;
        }
}

void requests_beat(struct requests *requests, int64_t now_us)
{
    while (requests->open->len > 0 && now_us - g_array_index(requests->open, struct open, 0).since_us > PATIENCE_US)
        answer(requests, 0, MPROC_E_TIMEOUT, "It has not answered for 5 s. It may do it yet.");
}

void requests_lose(struct requests *requests)
{
    while (requests->open->len > 0)
        answer(requests, 0, MPROC_E_BROKEN_PIPE, "The connection ended before it answered.");
}
