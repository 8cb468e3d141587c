/* Handles of the operating system under way from one process to another: the store that keeps them (platform_parcel in
 * platform.h), with a lock of the family.
 *
 * The sender puts the handle into the store and then sends the parcel, which says where it is, by means of his own; the
 * receiver takes a duplicate, then marks the parcel as received, then drops what is in the store. So a handle in the
 * store has a parcel that nobody has received, or a sender or receiver who is between two of these steps: if he was
 * killed there the parcel is over, and its tag says enough to find out. What is over goes with the next use of the
 * store after a death, and when its means are gone.
 *
 * over: whether anybody will still come for a parcel. The store does not know by what means parcels are sent; who uses
 * it says what their tags mean. He is asked about each parcel that is there, whoever has put it.
 */
#ifndef MPROC_CHANNEL_HANDLE_STORE_H
#define MPROC_CHANNEL_HANDLE_STORE_H

#include "platform.h"

/** Puts the handle into the store. The parcel has a tag that no other parcel of the family ever had; the rest of it is
 * filled in, and it is the caller's to send. Waits for others who use the store until the deadline, but a second at
 * most, and 20 ms at least. Errors: as platform_parcel_put; MPROC_E_TIMEOUT if the store is kept for longer. */
int mproc__handle_put(platform_parcel_over *over, mproc_os_handle handle, platform_parcel *parcel, int64_t deadline_ns);

/** A duplicate of the handle, for the caller's program. Waits as mproc__handle_put. Errors: as platform_parcel_copy;
 * MPROC_E_TIMEOUT. */
int mproc__handle_copy(platform_parcel_over *over, const platform_parcel *parcel, int64_t deadline_ns,
                       mproc_os_handle *ret_handle);

/** Drops the parcel, which was marked as received. If the store is kept until the deadline, or the system refuses, it
 * stays there, and is over. */
void mproc__handle_drop(platform_parcel_over *over, const platform_parcel *parcel, int64_t deadline_ns);

/** Drops all that is over, after the end of what handles were sent by. Waits as mproc__handle_drop. */
void mproc__handle_purge(platform_parcel_over *over, int64_t deadline_ns);

#endif
