/* The scale of histograms and of codes for spans of time: its cells leave no number out and have none twice, and no
 * cell is wider than it says. Reaches into core.
 */
#include "pool/histogram.h"
#include "pool/span_code.h"
#include "test.h"

static void check_cells(unsigned bits)
{
    uint32_t cells = LOG_LINEAR_CELLS(bits);
    CHECK_EQ(log_linear_first(0, bits), 0);
    for (uint32_t cell = 0; cell < cells; cell++) {
        uint64_t first = log_linear_first(cell, bits), next = log_linear_first(cell + 1, bits);
        CHECK(first < next);
        CHECK_EQ(log_linear_cell(first, bits), cell);
        CHECK_EQ(log_linear_cell(next - 1, bits), cell);
        CHECK(next - first == 1 || (next - first) << bits <= first);
    }
    CHECK(log_linear_first(cells, bits) == 1ull << 63);
}

static void cells_touch_and_do_not_overlap(void)
{
    for (unsigned bits = 1; bits <= 10; bits++)
        check_cells(bits);
}

static void the_largest_number_has_a_cell(void)
{
    CHECK_EQ(log_linear_cell(INT64_MAX, HISTOGRAM_BITS), HISTOGRAM_CELLS - 1);
    CHECK_EQ(log_linear_cell(INT64_MAX, SPAN_CODE_BITS), LOG_LINEAR_CELLS(SPAN_CODE_BITS) - 1);
}

/* As many numbers of each length as there are. */
static uint64_t some_number(unsigned *seed)
{
    uint64_t number = (uint64_t)test_random(seed) << 40 ^ (uint64_t)test_random(seed) << 20 ^ test_random(seed);
    return number >> (1 + test_random(seed) % 63);
}

static void a_cell_holds_its_numbers(void)
{
    unsigned seed = 1;
    for (int i = 0; i < 100000; i++) {
        uint64_t number = some_number(&seed);
        uint32_t cell = log_linear_cell(number, HISTOGRAM_BITS);
        CHECK(log_linear_first(cell, HISTOGRAM_BITS) <= number);
        CHECK(number < log_linear_first(cell + 1, HISTOGRAM_BITS));
    }
}

static void a_span_code_is_good_to_a_thousandth(void)
{
    unsigned seed = 2;
    for (int i = 0; i < 100000; i++) {
        int64_t ticks = (int64_t)some_number(&seed), coded = span_ticks(span_code(ticks));
        CHECK(span_code_is_good(span_code(ticks)));
        CHECK(coded <= ticks && ticks - coded <= ticks / 1000);
    }
    CHECK_EQ(span_ticks(span_code(-1)), 0);
    CHECK_EQ(span_ticks(span_code(0)), 0);
    CHECK(!span_code_is_good(UINT16_MAX));
}

static struct histogram histogram;

static int compare(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

static void check_quantiles(int64_t *sorted, int count)
{
    for (unsigned thousandths = 0; thousandths <= 1000; thousandths++) {
        int rank = (int)(((int64_t)count * thousandths + 999) / 1000);
        int64_t exact = sorted[rank > 0 ? rank - 1 : 0];
        int64_t found = mproc__histogram_quantile(&histogram, thousandths);
        CHECK(found >= exact && found - exact <= exact / 8);
    }
}

static void quantiles_are_the_sorted_list_within_an_eighth(void)
{
    static int64_t numbers[2000];
    unsigned seed = 3;
    for (int count = 1; count <= 2000; count = count * 3 / 2 + 1) {
        histogram = (struct histogram){ 0 };
        for (int i = 0; i < count; i++)
            histogram_add(&histogram, numbers[i] = (int64_t)(some_number(&seed) >> 8));
        qsort(numbers, (size_t)count, sizeof *numbers, compare);
        check_quantiles(numbers, count);
        CHECK_EQ(histogram.min_ns, numbers[0]);
        CHECK_EQ(histogram.max_ns, numbers[count - 1]);
    }
}

static void an_empty_histogram_is_all_zero(void)
{
    mproc_time_stats stats, zero = { 0 };
    histogram = (struct histogram){ 0 };
    mproc__histogram_sum_up(&histogram, &stats);
    CHECK(memcmp(&stats, &zero, sizeof stats) == 0);
    CHECK_EQ(mproc__histogram_list(&histogram, NULL, 0), 0);
}

static void listed_cells_hold_all_that_was_added(void)
{
    mproc_histogram_cell cells[HISTOGRAM_CELLS];
    uint64_t sum = 0;
    unsigned seed = 4;
    histogram = (struct histogram){ 0 };
    for (int i = 0; i < 10000; i++)
        histogram_add(&histogram, (int64_t)some_number(&seed) / 16384);
    int count = mproc__histogram_list(&histogram, cells, HISTOGRAM_CELLS);
    for (int i = 0; i < count; i++) {
        CHECK(cells[i].count > 0 && cells[i].from_ns <= cells[i].to_ns);
        CHECK(i == 0 || cells[i - 1].to_ns < cells[i].from_ns);
        sum += cells[i].count;
    }
    CHECK_EQ(sum, 10000);
    CHECK(cells[0].from_ns <= histogram.min_ns && histogram.max_ns <= cells[count - 1].to_ns);
    mproc_histogram_cell two[3] = { { .count = 0 } };
    CHECK_EQ(mproc__histogram_list(&histogram, two, 2), count);
    CHECK(memcmp(two, cells, 2 * sizeof *two) == 0 && two[2].count == 0);
}

static const struct test tests[] = {
    TEST_WITH(cells_touch_and_do_not_overlap, TEST_ONCE, 0),
    TEST_WITH(the_largest_number_has_a_cell, TEST_ONCE, 0),
    TEST_WITH(a_cell_holds_its_numbers, TEST_ONCE, 0),
    TEST_WITH(a_span_code_is_good_to_a_thousandth, TEST_ONCE, 0),
    TEST_WITH(quantiles_are_the_sorted_list_within_an_eighth, TEST_ONCE, 0),
    TEST_WITH(an_empty_histogram_is_all_zero, TEST_ONCE, 0),
    TEST_WITH(listed_cells_hold_all_that_was_added, TEST_ONCE, 0),
};

TEST_MAIN_PLAIN(tests)
