/* The detail of a thread's last failed platform call.
 */
#ifndef MPROC_UNIX_ERROR_H
#define MPROC_UNIX_ERROR_H

#include <mproc/base.h>
#include <stdbool.h>

/** Records "what: text of errno" for platform_error_text and returns code. Leaves errno as it was. */
int platform__fail(int code, const char *what);

/** The same with an error number given. */
int platform__fail_number(int code, const char *what, int error_number);

/** Records a text of its own and returns code. */
int platform__fail_text(int code, const char *format, ...) MPROC_PRINTF(2, 3);

/** Whether a call that everybody may make fails with this because a sandbox does not let it through, or because the
 * system lacks it. */
bool platform__is_denied(int error_number);

#endif
