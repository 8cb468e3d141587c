/* lines.c: line tables.
 */
#include "lines.h"

#include <stdio.h>
#include <string.h>

/* ---- Bytes ---- */

/** A place in a table. Behind the end, or after what makes no sense, everything is 0. */
struct cursor {
    const unsigned char *at, *end;
    bool is_bad;
};

static struct cursor cursor_of(const unsigned char *data, size_t size)
{
    return (struct cursor){ data, data + size, false };
}

static size_t left(const struct cursor *cursor)
{
    return cursor->is_bad ? 0 : (size_t)(cursor->end - cursor->at);
}

static const unsigned char *take(struct cursor *cursor, uint64_t size)
{
    const unsigned char *bytes = cursor->at;
    if (size > left(cursor)) {
        cursor->is_bad = true;
        return NULL;
    }
    cursor->at += size;
    return bytes;
}

static uint64_t take_number(struct cursor *cursor, size_t width)
{
    const unsigned char *bytes = take(cursor, width);
    uint64_t number = 0;
    for (size_t i = 0; bytes != NULL && i < width; i++)
        number |= (uint64_t)bytes[i] << 8 * i;
    return number;
}

/** Seven bits to a byte, the lowest first. ret_bits: how many there were. */
static uint64_t take_sevens(struct cursor *cursor, unsigned *ret_bits)
{
    uint64_t number = 0, byte = 0x80;
    unsigned bits = 0;
    for (; (byte & 0x80) != 0 && !cursor->is_bad; bits += 7) {
        byte = take_number(cursor, 1);
        number |= bits < 64 ? (byte & 0x7f) << bits : 0;
    }
    *ret_bits = bits;
    return number;
}

static uint64_t take_unsigned(struct cursor *cursor)
{
    unsigned bits;
    return take_sevens(cursor, &bits);
}

static int64_t take_signed(struct cursor *cursor)
{
    unsigned bits;
    uint64_t number = take_sevens(cursor, &bits);
    if (bits > 0 && bits < 64 && (number >> (bits - 1) & 1) != 0)
        number |= ~(uint64_t)0 << bits;
    return (int64_t)number;
}

/** A text that ends with a zero, which it has. */
static const char *take_text(struct cursor *cursor)
{
    size_t size = strnlen((const char *)cursor->at, left(cursor));
    return (const char *)take(cursor, size + 1);
}

static const char *text_at(const struct platform__bytes *texts, uint64_t offset)
{
    if (texts->data == NULL || offset >= texts->size)
        return NULL;
    struct cursor cursor = cursor_of(texts->data + offset, texts->size - (size_t)offset);
    return take_text(&cursor);
}

/* ---- A unit ---- */

/** The table of one source file and what it includes. */
struct unit {
    const struct platform__line_tables *tables;
    unsigned version;
    uint8_t min_length, line_range, opcode_base;
    int8_t line_base;
    const unsigned char *lengths; /* how many numbers follow each of the standard opcodes */
    struct cursor files;          /* directories and files */
    struct cursor program;
};

/** What stands before the files. False if it is none that can be read. */
static bool begin_unit(struct unit *unit, struct cursor *bytes)
{
    unit->version = (unsigned)take_number(bytes, 2);
    if (unit->version >= 5)
        take(bytes, 2);
    uint64_t size = take_number(bytes, 4);
    unit->files = *bytes;
    if (take(bytes, size) == NULL || unit->version < 2 || unit->version > 5)
        return false;
    unit->program = *bytes;
    unit->files.end = bytes->at;
    unit->min_length = (uint8_t)take_number(&unit->files, 1);
    if (unit->version >= 4)
        take(&unit->files, 1);
    take(&unit->files, 1);
    unit->line_base = (int8_t)take_number(&unit->files, 1);
    unit->line_range = (uint8_t)take_number(&unit->files, 1);
    unit->opcode_base = (uint8_t)take_number(&unit->files, 1);
    unit->lengths = unit->opcode_base > 0 ? take(&unit->files, unit->opcode_base - 1u) : NULL;
    return unit->lengths != NULL && unit->line_range > 0;
}

/* ---- Files ---- */

enum { CONTENT_PATH = 1, ENTRY_FORMATS = 8 };

enum form {
    FORM_DATA2 = 0x05,
    FORM_DATA4 = 0x06,
    FORM_DATA8 = 0x07,
    FORM_STRING = 0x08,
    FORM_BLOCK = 0x09,
    FORM_DATA1 = 0x0b,
    FORM_STRP = 0x0e,
    FORM_UDATA = 0x0f,
    FORM_DATA16 = 0x1e,
    FORM_LINE_STRP = 0x1f
};

/** Passes over a value; of a text, which it is. */
static const char *take_form(struct cursor *cursor, uint64_t form, const struct platform__line_tables *tables)
{
    static const uint8_t widths[] = {
        [FORM_DATA1] = 1, [FORM_DATA2] = 2, [FORM_DATA4] = 4, [FORM_DATA8] = 8, [FORM_DATA16] = 16
    };
    if (form == FORM_STRING)
        return take_text(cursor);
    if (form == FORM_LINE_STRP)
        return text_at(&tables->line_str, take_number(cursor, 4));
    if (form == FORM_STRP)
        return text_at(&tables->str, take_number(cursor, 4));
    if (form == FORM_UDATA)
        take_unsigned(cursor);
    else if (form == FORM_BLOCK)
        take(cursor, take_unsigned(cursor));
    else if (form < sizeof widths && widths[form] != 0)
        take(cursor, widths[form]);
    else
        cursor->is_bad = true;
    return NULL;
}

/** Passes over a list of entries, which say before what each of them has. Returns the path of one; NULL if it is not
 * among them. */
static const char *take_entries(struct cursor *cursor, uint64_t wanted, const struct platform__line_tables *tables)
{
    uint64_t contents[ENTRY_FORMATS], forms[ENTRY_FORMATS], format_count = take_number(cursor, 1);
    const char *found = NULL;
    if (format_count > ENTRY_FORMATS)
        return NULL;
    for (uint64_t i = 0; i < format_count; i++) {
        contents[i] = take_unsigned(cursor);
        forms[i] = take_unsigned(cursor);
    }
    uint64_t count = take_unsigned(cursor);
    /* Entries of nothing take no room, and there may be said to be any number of them. */
    for (uint64_t i = 0; i < count && format_count > 0 && left(cursor) > 0; i++)
        for (uint64_t j = 0; j < format_count; j++) {
            const char *text = take_form(cursor, forms[j], tables);
            if (i == wanted && contents[j] == CONTENT_PATH)
                found = text;
        }
    return found;
}

/** Of the versions before 5: lists that end with an empty text. */
static const char *take_old_entries(struct cursor *cursor, uint64_t wanted)
{
    const char *text;
    while ((text = take_text(cursor)) != NULL && text[0] != '\0')
        continue;
    for (uint64_t i = 1; (text = take_text(cursor)) != NULL && text[0] != '\0'; i++) {
        for (int j = 0; j < 3; j++)
            take_unsigned(cursor);
        if (i == wanted)
            return text;
    }
    return NULL;
}

static const char *file_of(const struct unit *unit, uint64_t number)
{
    struct cursor cursor = unit->files;
    if (unit->version < 5)
        return take_old_entries(&cursor, number);
    take_entries(&cursor, UINT64_MAX, unit->tables);
    return cursor.is_bad ? NULL : take_entries(&cursor, number, unit->tables);
}

/* ---- The program that makes the rows ---- */

struct row {
    uint64_t address, file;
    int64_t line;
};

struct machine {
    const struct unit *unit;
    struct row now, last; /* last: of the same sequence */
    bool has_last, is_over;
    uint64_t wanted;
    struct row found;
    bool has_found;
};

static void begin_sequence(struct machine *machine)
{
    machine->now = (struct row){ 0, 1, 1 };
    machine->has_last = false;
}

/** A row holds up to the next one. */
static void end_row(struct machine *machine)
{
    if (machine->has_last && machine->last.address <= machine->wanted && machine->wanted < machine->now.address) {
        machine->found = machine->last;
        machine->has_found = true;
    }
    machine->last = machine->now;
    machine->has_last = true;
}

static void advance(struct machine *machine, uint64_t operations)
{
    machine->now.address += operations * machine->unit->min_length;
}

/** Without overflow, whatever a table says. */
static void advance_line(struct machine *machine, int64_t lines)
{
    machine->now.line = (int64_t)((uint64_t)machine->now.line + (uint64_t)lines);
}

static void run_extended(struct machine *machine, struct cursor *program)
{
    enum { END_SEQUENCE = 1, SET_ADDRESS = 2 };
    uint64_t size = take_unsigned(program);
    const unsigned char *bytes = take(program, size);
    if (bytes == NULL || size == 0)
        return;
    struct cursor arguments = cursor_of(bytes + 1, (size_t)size - 1);
    if (bytes[0] == END_SEQUENCE) {
        end_row(machine);
        begin_sequence(machine);
    } else if (bytes[0] == SET_ADDRESS && size <= 9) {
        machine->now.address = take_number(&arguments, (size_t)size - 1);
    }
}

static void run_standard(struct machine *machine, struct cursor *program, uint8_t opcode)
{
    enum { COPY = 1, ADVANCE_PC, ADVANCE_LINE, SET_FILE, CONST_ADD_PC = 8, FIXED_ADVANCE_PC = 9 };
    const struct unit *unit = machine->unit;
    if (opcode == COPY)
        end_row(machine);
    else if (opcode == ADVANCE_PC)
        advance(machine, take_unsigned(program));
    else if (opcode == ADVANCE_LINE)
        advance_line(machine, take_signed(program));
    else if (opcode == SET_FILE)
        machine->now.file = take_unsigned(program);
    else if (opcode == CONST_ADD_PC)
        advance(machine, (255u - unit->opcode_base) / unit->line_range);
    else if (opcode == FIXED_ADVANCE_PC)
        machine->now.address += take_number(program, 2);
    else
        for (unsigned i = unit->lengths[opcode - 1]; i > 0; i--)
            take_unsigned(program);
}

static void run_special(struct machine *machine, uint8_t opcode)
{
    const struct unit *unit = machine->unit;
    unsigned adjusted = (unsigned)opcode - unit->opcode_base;
    advance(machine, adjusted / unit->line_range);
    advance_line(machine, unit->line_base + (int)(adjusted % unit->line_range));
    end_row(machine);
}

static bool find_row(const struct unit *unit, uint64_t address, struct row *ret_row)
{
    struct machine machine = { .unit = unit, .wanted = address };
    struct cursor program = unit->program;
    begin_sequence(&machine);
    while (left(&program) > 0 && !machine.has_found) {
        uint8_t opcode = (uint8_t)take_number(&program, 1);
        if (opcode >= unit->opcode_base)
            run_special(&machine, opcode);
        else if (opcode == 0)
            run_extended(&machine, &program);
        else
            run_standard(&machine, &program, opcode);
    }
    *ret_row = machine.found;
    return machine.has_found;
}

/* ---- All units ---- */

static const char *end_of_path(const char *path)
{
    const char *slash = strrchr(path, '/'), *backslash = strrchr(path, '\\');
    const char *last = backslash != NULL && (slash == NULL || backslash > slash) ? backslash : slash;
    return last != NULL ? last + 1 : path;
}

static bool write_line(const struct unit *unit, const struct row *row, char *ret_text, size_t capacity)
{
    const char *path = file_of(unit, row->file);
    if (path == NULL || row->line <= 0)
        return false;
    snprintf(ret_text, capacity, "%.40s:%lld", end_of_path(path), (long long)row->line);
    return true;
}

bool platform__line_of(const struct platform__line_tables *tables, uint64_t address, char *ret_text, size_t capacity)
{
    struct cursor all = cursor_of(tables->line.data, tables->line.size);
    while (left(&all) > 0) {
        uint64_t size = take_number(&all, 4);
        struct cursor bytes = cursor_of(all.at, size <= left(&all) ? (size_t)size : 0);
        struct unit unit = { .tables = tables };
        struct row row;
        /* A longer one than there is room for would be one of 64 bits, which nobody makes for this system. */
        if (take(&all, size) == NULL)
            return false;
        if (begin_unit(&unit, &bytes) && find_row(&unit, address, &row))
            return write_line(&unit, &row, ret_text, capacity);
    }
    return false;
}
