/* Cancellation of threads, which the calls below all others hold back. */
#include "platform.h"
#include <pthread.h>

int platform_cancel_hold(void)
{
    int before;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
    return before;
}

void platform_cancel_release(int before)
{
    pthread_setcancelstate(before, &(int){ 0 });
}
