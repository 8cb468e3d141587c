/* The functions of a program or library, by its file. Nothing in the file is believed further than its size goes. */
#ifndef MPROC_UNIX_SYMBOLS_H
#define MPROC_UNIX_SYMBOLS_H

#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct platform__elf {
    int fd;
    uint64_t size;
    ElfW(Ehdr) header;
    ElfW(Sym) * symbols; /* those of all functions if the file still has them, else of those it exports; or NULL */
    size_t symbol_count;
    char *names;
    size_t names_size;
};

/** Reads the symbols of an open file, which stays the caller's. Without any, or without memory, there are none. Returns
 * false if it is no such file. */
bool platform__elf_begin(int fd, struct platform__elf *ret_elf);
void platform__elf_end(struct platform__elf *elf);

/** Where a byte of the file is meant to lie in memory, before the module is moved as a whole. */
bool platform__elf_address(const struct platform__elf *elf, uint64_t file_offset, uint64_t *ret_address);

/** The name of the function that an address lies in, and how far behind its beginning; NULL if it is in none. */
const char *platform__elf_function(const struct platform__elf *elf, uint64_t address, uint64_t *ret_offset);

#endif
