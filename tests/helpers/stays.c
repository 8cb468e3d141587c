/* A program that is no use as a child: it never says that it is ready, and it stays. Whoever starts it has to end it.
 */
#include "os.h"

int main(void)
{
    int64_t end_ms = os_now_ms() + 600000;
    while (os_now_ms() < end_ms)
        os_sleep_ms(100);
    return 0;
}
