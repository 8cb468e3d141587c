/* Numbers as people read them, the same wherever a monitor shows them: three digits and a unit, groups of three, U+00A0
 * in between, so that no line breaks there. What is not known has no number at all: its cell stays empty.
 *
 * Each function returns its text by value, for use within one expression: printf("%s", text_count(n).text).
 */
#ifndef MPROC_MODEL_TEXT_H
#define MPROC_MODEL_TEXT_H

#include <stdint.h>

/** U+00A0 in UTF-8. */
#define TEXT_BLANK "\xc2\xa0"

struct number_text {
    char text[40];
};

/** 48 213. */
struct number_text text_count(uint64_t count);

/** Of many things 3.1 M, 12.4 k; below 10 000 as text_count. For facts and rates, where the digits do not matter. */
struct number_text text_about(double count);

/** 212 /s, 1.24 M/s, 0.5 /s, 3 /s. */
struct number_text text_rate(double per_second);

/** 318 us, 4.1 ms, 1.92 s, 1:02 min, 2 h 05 min. A negative length is 0. */
struct number_text text_duration(int64_t ns);

/** As text_duration, but minutes and seconds as 3 min 46 s: for what is told in a sentence. */
struct number_text text_span(int64_t ns);

/** 22.1 MB: decimal, three digits. */
struct number_text text_bytes(uint64_t bytes);

/** 12 %, 0.3 %: of a part of one. */
struct number_text text_share(double part);

/** x62, x3.1, x1 230, x10.9 k: how many times as much. */
struct number_text text_ratio(double times);

/** 14:02:31.482, of a time since 1970 in the zone of the machine. */
struct number_text text_clock(int64_t wall_ns);

/** +0 ms, +29 ms: after something. */
struct number_text text_after(int64_t ns);

/** Takes the zeros behind the point from a round number, as limits and the ends of axes are: 5 s of 5.00 s, 2.5 MB of
 * 2.50 MB. */
void text_drop_zeros(char *text);

#endif
