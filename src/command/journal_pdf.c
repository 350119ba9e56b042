// SPDX-License-Identifier: MPL-2.0
#include "base/cleanup.h"
#include "command/command.h"
#include "feature/journal/journal.h"

#include <errno.h>

static int read_package(struct buf *package)
{
    for (;;) {
        char *at = buf_reserve(package, 1 << 16);
        size_t n = at ? fread(at, 1, 1 << 16, stdin) : 0;
        if (!at || n == 0)
            return package->error ? package->error : ferror(stdin) ? -EIO : 0;
        package->len += n;
    }
}

static int run(const struct options *options)
{
    _cleanup_(buf_free) struct buf package = buf_bounded(JOURNAL_PACKAGE_MAX + JOURNAL_FILES_BYTES_MAX + (1 << 17)), pdf = buf_bounded(JOURNAL_PDF_MAX);
    // The texts come from people, and shaping and font libraries are large: what goes wrong in them stays in a process that reaches nothing.
    int r = journal_confine();

    if (r == -EOPNOTSUPP)
        fprintf(stderr, "samtraad: this kernel has no Landlock (Linux 5.13, CONFIG_SECURITY_LANDLOCK); without it no PDF is drawn\n");

    r = r < 0 ? r : read_package(&package);
    r = r < 0 ? r : journal_pdf(buf_view(&package), &pdf);
    if (r == 0 && (fwrite(pdf.data, 1, pdf.len, stdout) != pdf.len || fflush(stdout) != 0))
        r = -EIO;
    if (r < 0)
        fprintf(stderr, "samtraad: no PDF could be made of that: %s\n", strerror(-r));
    // At once: the font libraries' own threads may still be at work, and taking things apart under them helps nobody.
    _exit(r == -EOPNOTSUPP ? JOURNAL_EXIT_NO_CELL : r < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}

const struct command command_journal_pdf = {
    .name = "journal-pdf",
    .summary = "draws the PDF of a journal package",
    .explanation = "Reads package.json and behind it the pictures that it names (cat package.json picture-*) on standard input,\n"
                   "and writes the PDF on standard output. The same package gives the same PDF.\n",
    .run = run,
};
