#include "pool/link.h"

void mproc__link_free(struct link *link, struct link **deferred)
{
    if (deferred == NULL) {
        link->ops->free(link);
        return;
    }
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
