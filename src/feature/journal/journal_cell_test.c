// SPDX-License-Identifier: MPL-2.0
// What the process that draws a PDF can reach from inside its cell, were it taken over: fonts and time zones, and nothing else.
#include "base/spawner.h"
#include "feature/journal/journal.h"
#include "feature/journal/journal_package.h"
#include "picture/cell_attempts.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static bool opens_its_own_environment(void)
{
    return open("/proc/self/environ", O_RDONLY) >= 0;
}

static bool lists_the_root(void)
{
    int fd = open("/", O_RDONLY | O_DIRECTORY);
    char entries[1024];
    return fd >= 0 && syscall(SYS_getdents64, fd, entries, sizeof(entries)) > 0;
}

static bool leaves_the_fonts_upwards(void)
{
    return open("/usr/share/fonts/truetype/dejavu/../../../../../etc/passwd", O_RDONLY) >= 0;
}

static bool makes_a_file_among_the_fonts(void)
{
    return open("/usr/share/fonts/truetype/dejavu/new", O_CREAT | O_WRONLY, 0600) >= 0;
}

static bool writes_into_a_font(void)
{
    return open("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", O_RDWR) >= 0;
}

static bool removes_a_file(void)
{
    return unlink("/usr/share/fonts/truetype/dejavu/not-there") == 0 || errno == ENOENT;
}

static bool connects(void)
{
    return connect(0, &(struct sockaddr){ .sa_family = AF_UNIX }, sizeof(struct sockaddr)) == 0;
}

static bool reads_a_font(void)
{
    char head[4];
    int fd = open("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", O_RDONLY | O_CLOEXEC);
    return fd >= 0 && read(fd, head, sizeof(head)) == sizeof(head);
}

// A whole PDF, with letters that Liberation does not have, in another time zone.
static bool draws_a_pdf(void)
{
    static const char package[] =
        "{\"format\":\"samtraad-journal\",\"version\":1,\"language\":\"da\",\"timezone\":\"Europe/Copenhagen\",\"made\":\"2026-01-31T10:00:00.000Z\","
        "\"day\":\"2026-01-31\",\"theme\":\"Søvn ✓ 👍\",\"kind\":\"messages\",\"dialogue\":{\"id\":\"1\",\"topic\":\"Emil\",\"unit\":\"Skole\"},"
        "\"participants\":[],\"messages\":[]}\n";
    struct buf pdf = buf_bounded(1 << 24);
    int r = journal_pdf((struct str){ package, sizeof(package) - 1 }, &pdf);
    bool good = r == 0 && pdf.len > 1000 && memcmp(pdf.data, "%PDF", 4) == 0;
    buf_free(&pdf);
    return good;
}

static void nothing_outside_can_be_reached(void **state)
{
    static bool (*const attempts[])(void) = {
        opens_its_own_environment, lists_the_root, leaves_the_fonts_upwards, makes_a_file_among_the_fonts, writes_into_a_font, removes_a_file, connects,
    };

    cell_refuses_all(journal_confine);
    cell_refuses(journal_confine, attempts, sizeof(attempts) / sizeof(attempts[0]));
}

static void what_the_work_needs_is_there(void **state)
{
    static bool (*const needs[])(void) = { cell_works_in_memory, reads_a_font, draws_a_pdf };

    cell_allows(journal_confine, needs, sizeof(needs) / sizeof(needs[0]));
}

// What the child does that draws: as its input says.
static int draw(void)
{
    char wish[8] = "";
    (void)!read(STDIN_FILENO, wish, sizeof(wish) - 1);
    if (strcmp(wish, "long") == 0)
        raise(SIGXCPU);
    if (strcmp(wish, "killed") == 0)
        raise(SIGKILL);
    if (strcmp(wish, "broken") == 0)
        raise(SIGILL);
    return write(STDOUT_FILENO, "%PDF", 4) == 4 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static void what_takes_too_long_to_draw_is_too_much_for_an_entry(void **state)
{
    static const char *const words[] = { JOURNAL_PDF_ARGUMENT, NULL };
    static const struct {
        const char *wish;
        int result;
    } cases[] = { { "well", 0 }, { "long", -EMSGSIZE }, { "killed", -EMSGSIZE }, { "broken", -EIO } };
    struct spawner *spawner;
    assert_int_equal(spawner_start(&(struct spawner_orders){ .program = "/proc/self/exe", .words = words }, &spawner), 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf pdf = buf_bounded(1 << 20);
        assert_int_equal(journal_render(spawner, str_from(cases[i].wish), STR(""), &pdf), cases[i].result);
        buf_free(&pdf);
    }
    spawner_stop(spawner);
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], JOURNAL_PDF_ARGUMENT) == 0)
        return draw();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_outside_can_be_reached),
        cmocka_unit_test(what_the_work_needs_is_there),
        cmocka_unit_test(what_takes_too_long_to_draw_is_too_much_for_an_entry),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
