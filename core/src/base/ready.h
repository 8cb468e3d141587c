/* What mproc_init leaves for all floors to know: that it was called, in which program, and which of the processes that
 * this memory has been in is the one of now. */
#ifndef MPROC_BASE_READY_H
#define MPROC_BASE_READY_H

#include "platform.h"
#include <stdbool.h>
#include <stdint.h>

/** Changes when a process becomes a child: what was made in another epoch belongs to the parent. Written in a new child
 * while it has one thread. */
extern uint32_t mproc__process_epoch;

/** For mproc_init: notes the call, by an address in the program that made it. Whether it was the first. */
bool mproc__ready_begin(const void *program_address);

/** In a child, before it has other threads: begins the next epoch. */
void mproc__ready_adopt(void);

/** Whether mproc_init was called: in this process or, under fork, in an ancestor. */
bool mproc__initialized(void);

/** The program: the module that called mproc_init. Mostly it is the executable, else the library that stands for it in
 * every process alike. False if it is unknown. */
bool mproc__program_module(platform_module *ret_module);

/** Its key, 0 if unknown. */
uint64_t mproc__program_key(void);

#endif
