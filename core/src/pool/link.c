#include "pool/link.h"

void mproc__link_free(struct link *link)
{
    link->ops->free(link);
}

void mproc__link_defer(struct link *link, struct link **deferred)
{
    link->next_deferred = *deferred;
    *deferred = link;
}

void mproc__link_free_deferred(struct link **deferred)
{
    for (struct link *link = *deferred, *next; link != NULL; link = next) {
        next = link->next_deferred;
        link->ops->free(link);
    }
    *deferred = NULL;
}
