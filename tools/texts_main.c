// SPDX-License-Identifier: MPL-2.0
// texts build OUTPUT.c OUTPUT.h DEPENDENCIES INPUT…   the tables
// texts check INPUT…                                  fails when a translation is missing, and prints which
// texts missing INPUT…                                the same, to be redirected into a PO file
// texts unused INPUT…                                 fails when a translation has no text
// An input is a template (.html), a C file (.c), or a folder po/LANGUAGE with .po files.
#include "texts.h"

#include "base/cleanup.h"

#include <dirent.h>
#include <errno.h>

static bool ends_with(const char *path, const char *ending)
{
    size_t len = strlen(path), end = strlen(ending);
    return len > end && strcmp(path + len - end, ending) == 0;
}

static int read_po_folder(struct texts *texts, const char *folder, struct fault *fault, struct buf *dependencies)
{
    const char *slash = strrchr(folder, '/');
    const char *language = slash ? slash + 1 : folder;
    bool known = false;
    for (size_t i = 0; i < texts_languages_count; i++)
        known = known || strcmp(texts_languages[i].tag, language) == 0;
    if (!known)
        return fault_set(fault, "%.200s: expected a language of texts_languages in tools/texts_emit.c, found %.20s", folder, language);
    struct dirent **entries;
    int count = scandir(folder, &entries, NULL, alphasort);
    if (count < 0)
        return fault_set(fault, "%.200s: %s", folder, strerror(errno));
    int r = 0;
    for (int i = 0; i < count; i++) {
        if (r == 0 && ends_with(entries[i]->d_name, ".po")) {
            struct str path = arena_format(texts->arena, "%s/%s", folder, entries[i]->d_name);
            struct source source;
            r = path.ptr ? source_read(texts->arena, path.ptr, SOURCE_MAX, fault, &source) : -ENOMEM;
            if (r == 0)
                r = texts_from_po(texts, &source, language);
            buf_format(dependencies, " %s", path.ptr ? path.ptr : "");
        }
        free(entries[i]);
    }
    free(entries);
    // A file that is added later changes the folder.
    buf_format(dependencies, " %s", folder);
    return r;
}

static int read_input(struct texts *texts, const char *path, struct fault *fault, struct buf *dependencies)
{
    struct source source;
    bool template = ends_with(path, ".html");
    if (!template && !ends_with(path, ".c"))
        return read_po_folder(texts, path, fault, dependencies);
    int r = source_read(texts->arena, path, SOURCE_MAX, fault, &source);
    if (r < 0)
        return r;
    return template ? texts_from_template(texts, &source) : texts_from_c(texts, &source);
}

static int write_tables(struct texts *texts, char **argv, struct buf *dependencies)
{
    _cleanup_(buf_free) struct buf header = buf_bounded(OUTPUT_MAX), code = buf_bounded(OUTPUT_MAX), rule = buf_bounded(OUTPUT_MAX);
    texts_emit(texts, &header, &code);
    buf_format(&rule, "%s:", argv[2]);
    buf_str(&rule, buf_view(dependencies));
    buf_char(&rule, '\n');
    int r = output_write(argv[3], &header);
    if (r == 0)
        r = output_write(argv[2], &code);
    return r < 0 ? r : output_write(argv[4], &rule);
}

// 0, 1: something is missing or unused, or -E….
static int run(struct texts *texts, int argc, char **argv, struct fault *fault)
{
    bool build = strcmp(argv[1], "build") == 0;
    _cleanup_(buf_free) struct buf dependencies = buf_bounded(OUTPUT_MAX);
    int r = 0;
    for (int i = build ? 5 : 2; i < argc && r == 0; i++)
        r = read_input(texts, argv[i], fault, &dependencies);
    if (r == 0)
        r = texts_sort(texts, fault);
    if (r < 0)
        return r;
    if (build)
        return write_tables(texts, argv, &dependencies);
    if (strcmp(argv[1], "missing") == 0)
        return texts_print_missing(texts, stdout) > 0;
    if (strcmp(argv[1], "unused") == 0)
        return texts_print_unused(texts, stderr) > 0;
    return texts_print_missing(texts, stderr) > 0;
}

static bool is_mode(int argc, char **argv)
{
    static const char *const modes[] = { "check", "missing", "unused" };
    if (argc >= 5 && strcmp(argv[1], "build") == 0)
        return true;
    for (size_t i = 0; argc >= 2 && i < sizeof(modes) / sizeof(modes[0]); i++) {
        if (strcmp(argv[1], modes[i]) == 0)
            return true;
    }
    return false;
}

int main(int argc, char **argv)
{
    if (!is_mode(argc, argv)) {
        fprintf(stderr, "usage: %s build OUTPUT.c OUTPUT.h DEPENDENCIES INPUT…\n       %s check|missing|unused INPUT…\n", argv[0], argv[0]);
        return 2;
    }
    struct texts texts = { 0 };
    struct fault fault = { 0 };
    if (arena_new(OUTPUT_MAX, &texts.arena) < 0)
        return 1;
    int r = run(&texts, argc, argv, &fault);
    if (r < 0)
        fprintf(stderr, "%s\n", fault.text[0] ? fault.text : strerror(-r));
    arena_free(texts.arena);
    return r != 0;
}
