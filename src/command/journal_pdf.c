// SPDX-License-Identifier: MPL-2.0
#include "base/cleanup.h"
#include "command/command.h"
#include "feature/journal/journal.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#define SECONDS_MAX 40
#ifdef __SANITIZE_ADDRESS__
#define MEMORY_MAX RLIM_INFINITY   // the sanitizer maps terabytes
#else
#define MEMORY_MAX ((rlim_t)1 << 30)
#endif

// The texts come from people, and shaping and font libraries are large: what goes wrong in them stays in a process that can neither write much
// nor run for long.
static int confine(void)
{
    static const struct {
        __rlimit_resource_t resource;
        rlim_t value;
    } limits[] = { { RLIMIT_CORE, 0 }, { RLIMIT_FSIZE, JOURNAL_PDF_MAX }, { RLIMIT_CPU, SECONDS_MAX }, { RLIMIT_DATA, MEMORY_MAX } };
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        struct rlimit limit = { limits[i].value, limits[i].value };
        if (setrlimit(limits[i].resource, &limit) < 0)
            return -errno;
    }
    return prctl(PR_SET_DUMPABLE, 0) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

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
    int r = confine();

    r = r < 0 ? r : read_package(&package);
    r = r < 0 ? r : journal_pdf(buf_view(&package), &pdf);
    if (r == 0 && (fwrite(pdf.data, 1, pdf.len, stdout) != pdf.len || fflush(stdout) != 0))
        r = -EIO;
    if (r < 0)
        fprintf(stderr, "samtraad: no PDF could be made of that: %s\n", strerror(-r));
    // At once: the font libraries' own threads may still be at work, and taking things apart under them helps nobody.
    _exit(r < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}

const struct command command_journal_pdf = {
    .name = "journal-pdf",
    .summary = "draws the PDF of a journal package",
    .explanation = "Reads package.json and behind it the pictures that it names (cat package.json picture-*) on standard input,\n"
                   "and writes the PDF on standard output. The same package gives the same PDF.\n",
    .run = run,
};
