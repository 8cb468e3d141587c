#include "base/copy.h"

#define COPY_STEP 64u

void mproc__copy_backward(unsigned char *to, const unsigned char *from, size_t size)
{
    while (size >= COPY_STEP) {
        size -= COPY_STEP;
        memcpy(to + size, from + size, COPY_STEP);
    }
    memcpy(to, from, size);
}
