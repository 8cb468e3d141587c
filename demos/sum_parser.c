/* The bugs here are meant: crash_parser shows that they cost one input each, and nothing else. */
#include "sum_parser.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>

static const struct variable {
    char name;
    int value;
} variables[] = { { 'x', 6 }, { 'y', 7 } };

static const struct variable *find(char name)
{
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        if (variables[i].name == name)
            return &variables[i];
    return NULL;
}

static int parse_atom(const char **text)
{
    volatile char scratch[64 * 1024]; /* real parsers have large frames, too */
    scratch[0] = **text;
    if (isalpha((unsigned char)scratch[0]))
        return find(*(*text)++)->value; /* bug: an unknown name is a null pointer */
    if (scratch[0] == '(') {
        ++*text;
        int value = parse_sum(text); /* bug: no limit on the depth */
        ++*text;
        return value;
    }
    if (!isdigit((unsigned char)scratch[0]))
        abort(); /* bug: bad input is not impossible */
    return (int)strtol(*text, (char **)text, 10);
}

static int parse_product(const char **text)
{
    int value = parse_atom(text);
    while (**text == '*' || **text == '/') {
        char sign = *(*text)++;
        int right = parse_atom(text);
        value = sign == '*' ? value * right : value / right; /* bug: right may be 0 */
    }
    return value;
}

int parse_sum(const char **text)
{
    int value = parse_product(text);
    while (**text == '+' || **text == '-')
        value += *(*text)++ == '+' ? parse_product(text) : -parse_product(text);
    return value;
}
