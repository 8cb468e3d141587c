#include "model/text.h"

#include <mproc/base.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define NS_PER_US  1000
#define NS_PER_MS  1000000
#define NS_PER_S   INT64_C(1000000000)
#define NS_PER_MIN (60 * NS_PER_S)
#define NS_PER_H   (60 * NS_PER_MIN)

static struct number_text made(const char *format, ...) MPROC_PRINTF(1, 2);

static struct number_text made(const char *format, ...)
{
    struct number_text number;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(number.text, sizeof number.text, format, arguments);
    va_end(arguments);
    return number;
}

/* ---- Numbers ---- */

struct number_text text_count(uint64_t count)
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%llu", (unsigned long long)count);
    struct number_text number = { "" };
    char *out = number.text;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            out = (char *)memcpy(out, TEXT_BLANK, 2) + 2;
        *out++ = digits[i];
    }
    return number;
}

/* Three digits, such that 9.996 is 10.0 and not 10.00. */
static struct number_text three_digits(double value, const char *unit)
{
    int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
    return made("%.*f%s", decimals, value, unit);
}

/* A unit grows by thousands; the number is below 999.5 of it, or the unit is the last. */
static struct number_text scaled(double value, const char *const *units, size_t count)
{
    size_t unit = 0;
    while (unit + 1 < count && value >= 999.5) {
        value /= 1000;
        unit++;
    }
    if (unit == 0)
        return made("%.0f%s", value, units[0]);
    return three_digits(value, units[unit]);
}

struct number_text text_about(double count)
{
    static const char *const units[] = { "", TEXT_BLANK "k", TEXT_BLANK "M", TEXT_BLANK "G", TEXT_BLANK "T" };
    if (count < 9999.5)
        return text_count((uint64_t)(count > 0 ? count + 0.5 : 0));
    return scaled(count, units, sizeof units / sizeof *units);
}

struct number_text text_rate(double per_second)
{
    bool is_whole = per_second >= 0 && per_second < 9.95 && per_second == (double)(int)per_second;
    if (per_second > 0 && per_second < 9.95 && !is_whole)
        return made("%.1f" TEXT_BLANK "/s", per_second);
    struct number_text number = text_about(per_second);
    return made(per_second < 9999.5 ? "%.30s" TEXT_BLANK "/s" : "%.30s/s", number.text);
}

struct number_text text_bytes(uint64_t bytes)
{
    static const char *const units[] = { TEXT_BLANK "B",  TEXT_BLANK "kB", TEXT_BLANK "MB",
                                         TEXT_BLANK "GB", TEXT_BLANK "TB", TEXT_BLANK "PB" };
    return scaled((double)bytes, units, sizeof units / sizeof *units);
}

struct number_text text_share(double part)
{
    double percent = part * 100;
    return made(percent >= 0.05 && percent < 0.95 ? "%.1f" TEXT_BLANK "%%" : "%.0f" TEXT_BLANK "%%", percent);
}

struct number_text text_ratio(double times)
{
    if (times < 9.95)
        return made("x%.1f", times);
    return made("x%.30s", text_about(times).text);
}

/* ---- Times ---- */

static struct number_text below_a_minute(int64_t ns)
{
    if (ns > 0 && ns < 1000)
        return made("%d" TEXT_BLANK "ns", (int)ns);
    if (ns < 999500)
        return made("%.0f" TEXT_BLANK "us", (double)ns / NS_PER_US);
    if (ns < 9950000)
        return made("%.1f" TEXT_BLANK "ms", (double)ns / NS_PER_MS);
    if (ns < 999500000)
        return made("%.0f" TEXT_BLANK "ms", (double)ns / NS_PER_MS);
    return three_digits((double)ns / (double)NS_PER_S, TEXT_BLANK "s");
}

/* Below 59.95 s three digits do not yet say 60.0 s. */
static bool is_short(int64_t ns)
{
    return ns < NS_PER_MIN - NS_PER_S / 20;
}

static struct number_text above_an_hour(int64_t ns)
{
    int64_t minutes = (ns + NS_PER_MIN / 2) / NS_PER_MIN;
    return made("%lld" TEXT_BLANK "h" TEXT_BLANK "%02d" TEXT_BLANK "min", (long long)(minutes / 60),
                (int)(minutes % 60));
}

/* 0 if the time has another form: it is below a minute, or above an hour. */
static int seconds_of_minutes(int64_t ns)
{
    int64_t seconds = (ns + NS_PER_S / 2) / NS_PER_S;
    return is_short(ns) || seconds >= NS_PER_H / NS_PER_S ? 0 : (int)seconds;
}

struct number_text text_duration(int64_t ns)
{
    int seconds = seconds_of_minutes(ns);
    if (seconds > 0)
        return made("%d:%02d" TEXT_BLANK "min", seconds / 60, seconds % 60);
    return is_short(ns) ? below_a_minute(ns > 0 ? ns : 0) : above_an_hour(ns);
}

struct number_text text_span(int64_t ns)
{
    int seconds = seconds_of_minutes(ns);
    if (seconds > 0)
        return made("%d" TEXT_BLANK "min" TEXT_BLANK "%d" TEXT_BLANK "s", seconds / 60, seconds % 60);
    return text_duration(ns);
}

struct number_text text_after(int64_t ns)
{
    if (ns >= 10 * NS_PER_S)
        return made("+%.30s", text_duration(ns).text);
    return made("+%.0f" TEXT_BLANK "ms", (double)ns / NS_PER_MS);
}

struct number_text text_clock(int64_t wall_ns)
{
    time_t seconds = (time_t)(wall_ns / NS_PER_S);
    const struct tm *local = localtime(&seconds);
    if (local == NULL)
        return made("%s", "");
    return made("%02d:%02d:%02d.%03d", local->tm_hour, local->tm_min, local->tm_sec,
                (int)(wall_ns % NS_PER_S / NS_PER_MS));
}

void text_drop_zeros(char *text)
{
    char *point = strchr(text, '.');
    if (point == NULL)
        return;
    char *end = point + 1 + strspn(point + 1, "0123456789"), *rest = end;
    while (rest > point && (rest[-1] == '0' || rest[-1] == '.'))
        rest--;
    memmove(rest, end, strlen(end) + 1);
}
