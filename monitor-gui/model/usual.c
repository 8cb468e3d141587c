#include "model/usual.h"

#define PER_POWER 8

/* The power of two that it is not below, and the eighth of that. */
static int cell_of(int64_t run_ns)
{
    int power = 0;
    while (power < 62 && run_ns >> (power + 1) > 0)
        power++;
    if (power < USUAL_FIRST_POWER)
        return 0;
    int cell = (power - USUAL_FIRST_POWER) * PER_POWER + (int)((run_ns >> (power - 3)) & (PER_POWER - 1));
    return cell < USUAL_CELLS ? cell : USUAL_CELLS - 1;
}

static int64_t end_of(int cell)
{
    int power = cell / PER_POWER + USUAL_FIRST_POWER;
    return ((int64_t)(PER_POWER + cell % PER_POWER + 1) << (power - 3)) - 1;
}

void usual_add(struct usual *usual, int64_t run_ns)
{
    uint32_t *cell = &usual->cells[cell_of(run_ns)];
    if (run_ns <= 0 || *cell == UINT32_MAX)
        return;
    ++*cell;
    usual->count++;
}

int64_t usual_quantile(const struct usual *usual, unsigned thousandths)
{
    double rank = (double)usual->count * thousandths / 1000, seen = 0;
    if (usual->count == 0)
        return 0;
    for (int i = 0; i < USUAL_CELLS; i++) {
        seen += usual->cells[i];
        if (seen >= rank && seen > 0)
            return end_of(i);
    }
    return end_of(USUAL_CELLS - 1);
}
