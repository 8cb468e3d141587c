/* What a watched process reads of a client that means it ill. */
#include "stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fuzz_stream(bytes, size, WIRE_CLIENT_MAX);
    return 0;
}
