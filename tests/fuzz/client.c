/* What a client reads of a process that means it ill. */
#include "stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fuzz_stream(bytes, size, WIRE_FRAME_MAX);
    return 0;
}
