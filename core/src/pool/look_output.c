#include "pool/look_output.h"
#include "pool/look_pool.h"
#include "pool/outputs.h"

/* Of pieces, each a line as a rule. */
#define OUTPUT_BYTES ((size_t)64 << 10)

struct taking {
    struct look *look;
    uint64_t lost;
};

static void keep_piece(struct taking *taking, const struct record_output *piece)
{
    struct journal *journal = taking->look->output;
    struct record_output *record = mproc__journal_add(journal, RECORD_OUTPUT, piece->text.size, 0);
    if (record == NULL) {
        taking->lost++;
        return;
    }
    *record = *piece;
    record->text = mproc__journal_text(journal, piece->text.data, piece->text.size);
}

static void take(void *user, enum record_type type, const void *record)
{
    struct taking *taking = user;
    if (type == RECORD_LOST)
        taking->lost += ((const struct record_lost *)record)->count;
    else
        keep_piece(taking, record);
}

void mproc__look_at_output(struct look *look, mproc_pool *pool)
{
    struct taking taking = { .look = look };
    if (pool->outputs == NULL || (look->output = mproc__journal_new(OUTPUT_BYTES)) == NULL)
        return;
    mproc__outputs_observe(pool->outputs, pool->number, take, &taking);
    if (taking.lost > 0)
        mproc__look_at_loss(look, pool, RECORD_CLASS_LOG, taking.lost, 0, platform_now_ns());
}
