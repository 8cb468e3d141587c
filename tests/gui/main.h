/* The main of a test program that is linked with the window. */
#ifndef MPROC_TESTS_GUI_MAIN_H
#define MPROC_TESTS_GUI_MAIN_H

#include "test.h"

/** Waits until what GLib's libraries do in threads of their own once they are loaded is done: what they keep of it
 *  would else be a test's leftovers. */
void gui_settle(void);

#define TEST_MAIN_GUI(test_table)                                                                                      \
    int main(int argc, char **argv)                                                                                    \
    {                                                                                                                  \
        mproc_init(argc, argv);                                                                                        \
        static const struct test_suite suite = { test_table, TEST_COUNT(test_table), NULL, 0 };                        \
        gui_settle();                                                                                                  \
        return test_main(argc, argv, &suite);                                                                          \
    }

#endif
