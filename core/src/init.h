/* The entry: mproc_init, mproc_begin_family, and which floors a new process passes on its way in.
 *
 * Lives here: these two, and what only a place above all floors can say: that every floor gives up what a fork has
 * copied, and which floor runs a child of which role.
 *
 * May use: all folders.
 *
 * Must not know: how any of them does it. No folder knows the entry; what it has to tell them stands in base/ready.h.
 */
#ifndef MPROC_SRC_INIT_H
#define MPROC_SRC_INIT_H

#include <mproc/init.h>

#endif
