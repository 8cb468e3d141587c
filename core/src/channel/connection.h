/* Connections, for whoever waits for several things at once.
 */
#ifndef MPROC_CHANNEL_CONNECTION_H
#define MPROC_CHANNEL_CONNECTION_H

#include "channel/channel.h"

/** Ready to be received from. */
channel_look mproc__connection_look;

#endif
