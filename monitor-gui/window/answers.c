#include "window/answers.h"

#include "model/text.h"
#include "window/says.h"
#include <inttypes.h>
#include <mproc/base.h>
#include <string.h>

/* That there was nothing left to do is no refusal. */
static bool has_ended(const struct answer *answer)
{
    return answer->code >= 0 && strcmp(answer->text, "it had ended") == 0;
}

struct words answer_head(const struct answer *answer)
{
    const struct record_control *asked = &answer->asked;
    const char *not = answer->code < 0 ? " not" : "";
    switch (asked->verb) {
    case RECORD_VERB_PAUSE:
        return words_format("The pool was%s paused", not );
    case RECORD_VERB_RESUME:
        return words_format(answer->code < 0 ? "The pool was not resumed" : "The pool goes on");
    case RECORD_VERB_RESIZE:
        return words_format("The pool was%s resized to %" PRId64 " %s", not, asked->number,
                            asked->number == 1 ? "worker" : "workers");
    case RECORD_VERB_RESTART_WORKER:
        return words_format("Worker %" PRId64 " was%s told to restart", asked->worker, not );
    case RECORD_VERB_KILL_WORKER:
        return words_format("Worker %" PRId64 " was%s killed", asked->worker, not );
    case RECORD_VERB_CANCEL_TASK:
        if (has_ended(answer))
            return words_format("Task %s had ended before", text_count(asked->task).text);
        return words_format("Task %s was%s cancelled", text_count(asked->task).text, not );
    case RECORD_VERB_RETRY_TASK:
        return words_format("Task %s was%s tried again", text_count(asked->task).text, not );
    default:
        return words_format("That was%s done", not );
    }
}

struct words answer_head_of_many(unsigned verb, unsigned count)
{
    return words_format("%s tasks were %s", text_count(count).text,
                        verb == RECORD_VERB_RETRY_TASK ? "tried again" : "cancelled");
}

unsigned answer_count(struct answer_tally *tally, const struct answer *answer)
{
    bool goes_on = tally->verb == answer->asked.verb && tally->left > 0;
    bool is_done = answer->code >= 0 && !has_ended(answer);
    *tally = (struct answer_tally){ answer->asked.verb, (goes_on ? tally->count : 0) + is_done, answer->left };
    return tally->count;
}

struct words answer_text(const struct answer *answer)
{
    if (answer->code < 0 && answer->text[0] == '\0')
        return says_sentence(mproc_error_text((int)answer->code));
    if (has_ended(answer) || (answer->code >= 0 && strcmp(answer->text, "done") == 0))
        return (struct words){ "" };
    return says_sentence(answer->text);
}
