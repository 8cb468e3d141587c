/* A small parser of sums such as "2*(3+x)", with the bugs that parsers have: for crash_parser. */
#ifndef DEMOS_SUM_PARSER_H
#define DEMOS_SUM_PARSER_H

/** The value of the sum that the text starts with. Crashes in four ways; see sum_parser.c. */
int parse_sum(const char **text);

#endif
