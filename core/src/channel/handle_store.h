/* Handles of the operating system under way through pipes: the parcel that a FRAME_HANDLE holds, and the store it
 * refers to (platform_parcel in platform.h), kept by a lock of the family.
 *
 * The sender puts the handle into the store and then sends the frame; the receiver takes a duplicate, then passes the
 * frame, then drops what is in the store. So a handle in the store has an unread frame, or a sender or receiver who is
 * between two of these steps: if he was killed there the parcel is over, and its tag says enough to find out. What is
 * over goes with the next use of the store after a death, and with the end of its pipe.
 */
#ifndef MPROC_CHANNEL_HANDLE_STORE_H
#define MPROC_CHANNEL_HANDLE_STORE_H

#include "channel/pipe.h"

/** Puts the handle into the store, for the frame that is about to be sent at this position of the stream; the caller
 * owns the senders' word, and sends the frame. Waits for others who use the store until the deadline, but a second at
 * most, and 20 ms at least. Errors: as platform_parcel_put; MPROC_E_TIMEOUT if the store is kept for longer. */
int mproc__handle_put(const struct pipe_call *call, uint64_t position, mproc_os_handle handle, int64_t deadline_ns,
                      platform_parcel *ret_parcel);

/** A duplicate of the handle, for the caller's program. Waits as mproc__handle_put. Errors: as platform_parcel_copy;
 * MPROC_E_TIMEOUT. */
int mproc__handle_copy(const platform_parcel *parcel, int64_t deadline_ns, mproc_os_handle *ret_handle);

/** Drops the parcel, of which the frame was passed. If the store is kept until the deadline, or the system refuses, it
 * stays there, and is over. */
void mproc__handle_drop(const platform_parcel *parcel, int64_t deadline_ns);

/** Drops all that is over, after the end of a pipe through which handles went. Waits as mproc__handle_drop. */
void mproc__handle_purge(int64_t deadline_ns);

#endif
