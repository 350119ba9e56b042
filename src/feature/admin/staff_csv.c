// SPDX-License-Identifier: MPL-2.0
#include "feature/admin/staff_csv.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/utf8.h"
#include "web/text.h"

#include <csv.h>
#include <errno.h>
#include <iconv.h>

enum column { COLUMN_LOGIN, COLUMN_NAME, COLUMN_TITLE, COLUMN_UNIT, COLUMN_COUNT, COLUMN_OTHER = COLUMN_COUNT };

#define FIELDS_MAX 64   // columns of a line

struct reader {
    struct arena *arena;
    struct staff_line *lines;
    size_t count;
    int64_t line;
    bool named;                        // the first line has been read
    enum column columns[FIELDS_MAX];
    size_t columns_count;
    struct str fields[FIELDS_MAX];     // of the line that is being read
    size_t fields_count;
    const char *problem;
    int error;
};

static const struct {
    struct str name;
    enum column column;
} known[] = {
    { STR("login"), COLUMN_LOGIN }, { STR("navn"), COLUMN_NAME }, { STR("name"), COLUMN_NAME }, { STR("titel"), COLUMN_TITLE },
    { STR("title"), COLUMN_TITLE }, { STR("enhed"), COLUMN_UNIT }, { STR("unit"), COLUMN_UNIT },
};

static enum column column_of(struct str name)
{
    _cleanup_(buf_free) struct buf folded = buf_bounded(STAFF_FIELD_MAX);
    utf8_fold(&folded, name);
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (str_equal(buf_view(&folded), known[i].name))
            return known[i].column;
    }
    return COLUMN_OTHER;
}

static void read_names(struct reader *reader)
{
    bool seen[COLUMN_COUNT + 1] = { false };
    reader->named = true;
    reader->columns_count = reader->fields_count;
    for (size_t i = 0; i < reader->fields_count; i++) {
        enum column column = column_of(reader->fields[i]);
        reader->columns[i] = column;
        if (column != COLUMN_OTHER && seen[column])
            reader->problem = TEXT("The first line names a column twice.");
        seen[column] = true;
    }
    if (!seen[COLUMN_LOGIN] || !seen[COLUMN_NAME])
        reader->problem = TEXT("The first line must name the columns: login, navn, titel, enhed. At least login and navn must be there.");
}

static const char *line_problem(const struct staff_line *line)
{
    const struct str all[] = { line->login, line->name, line->title, line->unit };
    if (line->login.len == 0)
        return TEXT("The login is missing.");
    if (line->name.len == 0)
        return TEXT("The name is missing.");
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (utf8_count(all[i]) > STAFF_FIELD_MAX)
            return TEXT("A field is too long.");
        if (utf8_has_control(all[i]) || memchr(all[i].ptr, '\n', all[i].len))
            return TEXT("A field holds characters that can't be shown.");
    }
    return NULL;
}

static void read_record(struct reader *reader)
{
    struct staff_line line = { .line = reader->line, .login = STR(""), .name = STR(""), .title = STR(""), .unit = STR("") };
    struct str *places[] = { &line.login, &line.name, &line.title, &line.unit };
    bool empty = true;
    for (size_t i = 0; i < reader->fields_count; i++) {
        empty = empty && reader->fields[i].len == 0;
        if (i < reader->columns_count && reader->columns[i] != COLUMN_OTHER)
            *places[reader->columns[i]] = reader->fields[i];
    }
    if (empty)
        return;
    line.problem = reader->fields_count > reader->columns_count ? TEXT("The line has more fields than the first one.") : line_problem(&line);
    if (reader->count == STAFF_LINES_MAX)
        reader->problem = TEXT("The file has more than 5,000 lines. Divide it.");
    else
        reader->lines[reader->count++] = line;
}

static void on_field(void *text, size_t len, void *context)
{
    struct reader *reader = context;
    if (reader->fields_count == FIELDS_MAX) {
        reader->problem = TEXT("A line has more than 64 fields.");
        return;
    }
    struct str field = arena_str(reader->arena, str_trim((struct str){ text, len }));
    if (!field.ptr)
        reader->error = -ENOMEM;
    reader->fields[reader->fields_count++] = field.ptr ? field : STR("");
}

static void on_record(int end, void *context)
{
    struct reader *reader = context;
    if (!reader->problem && !reader->error && reader->fields_count > 0) {
        if (reader->named)
            read_record(reader);
        else
            read_names(reader);
    }
    reader->fields_count = 0;
}

static int from_windows(struct arena *arena, struct str text, struct str *ret_text)
{
    iconv_t converter = iconv_open("UTF-8", "CP1252");
    if (converter == (iconv_t)-1)
        return -errno;
    size_t left = text.len, room = text.len * 3;
    char *out = arena_alloc(arena, room + 1), *end = out, *in = (char *)(uintptr_t)text.ptr;
    int result = out ? 0 : -ENOMEM;
    if (result == 0 && iconv(converter, &in, &left, &end, &room) == (size_t)-1)
        result = -EINVAL;
    iconv_close(converter);
    if (result == 0)
        *ret_text = (struct str){ out, (size_t)(end - out) };
    return result;
}

// The file as UTF-8 text without its mark.
static int decode(struct arena *arena, struct bytes file, struct str *ret_text, const char **ret_problem)
{
    static const struct str mark = STR("\xEF\xBB\xBF");
    struct str text = bytes_str(file);
    if (str_starts(text, mark))
        text = (struct str){ text.ptr + mark.len, text.len - mark.len };
    int result = text.len == 0 || memchr(text.ptr, '\0', text.len) ? -EINVAL : 0;
    if (result == 0 && !utf8_valid(text))
        result = from_windows(arena, text, &text);
    if (result == -EINVAL)
        *ret_problem = TEXT("The file is empty, or it is not a text file. Save it as CSV.");
    *ret_text = text;
    return result;
}

// Whichever of the two the first line has more of.
static unsigned char delimiter_of(struct str text)
{
    struct str first = str_cut(&text, '\n');
    size_t commas = 0, semicolons = 0;
    for (size_t i = 0; i < first.len; i++) {
        commas += first.ptr[i] == ',';
        semicolons += first.ptr[i] == ';';
    }
    return semicolons > commas ? ';' : ',';
}

// Line by line, so that each record knows where it ends.
static int parse(struct reader *reader, struct str text)
{
    struct csv_parser parser;
    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
        return -ENOMEM;
    csv_set_delim(&parser, delimiter_of(text));
    bool broken = false;
    while (text.len > 0 && !reader->problem && !reader->error && !broken) {
        const char *end = memchr(text.ptr, '\n', text.len);
        size_t len = end ? (size_t)(end - text.ptr) + 1 : text.len;
        reader->line++;
        broken = csv_parse(&parser, text.ptr, len, on_field, on_record, reader) != len;
        text = (struct str){ text.ptr + len, text.len - len };
    }
    broken = (!reader->problem && csv_fini(&parser, on_field, on_record, reader) != 0) || broken;
    csv_free(&parser);
    if (broken && !reader->problem)
        reader->problem = TEXT("The quotation marks of the file don't fit together.");
    return reader->error;
}

int staff_csv_read(struct arena *arena, struct bytes file, const struct staff_line **ret_lines, size_t *ret_count, const char **ret_problem)
{
    struct reader reader = { .arena = arena, .lines = arena_array(arena, STAFF_LINES_MAX, sizeof(struct staff_line)) };
    struct str text;
    int result = reader.lines ? decode(arena, file, &text, ret_problem) : -ENOMEM;
    if (result == 0)
        result = parse(&reader, text);
    if (result < 0)
        return result;
    if (!reader.problem && reader.count == 0)
        reader.problem = TEXT("The file has no lines with people.");
    if (reader.problem) {
        *ret_problem = reader.problem;
        return -EINVAL;
    }
    *ret_lines = reader.lines;
    *ret_count = reader.count;
    return 0;
}
