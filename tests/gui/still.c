/* Nothing jumps: while a pool works and its figures change, whatever says the same stays where it is, and two pictures
 * differ in figures and charts alone.
 */
#include "main.h"
#include "scene.h"
#include "window/pages.h"

#define LOOKS    6
#define CALM     4 /* of these: a figure that has one digit more may move its neighbours, once */
#define APART_MS 600
#define TURNS    6

/* What has no parts: a text, a shape, a chart. */
struct leaf {
    GtkWidget *widget;
    char *text; /* NULL: it has none */
    graphene_rect_t place;
};

struct look {
    GArray *leaves; /* struct leaf */
    int width, height;
    guint32 *pixels;
};

/* ---- Looking ---- */

static void clear_leaf(gpointer data)
{
    g_free(((struct leaf *)data)->text);
}

/* Charts, glyphs, bars and the map are the window's own; GTK's progress bar and scale are such, too: what is zoomed to
 * is less and less of a run that grows. */
static bool is_drawn(GtkWidget *widget)
{
    GtkWidget *parent = gtk_widget_get_parent(widget);
    return g_str_has_prefix(G_OBJECT_TYPE_NAME(widget), "Mon") || GTK_IS_SCALE(widget) ||
           gtk_widget_get_ancestor(parent, GTK_TYPE_PROGRESS_BAR);
}

static bool is_at_same_place(const struct leaf *before, const struct leaf *after)
{
    return graphene_rect_equal(&before->place, &after->place);
}

/* A figure is as wide as it is, and grows to one side only. */
static bool has_same_edge(const struct leaf *before, const struct leaf *after)
{
    const graphene_rect_t *one = &before->place, *other = &after->place;
    return one->origin.y == other->origin.y &&
           (one->origin.x == other->origin.x || one->origin.x + one->size.width == other->origin.x + other->size.width);
}

/* Those have a menu below them, or what is part of the drawing, and no other parts. */
static bool is_chart(GtkWidget *widget)
{
    static const char *const types[] = { "MonChart", "MonHistogram", "MonLanes", "MonWhole", "GtkScale", NULL };
    return g_strv_contains(types, G_OBJECT_TYPE_NAME(widget));
}

/* origin: of the picture, which has the window's border too. */
static void add_leaves(GArray *leaves, GtkWidget *widget, const graphene_point_t *origin)
{
    if (!gtk_widget_get_mapped(widget) || GTK_IS_SCROLLBAR(widget))
        return;
    bool has_parts = !is_chart(widget) && gtk_widget_get_first_child(widget) != NULL;
    for (GtkWidget *child = has_parts ? gtk_widget_get_first_child(widget) : NULL; child != NULL;
         child = gtk_widget_get_next_sibling(child))
        add_leaves(leaves, child, origin);
    struct leaf leaf = { .widget = widget, .text = g_strdup(text_of(widget)) };
    if (has_parts || !gtk_widget_compute_bounds(widget, window, &leaf.place))
        clear_leaf(&leaf);
    else {
        graphene_rect_offset(&leaf.place, -origin->x, -origin->y);
        g_array_append_val(leaves, leaf);
    }
}

/* As it was drawn last; NULL if it is about to be drawn anew. */
static GskRenderNode *drawn(const graphene_rect_t *bounds)
{
    GdkPaintable *paintable = gtk_widget_paintable_new(window);
    GtkSnapshot *snapshot = gtk_snapshot_new();
    gdk_paintable_snapshot(paintable, GDK_SNAPSHOT(snapshot), (double)bounds->size.width, (double)bounds->size.height);
    g_object_unref(paintable);
    return gtk_snapshot_free_to_node(snapshot);
}

static void draw(struct look *look, GskRenderNode *node)
{
    graphene_rect_t all = GRAPHENE_RECT_INIT(0, 0, (float)look->width, (float)look->height);
    GdkTexture *texture = gsk_renderer_render_texture(gtk_native_get_renderer(GTK_NATIVE(window)), node, &all);
    look->pixels = g_new0(guint32, (gsize)look->width * (gsize)look->height);
    gdk_texture_download(texture, (guchar *)look->pixels, (gsize)look->width * sizeof *look->pixels);
    g_object_unref(texture);
}

static struct look look(void)
{
    struct look look = { .leaves = g_array_new(FALSE, FALSE, sizeof(struct leaf)) };
    graphene_rect_t bounds;
    GskRenderNode *node = NULL;
    g_array_set_clear_func(look.leaves, clear_leaf);
    SHOWN(gtk_widget_compute_bounds(window, window, &bounds) && (node = drawn(&bounds)) != NULL);
    look.width = (int)bounds.size.width;
    look.height = (int)bounds.size.height;
    add_leaves(look.leaves, window, &bounds.origin);
    draw(&look, node);
    gsk_render_node_unref(node);
    return look;
}

static void forget(struct look *look)
{
    g_array_unref(look->leaves);
    g_free(look->pixels);
}

/* ---- Comparing ---- */

static const struct leaf *leaf_of(const struct look *look, GtkWidget *widget)
{
    for (guint i = 0; i < look->leaves->len; i++)
        if (g_array_index(look->leaves, struct leaf, i).widget == widget)
            return &g_array_index(look->leaves, struct leaf, i);
    return NULL;
}

static void blank(struct look *look, const graphene_rect_t *place)
{
    int left = (int)place->origin.x - 1, right = (int)(place->origin.x + place->size.width) + 2;
    int top = (int)place->origin.y - 1, bottom = (int)(place->origin.y + place->size.height) + 2;
    for (int y = MAX(top, 0); y < MIN(bottom, look->height); y++)
        for (int x = MAX(left, 0); x < MIN(right, look->width); x++)
            look->pixels[y * look->width + x] = 0;
}

/* What changes is taken out of both pictures. Returns how many leaves have moved. */
static int compare_leaves(struct look *before, struct look *after, int *ret_changed)
{
    int moved = 0;
    for (guint i = 0; i < before->leaves->len; i++) {
        const struct leaf *old = &g_array_index(before->leaves, struct leaf, i);
        const struct leaf *new = leaf_of(after, old->widget);
        bool has_changed = new == NULL || is_drawn(old->widget) || g_strcmp0(old->text, new->text) != 0;
        *ret_changed += new != NULL &&g_strcmp0(old->text, new->text) != 0;
        if (new != NULL && (has_changed ? !has_same_edge(old, new) : !is_at_same_place(old, new))) {
            printf("# moved: %s %s, by %g %g\n", G_OBJECT_TYPE_NAME(old->widget), old->text != NULL ? old->text : "",
                   (double)(new->place.origin.x - old->place.origin.x),
                   (double)(new->place.origin.y - old->place.origin.y));
            moved++;
        }
        for (int j = 0; has_changed && j < 2; j++) {
            blank(j == 0 ? before : after, &old->place);
            if (new != NULL)
                blank(j == 0 ? before : after, &new->place);
        }
    }
    return moved;
}

static void blank_new(struct look *before, struct look *after)
{
    for (guint i = 0; i < after->leaves->len; i++) {
        const struct leaf *leaf = &g_array_index(after->leaves, struct leaf, i);
        if (leaf_of(before, leaf->widget) != NULL)
            continue;
        blank(before, &leaf->place);
        blank(after, &leaf->place);
    }
}

static int count_other_pixels(const struct look *before, const struct look *after)
{
    int others = 0;
    for (int i = 0; i < before->width * before->height; i++)
        if (before->pixels[i] != after->pixels[i] && others++ == 0)
            printf("# another pixel at %d, %d\n", i % before->width, i / before->width);
    return others;
}

static bool is_calm(int *changed)
{
    struct look before = look();
    let_pass(APART_MS);
    struct look after = look();
    CHECK(before.width == after.width && before.height == after.height);
    int moved = compare_leaves(&before, &after, changed);
    blank_new(&before, &after);
    int others = count_other_pixels(&before, &after);
    forget(&before);
    forget(&after);
    return moved == 0 && others == 0;
}

/* On a machine that stands still for some seconds the window says so, and everything below the notice moves. */
static bool is_live(void)
{
    return mon_desk_view(desk).watch->state == WATCH_LIVE;
}

static void check_page(const struct page *page)
{
    int calm = 0, changed = 0, looks = 0;
    mon_window_show_page(MON_WINDOW(window), page->name);
    let_pass(APART_MS);
    while (looks < LOOKS) {
        SHOWN(is_live());
        let_pass(APART_MS);
        bool was_calm = is_calm(&changed);
        looks += is_live();
        calm += is_live() && was_calm;
    }
    printf("# %s: %d of %d\n", page->name, calm, LOOKS);
    CHECK_LE(CALM, calm);
    CHECK(changed > 0);
}

static void nothing_jumps_when_figures_change(void)
{
    begin(1280, 800);
    os_program *program = begin_sample();
    /* Until there are figures everywhere. */
    let_pass(2500);
    for (size_t i = 0; i < page_count; i++)
        check_page(&pages[i]);
    end_sample(program);
    end();
}

/* ---- Nothing is drawn for nothing ---- */

static int64_t count_frames(void)
{
    return gdk_frame_clock_get_frame_counter(gtk_widget_get_frame_clock(window));
}

/* What it shows is shown once more, and is the same. */
static int64_t frames_of_refresh(void)
{
    int64_t before = count_frames();
    mon_window_refresh(MON_WINDOW(window));
    let_pass(40);
    return count_frames() - before;
}

/* So often in turn: a table has all its cells filled in by then. */
static bool is_at_rest(int *calm)
{
    *calm = frames_of_refresh() == 0 ? *calm + 1 : 0;
    return *calm == TURNS;
}

static void what_is_shown_again_as_it_was_is_not_drawn_again(void)
{
    begin(1280, 800);
    make_recording("record");
    mon_desk_open(desk, RECORDING);
    SHOWN(is_seen("complete"));
    for (size_t i = 0; i < page_count; i++) {
        mon_window_show_page(MON_WINDOW(window), pages[i].name);
        int calm = 0;
        WAIT_UNTIL(is_at_rest(&calm));
    }
    end();
}

static const struct test tests[] = {
    TEST_WITH(what_is_shown_again_as_it_was_is_not_drawn_again, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(nothing_jumps_when_figures_change, TEST_ONCE | TEST_KEEPS, 120),
};

TEST_MAIN_GUI(tests)
