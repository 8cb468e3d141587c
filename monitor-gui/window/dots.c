#include "window/dots.h"

/* Dots are of what happens while somebody looks at the pool, not of what was before. */
static void begin_to_look(struct dots *dots, const struct view *view)
{
    if (dots->watch != view->watch || dots->pool != view->pool->number)
        *dots = (struct dots){ .watch = view->watch, .pool = view->pool->number };
}

void dots_show(struct dots *dots, GtkStack *stack, const struct view *view, size_t seen)
{
    begin_to_look(dots, view);
    for (size_t i = 0; i < page_count; i++) {
        uint64_t troubles = pages[i].troubles != NULL ? pages[i].troubles(view) : 0;
        GtkWidget *page = gtk_stack_get_child_by_name(stack, pages[i].name);
        if (i == seen)
            dots->looked[i] = troubles;
        dots->news[i] = troubles > dots->looked[i] ? troubles - dots->looked[i] : 0;
        gtk_stack_page_set_needs_attention(gtk_stack_get_page(stack, page), dots->news[i] > 0);
    }
}
