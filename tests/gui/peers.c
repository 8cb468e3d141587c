/* The window beside processes that are no mproc's, or lie: each is told of, and none keeps it from going on. */
#include "main.h"
#include "scene.h"

#include "window/pages.h"
#include <glib/gstdio.h>
#include <math.h>

/* It is one folder above these tests. */
static os_program *begin_peer(const char *what)
{
    const char *arguments[] = { test_program("../helper_false"), what, "again", NULL };
    return test_program_start_held(arguments);
}

/* What a dead one has left is swept by who looks for others. */
static bool is_swept(void)
{
    char names[OS_PATH_MAX];
    look_for_programs();
    return os_directory_list("mproc", names, sizeof names) == 0;
}

static void end_peer(os_program *program)
{
    os_program_kill(program);
    test_scene_finish(program, NULL, 0);
    SHOWN(is_swept());
}

static bool is_found_to_be(const char *text)
{
    look_for_programs();
    return is_seen(text);
}

static void check_told(const char *what, const char *text)
{
    begin(1280, 800);
    os_program *program = begin_peer(what);
    SHOWN(is_found_to_be(text));
    end_peer(program);
    end();
}

static void another_protocol_is_told_with_both_versions(void)
{
    begin(1280, 800);
    os_program *program = begin_peer("later");
    SHOWN(is_found_to_be("This program speaks protocol 99, the monitor knows up to "));
    CHECK(is_seen("of different versions of mproc") && is_seen("Install the monitor that came with"));
    CHECK(!is_seen("It speaks protocol") && !is_seen(": use "));
    end_peer(program);
    end();
}

static void a_text_that_a_terminal_would_obey_is_a_text(void)
{
    check_told("reject", "another version");
}

static void who_is_sent_away_is_told_why(void)
{
    begin(1280, 800);
    os_program *program = begin_peer("full");
    SHOWN(is_found_to_be("Too many monitors watch this program"));
    CHECK(is_seen("Other monitors are already watching") && is_seen("Close one of them") && is_seen("Look again"));
    CHECK(is_seen("The program says: \xe2\x80\x9cthere are others\xe2\x80\x9d."));
    CHECK(!is_seen("another user") && !is_seen("refuses"));
    CHECK_STR(gtk_window_get_title(GTK_WINDOW(window)), "false (refused)");
    end_peer(program);
    end();
}

static double edge_of(const char *text)
{
    graphene_rect_t bounds;
    CHECK(gtk_widget_compute_bounds(find(window, text), window, &bounds));
    return bounds.origin.x;
}

static double middle_of(const char *text)
{
    graphene_rect_t bounds;
    CHECK(gtk_widget_compute_bounds(find(window, text), window, &bounds));
    return bounds.origin.x + bounds.size.width / 2;
}

static void check_edge(const char *what, const char *head, const char *sentence)
{
    begin(900, 600);
    SHOWN(is_seen("No process pool is running") && is_seen("Process pools"));
    let_draw(2);
    double edge = edge_of("No process pool is running");
    CHECK(fabs(middle_of("Process pools") - gtk_widget_get_width(window) / 2.0) < 2);
    os_program *program = begin_peer(what);
    SHOWN(is_found_to_be(head));
    let_draw(2);
    CHECK_EQ(edge_of(head), edge);
    CHECK_EQ(edge_of(sentence), edge);
    end_peer(program);
    end();
}

/* However long their sentences are; and without tabs the title stands in the middle. */
static void a_page_that_tells_of_a_refusal_has_the_edge_of_the_empty_one(void)
{
    check_edge("full", "Too many monitors watch this program", "Other monitors are already watching");
}

static void a_page_that_tells_of_another_protocol_has_the_edge_of_the_empty_one(void)
{
    check_edge("later", "This program speaks protocol 99", "of different versions of mproc");
}

static void what_is_no_frame_is_no_connection(void)
{
    check_told("garbage", "No connection");
}

static void half_a_greeting_is_no_connection(void)
{
    check_told("half", "No connection");
}

static void who_does_not_answer_but_never_stops_is_no_connection(void)
{
    check_told("flood", "No connection");
}

static void who_breaks_off_is_tried_again(void)
{
    check_told("close", "No connection");
}

static void who_breaks_off_after_all_was_told_is_tried_again(void)
{
    check_told("damage", "No connection");
}

static void who_breaks_off_within_a_frame_is_tried_again(void)
{
    check_told("cut", "No connection");
}

static void lines_without_end_leave_time_for_everything_else(void)
{
    check_told("deluge", "No pool yet");
}

static void numbers_that_nobody_can_add_are_shown_on_every_page(void)
{
    begin(1280, 800);
    os_program *program = begin_peer("extremes");
    SHOWN(is_found_to_be("Workers busy"));
    for (size_t i = 0; i < page_count; i++) {
        mon_window_show_page(MON_WINDOW(window), pages[i].name);
        let_pass(300);
    }
    end_peer(program);
    end();
}

static const struct test tests[] = {
    TEST_WITH(another_protocol_is_told_with_both_versions, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_text_that_a_terminal_would_obey_is_a_text, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(who_is_sent_away_is_told_why, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_page_that_tells_of_a_refusal_has_the_edge_of_the_empty_one, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_page_that_tells_of_another_protocol_has_the_edge_of_the_empty_one, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(what_is_no_frame_is_no_connection, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(half_a_greeting_is_no_connection, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(who_does_not_answer_but_never_stops_is_no_connection, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(who_breaks_off_is_tried_again, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(who_breaks_off_after_all_was_told_is_tried_again, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(who_breaks_off_within_a_frame_is_tried_again, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(lines_without_end_leave_time_for_everything_else, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(numbers_that_nobody_can_add_are_shown_on_every_page, TEST_ONCE | TEST_KEEPS, 60),
};

TEST_MAIN_GUI(tests)
