#define _GNU_SOURCE
#include "unix/symbols.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Larger tables are left alone. */
#define TABLE_MAX ((uint64_t)1 << 28)

#define SYMBOL_TYPE(info) ((info)&0xf)

static bool read_at(const struct platform__elf *elf, uint64_t offset, void *ret_data, size_t size)
{
    char *to = ret_data;
    if (offset > elf->size || size > elf->size - offset)
        return false;
    while (size > 0) {
        ssize_t length = pread(elf->fd, to, size, (off_t)offset);
        if (length == 0 || (length < 0 && errno != EINTR))
            return false;
        if (length > 0) {
            to += length;
            offset += (uint64_t)length;
            size -= (size_t)length;
        }
    }
    return true;
}

static void *read_table(const struct platform__elf *elf, uint64_t offset, uint64_t size)
{
    if (size == 0 || size > TABLE_MAX || size > elf->size)
        return NULL;
    void *table = malloc((size_t)size);
    if (table && !read_at(elf, offset, table, (size_t)size)) {
        free(table);
        table = NULL;
    }
    return table;
}

static bool read_section(const struct platform__elf *elf, unsigned index, ElfW(Shdr) * ret_section)
{
    return index < elf->header.e_shnum &&
           read_at(elf, elf->header.e_shoff + (uint64_t)index * sizeof *ret_section, ret_section, sizeof *ret_section);
}

static bool find_section(const struct platform__elf *elf, uint32_t type, ElfW(Shdr) * ret_section)
{
    for (unsigned i = 0; read_section(elf, i, ret_section); i++)
        if (ret_section->sh_type == type)
            return true;
    return false;
}

static bool read_symbols(struct platform__elf *elf, uint32_t type)
{
    ElfW(Shdr) symbols, names;
    if (!find_section(elf, type, &symbols) || !read_section(elf, symbols.sh_link, &names))
        return false;
    elf->symbols = read_table(elf, symbols.sh_offset, symbols.sh_size);
    elf->names = read_table(elf, names.sh_offset, names.sh_size);
    if (!elf->symbols || !elf->names) {
        platform__elf_end(elf);
        return false;
    }
    elf->symbol_count = (size_t)symbols.sh_size / sizeof *elf->symbols;
    elf->names_size = (size_t)names.sh_size;
    elf->names[elf->names_size - 1] = '\0';
    return true;
}

bool platform__elf_begin(int fd, struct platform__elf *ret_elf)
{
    struct stat status;
    struct platform__elf elf = { .fd = fd };
    elf.size = fstat(fd, &status) == 0 ? (uint64_t)status.st_size : 0;
    if (!read_at(&elf, 0, &elf.header, sizeof elf.header) || memcmp(elf.header.e_ident, ELFMAG, SELFMAG) != 0 ||
        elf.header.e_phentsize != sizeof(ElfW(Phdr)) ||
        (elf.header.e_shnum > 0 && elf.header.e_shentsize != sizeof(ElfW(Shdr))))
        return false;
    if (!read_symbols(&elf, SHT_SYMTAB))
        read_symbols(&elf, SHT_DYNSYM);
    *ret_elf = elf;
    return true;
}

void platform__elf_end(struct platform__elf *elf)
{
    free(elf->symbols);
    free(elf->names);
    elf->symbols = NULL;
    elf->names = NULL;
    elf->symbol_count = 0;
}

bool platform__elf_address(const struct platform__elf *elf, uint64_t file_offset, uint64_t *ret_address)
{
    ElfW(Phdr) header;
    for (unsigned i = 0; i < elf->header.e_phnum; i++) {
        if (!read_at(elf, elf->header.e_phoff + (uint64_t)i * sizeof header, &header, sizeof header))
            return false;
        if (header.p_type == PT_LOAD && file_offset >= header.p_offset &&
            file_offset - header.p_offset < header.p_filesz) {
            *ret_address = file_offset - header.p_offset + header.p_vaddr;
            return true;
        }
    }
    return false;
}

const char *platform__elf_function(const struct platform__elf *elf, uint64_t address, uint64_t *ret_offset)
{
    const ElfW(Sym) *best = NULL;
    for (size_t i = 0; i < elf->symbol_count; i++) {
        const ElfW(Sym) *symbol = &elf->symbols[i];
        if (SYMBOL_TYPE(symbol->st_info) == STT_FUNC && symbol->st_shndx != SHN_UNDEF &&
            symbol->st_name < elf->names_size && address - symbol->st_value < symbol->st_size &&
            (!best || symbol->st_value > best->st_value))
            best = symbol;
    }
    if (!best)
        return NULL;
    *ret_offset = address - best->st_value;
    return elf->names + best->st_name;
}
