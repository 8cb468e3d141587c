/* The window and a pool that can be controlled: what is asked is done, what is refused is told, and what goes away
 * meanwhile too; locks and queues; recordings and exports of what is live.
 */
#include "main.h"
#include "scene.h"
#include "window/order.h"
#include "window/page_log.h"
#include "window/page_tasks.h"
#include "window/page_workers.h"
#include "window/parts.h"
#include <glib/gstdio.h>
#include <mproc/stats.h>

/* ---- All windows of the program ---- */

static bool is_in(GtkWidget *widget, const char *text)
{
    return find(widget, text) != NULL;
}

/* The last window that shows the text: a dialog before the window below it. */
static GtkWidget *window_with(const char *text)
{
    GListModel *windows = gtk_window_get_toplevels();
    GtkWidget *found = NULL;
    for (guint i = g_list_model_get_n_items(windows); i-- > 0 && found == NULL;) {
        GtkWidget *each = g_list_model_get_item(windows, i);
        found = is_in(each, text) ? each : NULL;
        g_object_unref(each);
    }
    return found;
}

static bool is_said(const char *text)
{
    return window_with(text) != NULL;
}

static GtkWidget *find_button_in(GtkWidget *widget, const char *words)
{
    GtkWidget *found = GTK_IS_BUTTON(widget) && find(widget, words) != NULL ? widget : NULL;
    for (GtkWidget *child = gtk_widget_get_first_child(widget); child != NULL && found == NULL;
         child = gtk_widget_get_next_sibling(child))
        found = find_button_in(child, words);
    return found;
}

static GtkWidget *find_button(const char *words)
{
    GtkWidget *shown = window_with(words);
    return shown != NULL ? find_button_in(shown, words) : NULL;
}

static bool press(const char *words)
{
    GtkWidget *button = find_button(words);
    if (button == NULL || !gtk_widget_is_sensitive(button))
        return false;
    g_signal_emit_by_name(button, "clicked");
    return true;
}

static GtkWidget *find_type(GtkWidget *widget, GType type)
{
    GtkWidget *found = G_TYPE_CHECK_INSTANCE_TYPE(widget, type) ? widget : NULL;
    for (GtkWidget *child = gtk_widget_get_first_child(widget); child != NULL && found == NULL;
         child = gtk_widget_get_next_sibling(child))
        found = find_type(child, type);
    return found;
}

static os_program *start_with(const char *program, const char *argument, const char *more)
{
    return begin_program((const char *const[]){ test_program(program), argument, more, NULL });
}

static os_program *start(const char *program, const char *argument)
{
    return start_with(program, argument, NULL);
}

static const struct model_pool *pool(void)
{
    return mon_desk_view(desk).pool;
}

static GtkWidget *page(void)
{
    return mon_window_get_page(MON_WINDOW(window));
}

/* ---- Controls ---- */

static struct watch *find_other(int64_t pid, uint64_t number)
{
    struct watch *watch = mon_desk_find(desk, pid);
    look_for_programs();
    return watch != NULL && watch->number != number && watch->state == WATCH_LIVE ? watch : NULL;
}

/* All that it tells is the same, but when it began. */
static void a_process_that_got_the_number_of_another_is_not_taken_for_it(void)
{
    begin(1280, 800);
    os_program *program = start_with("gui_sample", "live", "held");
    struct view view = mon_desk_view(desk);
    SHOWN(view_renew(&view) && pool_worker_at(view.pool, 0) != NULL && view.watch->state == WATCH_LIVE);
    struct order *order = order_new(desk, &view, RECORD_VERB_KILL_WORKER, 0);
    CHECK(order_gone(order) == NULL);
    CHECK(g_file_set_contents("reborn", "", -1, NULL));
    activate("win.again");
    SHOWN(view.watch->state == WATCH_ENDED && is_said("it ended without saying so"));
    SHOWN(find_other(view.watch->pid, view.whose) != NULL);
    g_autofree char *gone = order_gone(order);
    CHECK_CONTAINS(gone != NULL ? gone : "", "has ended meanwhile");
    CHECK(mon_desk_view(desk).whose == view.whose);
    order_free(order);
    CHECK_EQ(remove("reborn"), 0);
    end_program(program);
    end();
}

static void a_pool_is_paused_and_resumed_by_its_button(void)
{
    begin(1280, 800);
    os_program *program = start("gui_controlled", "yes");
    SHOWN(press("Pause pool"));
    SHOWN(is_said("The pool was paused."));
    SHOWN(pool()->said.paused && is_said("paused"));
    SHOWN(press("Resume pool"));
    SHOWN(!pool()->said.paused && is_said("The pool goes on."));
    end_program(program);
    end();
}

/* For longer than an answer may take. It has come meanwhile. */
static void a_window_that_was_kept_waiting_does_not_say_that_nobody_answered(void)
{
    begin(1280, 800);
    os_program *program = start("gui_controlled", "yes");
    SHOWN(press("Pause pool"));
    os_sleep_ms(5500);
    SHOWN(is_said("The pool was paused."));
    CHECK(!is_said("It has not answered"));
    end_program(program);
    end();
}

static void a_pool_is_resized_by_a_dialog(void)
{
    begin(1280, 800);
    os_program *program = start("gui_controlled", "yes");
    SHOWN(press("Resize"));
    SHOWN(is_said("How many workers?"));
    GtkWidget *dialog = window_with("How many workers?");
    gtk_spin_button_set_value(GTK_SPIN_BUTTON(find_type(dialog, GTK_TYPE_SPIN_BUTTON)), 4);
    CHECK(press("Resize"));
    SHOWN(is_said("The pool was resized to 4 workers."));
    SHOWN(pool()->said.target == 4 && pool()->counts.workers == 4);
    end_program(program);
    end();
}

static GtkWidget *resize_dialog(void)
{
    SHOWN(press("Resize"));
    SHOWN(is_said("How many workers?"));
    return window_with("How many workers?");
}

/* Typed, and answered with Return as with the button. */
static void ask_for(GtkWidget *dialog, const char *text)
{
    GtkWidget *spin = find_type(dialog, GTK_TYPE_SPIN_BUTTON);
    gtk_editable_set_text(GTK_EDITABLE(spin), text);
    g_signal_emit_by_name(gtk_editable_get_delegate(GTK_EDITABLE(spin)), "activate");
}

static void what_is_no_number_of_workers_is_told_and_changes_nothing(void)
{
    static const char *const wrong[] = { "abc", "99999", "1025", "0", "-3", "2.5", "" };
    begin(1280, 800);
    os_program *program = start("gui_controlled", "yes");
    GtkWidget *dialog = resize_dialog(), *spin = find_type(dialog, GTK_TYPE_SPIN_BUTTON);
    GtkWidget *note = find(dialog, "A whole number from 1 to 1024.");
    CHECK(note != NULL && !gtk_widget_has_css_class(note, "bad"));
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        ask_for(dialog, wrong[i]);
        CHECK_STR(gtk_editable_get_text(GTK_EDITABLE(spin)), wrong[i]);
        CHECK(gtk_widget_has_css_class(note, "bad") && window_with("How many workers?") == dialog);
        CHECK(press("Resize") && window_with("How many workers?") == dialog);
    }
    ask_for(dialog, " 1 ");
    SHOWN(is_said("The pool was resized to 1 worker."));
    SHOWN(pool()->said.target == 1 && !is_said("How many workers?"));
    end_program(program);
    end();
}

static void a_worker_is_killed_once_that_is_agreed_to(void)
{
    begin(1280, 800);
    os_program *program = start("gui_controlled", "yes");
    uint64_t deaths = pool()->counts.deaths;
    SHOWN(pool_worker_at(pool(), 0) != NULL);
    activate("win.kill-worker(0)");
    SHOWN(is_said("Kill worker 0 (pid "));
    SHOWN(press("Keep it"));
    SHOWN(!is_said("Kill worker 0 (pid "));
    activate("win.kill-worker(0)");
    SHOWN(press("Kill worker"));
    SHOWN(is_said("Worker 0 was killed."));
    SHOWN(pool()->counts.deaths == deaths + 1);
    end_program(program);
    end();
}

/* It begins and ends many while that is asked. */
static void a_question_about_a_worker_says_what_that_runs_by_now(void)
{
    begin(1280, 800);
    os_program *program = start("gui_controlled", "yes");
    SHOWN(pool_worker_at(pool(), 0) != NULL && pool()->counts.succeeded > 0);
    activate("win.kill-worker(0)");
    SHOWN(is_said("Its task work("));
    watch_control(mon_desk_view(desk).watch,
                  &(struct record_control){ .verb = RECORD_VERB_PAUSE, .pool = pool()->number });
    SHOWN(is_said("It has no task; a new worker takes its place."));
    SHOWN(press("Keep it"));
    end_program(program);
    end();
}

/* The next one is still to come, or will not. */
static void a_place_without_a_worker_is_not_killed(void)
{
    begin(1280, 800);
    os_program *program = start("gui_controlled", "yes");
    struct view view = mon_desk_view(desk);
    struct record_worker none = { .pool = view.number, .worker = 7, .state = MPROC_WORKER_NONE };
    struct record_pool larger = view.pool->said;
    larger.max_workers = 8;
    tell_model((struct model *)view.model, RECORD_POOL, view.model->now_ns, &larger);
    tell_model((struct model *)view.model, RECORD_WORKER, view.model->now_ns, &none);
    CHECK(view_renew(&view) && pool_worker_at(view.pool, 7) != NULL);
    activate("win.kill-worker(7)");
    activate("win.restart-worker(7)");
    CHECK(!is_said("Kill worker ") && !is_said("Restart worker "));
    activate("win.page::workers");
    mon_page_workers_choose(page(), &view, &(struct record_death){ .worker = 7 });
    SHOWN(find(page(), "pid 0") != NULL);
    CHECK(!gtk_widget_is_sensitive(find_button("Kill\xe2\x80\xa6")));
    CHECK(mon_page_workers_remove(page()) == NULL);
    mon_page_workers_choose(page(), &view, &(struct record_death){ .worker = 0 });
    SHOWN(find(page(), "pid 0") == NULL && gtk_widget_is_sensitive(find_button("Kill\xe2\x80\xa6")));
    end_program(program);
    end();
}

static void a_worker_is_restarted_once_that_is_agreed_to(void)
{
    begin(1280, 800);
    os_program *program = start("gui_controlled", "yes");
    SHOWN(pool_worker_at(pool(), 1) != NULL && pool_worker_at(pool(), 1)->said.pid != 0);
    int64_t pid = pool_worker_at(pool(), 1)->said.pid;
    activate("win.restart-worker(1)");
    SHOWN(press("Restart worker"));
    SHOWN(is_said("Worker 1 was told to restart."));
    SHOWN(pool_worker_at(pool(), 1) != NULL && pool_worker_at(pool(), 1)->said.pid != pid);
    end_program(program);
    end();
}

static void what_a_program_refuses_is_told_with_its_words(void)
{
    begin(1280, 800);
    os_program *program = start("gui_controlled", "yes");
    watch_control(mon_desk_view(desk).watch,
                  &(struct record_control){ .verb = RECORD_VERB_RESIZE, .pool = pool()->number, .number = 99999 });
    SHOWN(is_said("The pool was not resized to 99999 workers"));
    CHECK(is_said("99999 workers, from 1 to"));
    SHOWN(press("Close"));
    SHOWN(!is_said("99999 workers, from 1 to"));
    end_program(program);
    end();
}

static void what_is_not_granted_cannot_be_asked_for(void)
{
    begin(1280, 800);
    os_program *program = start("gui_controlled", "no");
    SHOWN(find_button("Pause pool") != NULL);
    SHOWN(!gtk_widget_is_sensitive(find_button("Pause pool")) && !gtk_widget_is_sensitive(find_button("Resize")));
    CHECK_STR(parts_get_tooltip(find_button("Pause pool")), "The program did not allow control (monitor_control).");
    activate("win.page::workers");
    SHOWN(find_button("Kill") != NULL && !gtk_widget_is_sensitive(find_button("Kill")));
    end_program(program);
    end();
}

static void a_question_about_a_pool_that_dies_closes_by_itself_and_says_so(void)
{
    begin(1280, 800);
    os_program *program = start("gui_controlled", "yes");
    SHOWN(pool_worker_at(pool(), 0) != NULL);
    activate("win.kill-worker(0)");
    SHOWN(is_said("Kill worker 0 (pid "));
    end_program(program);
    SHOWN(!is_said("Kill worker 0 (pid ") && is_said("Nothing was done"));
    SHOWN(press("Close"));
    SHOWN(!is_said("Nothing was done"));
    end();
}

static void a_question_about_a_worker_that_dies_closes_by_itself_and_says_so(void)
{
    begin(1280, 800);
    os_program *program = start("gui_controlled", "yes");
    SHOWN(pool_worker_at(pool(), 0) != NULL && pool_worker_at(pool(), 0)->said.pid != 0);
    activate("win.restart-worker(0)");
    SHOWN(is_said("Restart worker 0 (pid "));
    os_kill(pool_worker_at(pool(), 0)->said.pid);
    SHOWN(is_said("Nothing was done") && is_said("has ended meanwhile"));
    end_program(program);
    end();
}

/* ---- Several tasks at a time ---- */

static GtkWidget *rows_view(void)
{
    return find_type(page(), GTK_TYPE_COLUMN_VIEW);
}

static guint count_rows(void)
{
    return g_list_model_get_n_items(G_LIST_MODEL(gtk_column_view_get_model(GTK_COLUMN_VIEW(rows_view()))));
}

/* As Ctrl+A does, once there are so many rows, the first of them with that text. */
static bool choose_all(const char *text, guint least)
{
    GtkWidget *cell = find(rows_view(), text);
    return cell != NULL && count_rows() >= least && gtk_widget_activate_action(cell, "list.select-all", NULL);
}

/* Pauses it when all that it has in its queue came while it was watched: only that is told of. What it says of its cost
 * comes last of each look at a pool, behind what has happened to tasks by then; that the pool is paused comes before.
 * Returns how many wait: four, and one more if a task that was on its way to a worker has come back. */
static guint pause_and_let_rest(void)
{
    SHOWN(tasks_numbered(&mon_desk_view(desk).model->tasks, 20) != NULL);
    SHOWN(press("Pause pool"));
    SHOWN(pool()->said.paused && pool()->counts.running == 0 && pool()->counts.queued >= 4);
    int64_t said_ns = mon_desk_view(desk).model->cost_ns;
    SHOWN(mon_desk_view(desk).model->cost_ns > said_ns);
    return (guint)pool()->counts.queued;
}

static bool is_count_said(const char *before, guint count, const char *behind)
{
    g_autofree char *text = g_strdup_printf("%s%u%s", before, count, behind);
    return is_said(text);
}

static void waiting_tasks_are_cancelled_together_once_that_is_agreed_to(void)
{
    begin(1280, 800);
    os_program *program = start("gui_controlled", "yes");
    guint count = pause_and_let_rest();
    activate("win.page::tasks");
    mon_page_tasks_filter(page(), TASKS_WAITING);
    SHOWN(choose_all("Queued", count));
    SHOWN(is_count_said("", count, " tasks are chosen"));
    CHECK(!gtk_widget_is_sensitive(find_button("Retry 0")));
    SHOWN(is_count_said("Cancel ", count, "") && press("Cancel "));
    SHOWN(is_count_said("Cancel ", count, " tasks?"));
    CHECK_EQ(pool()->counts.cancelled, 0);
    SHOWN(press("Keep it"));
    activate("win.remove");
    SHOWN(press("Cancel tasks"));
    SHOWN(pool()->counts.cancelled == count && is_count_said("", count, " tasks were cancelled."));
    end_program(program);
    end();
}

static void failed_tasks_are_tried_again_together_once_that_is_agreed_to(void)
{
    begin(1280, 800);
    os_program *program = start_with("gui_controlled", "yes", "3");
    SHOWN(press("Resume pool"));
    SHOWN(pool()->counts.failed == 3);
    activate("win.page::tasks");
    mon_page_tasks_filter(page(), TASKS_FAILED);
    SHOWN(choose_all("Failed", 3));
    SHOWN(is_said("3 tasks are chosen"));
    char *copied = mon_page_tasks_copy(page());
    CHECK_CONTAINS(copied, "Failed\t1\t");
    CHECK_CONTAINS(copied, "Failed\t3\t");
    g_free(copied);
    SHOWN(press("Retry 3"));
    SHOWN(is_said("Retry 3 tasks?"));
    SHOWN(press("Retry tasks"));
    SHOWN(pool()->counts.failed == 6 && is_said("3 tasks were tried again."));
    activate("win.escape");
    SHOWN(!is_said("tasks are chosen"));
    end_program(program);
    end();
}

/* ---- Locks and queues ---- */

static void open_stuck(void)
{
    make_recording("deadlock");
    mon_desk_open(desk, RECORDING);
    SHOWN(is_said("complete"));
}

static void a_deadlock_is_told_of_on_its_page_and_by_a_notice_elsewhere(void)
{
    begin(1280, 800);
    open_stuck();
    activate("win.page::overview");
    SHOWN(is_said("wait for each other, for") && is_said("Neither can ever go on."));
    SHOWN(press("Show"));
    SHOWN(is_said("Copy report"));
    CHECK(is_said("Worker 2 of crawler holds \xe2\x80\x9cpages\xe2\x80\x9d and waits for \xe2\x80\x9cseen\xe2\x80\x9d "
                  "in crawl.c:118."));
    CHECK(is_said("To mend: take"));
    SHOWN(is_said("1\xc2\xa0"
                  "024 of 1\xc2\xa0"
                  "024"));
    SHOWN(is_said("1 put") && is_said("1 get") && is_said("Semaphore") && is_said("3 of 16"));
    end();
}

static void a_lock_that_is_chosen_says_who_waits_for_it(void)
{
    begin(1280, 800);
    open_stuck();
    activate("win.page::locks");
    SHOWN(is_said("Copy report") && is_said("Semaphore"));
    GtkWidget *view = gtk_widget_get_ancestor(find(window, "Semaphore"), GTK_TYPE_COLUMN_VIEW);
    g_signal_emit_by_name(view, "activate", 0u);
    SHOWN(is_said("Lock \xe2\x80\x9cpages\xe2\x80\x9d"));
    CHECK(is_said("Held by worker 2"));
    CHECK(is_said("waits to take it"));
    activate("win.escape");
    SHOWN(!is_said("Lock \xe2\x80\x9cpages\xe2\x80\x9d"));
    end();
}

static void a_pool_without_locks_is_told_so(void)
{
    begin(1280, 800);
    make_recording("record");
    mon_desk_open(desk, RECORDING);
    SHOWN(is_said("complete"));
    activate("win.page::locks");
    SHOWN(is_said("This pool uses no named lock or queue."));
    end();
}

/* ---- Files ---- */

static void what_is_live_is_recorded_and_replayed(void)
{
    begin(1280, 800);
    os_program *program = start("gui_controlled", "yes");
    activate("win.record-as::live.mproc");
    SHOWN(watch_is_recorded(mon_desk_view(desk).watch) && watch_recorded_bytes(mon_desk_view(desk).watch) > 4000);
    activate("win.record");
    SHOWN(is_said("Recorded to live.mproc."));
    mon_desk_open(desk, "live.mproc");
    SHOWN(is_said("complete") && is_said("Workers busy"));
    end_program(program);
    CHECK_EQ(remove("live.mproc"), 0);
    end();
}

static void what_was_seen_is_saved_when_the_program_is_gone(void)
{
    begin(1280, 800);
    os_program *program = start("gui_controlled", "yes");
    SHOWN(pool_done(pool()) > 5);
    end_program(program);
    SHOWN(is_said("it ended without saying so") && find_button("Save what was seen") != NULL);
    uint64_t done = pool_done(pool());
    activate("win.save-as::seen.mproc");
    SHOWN(is_said("Written to seen.mproc."));
    mon_desk_open(desk, "seen.mproc");
    SHOWN(is_said("complete"));
    CHECK_EQ(pool_done(pool()), done);
    CHECK_EQ(remove("seen.mproc"), 0);
    end();
}

static void a_file_that_has_no_room_is_told_and_leaves_what_was_there(void)
{
    begin(1280, 800);
    if (test_is_windows())
        test_skip("files have no limit here");
    make_recording("record");
    mon_desk_open(desk, RECORDING);
    SHOWN(is_said("complete"));
    CHECK(g_file_set_contents("trace.json", "before", -1, NULL));
    CHECK(os_limit_files(1000));
    activate("win.save-as::trace.json");
    SHOWN(is_said("The file could not be written") && is_said("File too large") && is_said("choose another place"));
    CHECK(os_limit_files(0));
    char *left = NULL;
    CHECK(g_file_get_contents("trace.json", &left, NULL, NULL));
    CHECK_STR(left, "before");
    g_free(left);
    CHECK_EQ(remove("trace.json"), 0);
    GDir *here = g_dir_open(".", 0, NULL);
    for (const char *name; (name = g_dir_read_name(here)) != NULL;)
        CHECK(!g_str_has_prefix(name, "trace.json"));
    g_dir_close(here);
    end();
}

static void a_recording_that_cannot_be_written_is_told(void)
{
    begin(1280, 800);
    os_program *program = start("gui_controlled", "yes");
    activate("win.record-as::nowhere/live.mproc");
    SHOWN(is_said("Nothing was recorded") && is_said("choose another place"));
    CHECK(!watch_is_recorded(mon_desk_view(desk).watch));
    end_program(program);
    end();
}

static char *read_whole(const char *path)
{
    char *text = NULL;
    CHECK(g_file_get_contents(path, &text, NULL, NULL));
    return text;
}

static void check_whole(const char *path, const char *expected)
{
    char *text = read_whole(path);
    CHECK_STR(text, expected);
    g_free(text);
}

static void a_recording_that_does_not_begin_leaves_what_was_there(void)
{
    begin(1280, 800);
    if (test_is_windows())
        test_skip("files have no limit here");
    os_program *program = start("gui_controlled", "yes");
    CHECK(g_file_set_contents("live.mproc", "before", -1, NULL));
    CHECK(os_limit_files(10));
    activate("win.record-as::live.mproc");
    SHOWN(is_said("Nothing was recorded") && is_said("File too large"));
    CHECK(os_limit_files(0));
    check_whole("live.mproc", "before");
    CHECK_EQ(remove("live.mproc"), 0);
    end_program(program);
    end();
}

static void a_recording_whose_file_was_removed_meanwhile_is_told(void)
{
    begin(1280, 800);
    if (test_is_windows())
        test_skip("what is open cannot be removed here");
    os_program *program = start("gui_controlled", "yes");
    activate("win.record-as::live.mproc");
    SHOWN(watch_recorded_bytes(mon_desk_view(desk).watch) > 4000);
    CHECK_EQ(remove("live.mproc"), 0);
    activate("win.record");
    SHOWN(is_said("Nothing was recorded") && is_said("was removed while it was written: live.mproc"));
    end_program(program);
    end();
}

/* A folder, though it is empty and could be removed. */
static void what_is_no_file_is_not_replaced(void)
{
    begin(1280, 800);
    os_program *program = start("gui_controlled", "yes");
    CHECK_EQ(g_mkdir("folder.mproc", 0700), 0);
    activate("win.record-as::folder.mproc");
    SHOWN(is_said("Nothing was recorded") && is_said("What is there is no file"));
    SHOWN(press("Close"));
    activate("win.save-as::folder.mproc");
    SHOWN(is_said("The file could not be written") && is_said("What is there is no file"));
    CHECK(g_file_test("folder.mproc", G_FILE_TEST_IS_DIR));
    CHECK_EQ(g_rmdir("folder.mproc"), 0);
    end_program(program);
    end();
}

/* What may write everything, as root, is kept from nothing. */
static void a_file_that_is_protected_is_not_replaced(void)
{
    begin(1280, 800);
    CHECK(g_file_set_contents("kept.mproc", "before", -1, NULL));
    CHECK_EQ(g_chmod("kept.mproc", 0400), 0);
    if (g_access("kept.mproc", 2) == 0)
        test_skip("this user may write what is protected");
    os_program *program = start("gui_controlled", "yes");
    activate("win.record-as::kept.mproc");
    SHOWN(is_said("Nothing was recorded") && is_said("kept.mproc: Permission denied"));
    SHOWN(press("Close"));
    activate("win.save-as::kept.mproc");
    SHOWN(is_said("The file could not be written") && is_said("kept.mproc: Permission denied"));
    check_whole("kept.mproc", "before");
    CHECK_EQ(g_chmod("kept.mproc", 0600), 0);
    CHECK_EQ(remove("kept.mproc"), 0);
    end_program(program);
    end();
}

static void others_read_a_recording_while_it_is_written(void)
{
    begin(1280, 800);
    os_program *program = start("gui_controlled", "yes");
    activate("win.record-as::live.mproc");
    SHOWN(watch_recorded_bytes(mon_desk_view(desk).watch) > 4000);
    FILE *reader = g_fopen("live.mproc", "rb");
    CHECK(reader != NULL && fgetc(reader) != EOF);
    fclose(reader);
    activate("win.record");
    SHOWN(is_said("Recorded to live.mproc."));
    CHECK_EQ(remove("live.mproc"), 0);
    end_program(program);
    end();
}

static void what_is_behind_a_link_is_written_and_the_link_stays(void)
{
    begin(1280, 800);
    GFile *link = g_file_new_for_path("link.mproc");
    if (!g_file_make_symbolic_link(link, "behind.mproc", NULL, NULL))
        test_skip("no links can be made here");
    g_object_unref(link);
    os_program *program = start("gui_controlled", "yes");
    activate("win.save-as::link.mproc");
    SHOWN(is_said("Written to link.mproc."));
    CHECK(g_file_test("link.mproc", G_FILE_TEST_IS_SYMLINK) && g_file_test("behind.mproc", G_FILE_TEST_IS_REGULAR));
    CHECK_EQ(remove("behind.mproc"), 0);
    activate("win.record-as::link.mproc");
    SHOWN(watch_recorded_bytes(mon_desk_view(desk).watch) > 4000);
    activate("win.record");
    SHOWN(is_said("Recorded to link.mproc."));
    CHECK(g_file_test("link.mproc", G_FILE_TEST_IS_SYMLINK) && g_file_test("behind.mproc", G_FILE_TEST_IS_REGULAR));
    CHECK_EQ(remove("behind.mproc"), 0);
    CHECK_EQ(remove("link.mproc"), 0);
    end_program(program);
    end();
}

/* The page shows another pool by then. */
static void a_log_is_saved_as_it_was_when_that_was_asked_for(void)
{
    begin(1280, 800);
    make_recording("record");
    struct watch *watch = mon_desk_open(desk, RECORDING);
    SHOWN(is_said("complete"));
    activate("win.page::log");
    SHOWN(find(rows_view(), "worker") != NULL);
    CHECK(g_file_set_contents("seen.log", "before", -1, NULL));
    mon_page_log_save(page(), "seen.log");
    mon_window_close(MON_WINDOW(window), watch);
    SHOWN(is_said("Saved") && is_said("in seen.log."));
    char *text = read_whole("seen.log");
    CHECK_CONTAINS(text, "worker");
    g_free(text);
    CHECK_EQ(remove("seen.log"), 0);
    end();
}

static void open_tasks(void)
{
    make_recording("record");
    mon_desk_open(desk, RECORDING);
    SHOWN(is_said("complete"));
    activate("win.page::tasks");
    SHOWN(find(rows_view(), "Queued") != NULL && count_rows() > 1000);
}

static void a_table_of_rows_gets_its_ending_and_asks_before_it_replaces(void)
{
    begin(1280, 800);
    open_tasks();
    CHECK(g_file_set_contents("rows.csv", "before", -1, NULL));
    mon_page_tasks_save(page(), "rows");
    SHOWN(is_said("Replace rows.csv?"));
    SHOWN(press("Keep it"));
    char *kept = read_whole("rows.csv");
    CHECK_STR(kept, "before");
    mon_page_tasks_save(page(), "rows");
    SHOWN(press("Replace"));
    SHOWN(is_said("Saved") && is_said("rows in rows.csv."));
    char *table = read_whole("rows.csv");
    CHECK_CONTAINS(table, "parse_page");
    g_free(kept);
    g_free(table);
    CHECK_EQ(remove("rows.csv"), 0);
    end();
}

static guint count_lines(const char *text)
{
    guint count = 0;
    for (const char *at = text; (at = strchr(at, '\n')) != NULL; at++)
        count++;
    return count;
}

/* Another pool, on another page, with other functions: and the same rows, of which none is missing. */
static void rows_that_are_saved_are_those_that_were_shown(void)
{
    begin(1280, 800);
    open_tasks();
    guint rows = count_rows();
    mon_page_tasks_save(page(), "rows.csv");
    mon_desk_move(desk, 1);
    activate("win.page::log");
    SHOWN(is_said("Saved") && is_said("rows in rows.csv."));
    char *table = read_whole("rows.csv");
    CHECK_EQ(count_lines(table), rows + 1);
    CHECK_CONTAINS(table, "\"crash_parser\"");
    CHECK_CONTAINS(table, "\"parse_page\"");
    CHECK(strstr(table, "checksum") == NULL);
    g_free(table);
    CHECK_EQ(remove("rows.csv"), 0);
    end();
}

static void what_is_saved_is_what_was_looked_at_when_it_was_asked_for(void)
{
    begin(1280, 800);
    os_program *program = start("gui_controlled", "yes");
    activate("win.save-as::seen.mproc");
    make_recording("record");
    mon_desk_open(desk, RECORDING);
    SHOWN(is_said("Written to seen.mproc."));
    mon_desk_open(desk, "seen.mproc");
    SHOWN(is_said("complete") && is_said("obedient"));
    end_program(program);
    CHECK_EQ(remove("seen.mproc"), 0);
    end();
}

static const struct test tests[] = {
    TEST_WITH(a_process_that_got_the_number_of_another_is_not_taken_for_it, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_pool_is_paused_and_resumed_by_its_button, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_window_that_was_kept_waiting_does_not_say_that_nobody_answered, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_pool_is_resized_by_a_dialog, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(what_is_no_number_of_workers_is_told_and_changes_nothing, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_worker_is_killed_once_that_is_agreed_to, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_question_about_a_worker_says_what_that_runs_by_now, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_place_without_a_worker_is_not_killed, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_worker_is_restarted_once_that_is_agreed_to, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(what_a_program_refuses_is_told_with_its_words, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(what_is_not_granted_cannot_be_asked_for, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_question_about_a_pool_that_dies_closes_by_itself_and_says_so, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_question_about_a_worker_that_dies_closes_by_itself_and_says_so, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(waiting_tasks_are_cancelled_together_once_that_is_agreed_to, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(failed_tasks_are_tried_again_together_once_that_is_agreed_to, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_deadlock_is_told_of_on_its_page_and_by_a_notice_elsewhere, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_lock_that_is_chosen_says_who_waits_for_it, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_pool_without_locks_is_told_so, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(what_is_live_is_recorded_and_replayed, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(what_was_seen_is_saved_when_the_program_is_gone, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_file_that_has_no_room_is_told_and_leaves_what_was_there, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_recording_that_cannot_be_written_is_told, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_recording_that_does_not_begin_leaves_what_was_there, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_recording_whose_file_was_removed_meanwhile_is_told, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(what_is_no_file_is_not_replaced, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_file_that_is_protected_is_not_replaced, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(others_read_a_recording_while_it_is_written, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(what_is_behind_a_link_is_written_and_the_link_stays, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_log_is_saved_as_it_was_when_that_was_asked_for, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_table_of_rows_gets_its_ending_and_asks_before_it_replaces, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(rows_that_are_saved_are_those_that_were_shown, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(what_is_saved_is_what_was_looked_at_when_it_was_asked_for, TEST_ONCE | TEST_KEEPS, 60),
};

TEST_MAIN_GUI(tests)
