// SPDX-License-Identifier: MPL-2.0
#include "command/notify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

// A service manager's end, at a path or a name without one ("@…").
static int listen_at(const char *name)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    memcpy(address.sun_path, name, strlen(name));
    if (name[0] == '@')
        address.sun_path[0] = '\0';
    assert_int_equal(bind(manager, (struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name))), 0);
    setenv("NOTIFY_SOCKET", name, 1);
    return manager;
}

static void assert_hears_once(int manager)
{
    char heard[32];
    int descriptor = notify_open();

    assert_true(descriptor >= 0);
    assert_null(getenv("NOTIFY_SOCKET"));
    assert_int_equal(recv(manager, heard, sizeof(heard), 0), -1);   // not before it is ready
    notify_ready(descriptor);
    assert_int_equal(recv(manager, heard, sizeof(heard), 0), 7);
    assert_memory_equal(heard, "READY=1", 7);
    assert_int_equal(recv(manager, heard, sizeof(heard), 0), -1);
    close(manager);
}

static void a_service_manager_hears_that_it_is_ready(void **state)
{
    char path[64], name[64];

    snprintf(path, sizeof(path), "/tmp/samtraad-notify-%d", (int)getpid());
    snprintf(name, sizeof(name), "@samtraad-notify-%d", (int)getpid());
    assert_hears_once(listen_at(path));
    unlink(path);
    assert_hears_once(listen_at(name));
}

static void without_one_nothing_is_said(void **state)
{
    static const char *const nowhere[] = { "/nonexistent/notify", "relative", "", "@" };

    unsetenv("NOTIFY_SOCKET");
    assert_int_equal(notify_open(), -1);
    for (size_t i = 0; i < sizeof(nowhere) / sizeof(nowhere[0]); i++) {
        setenv("NOTIFY_SOCKET", nowhere[i], 1);
        assert_int_equal(notify_open(), -1);
        assert_null(getenv("NOTIFY_SOCKET"));
    }
    notify_ready(-1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_service_manager_hears_that_it_is_ready),
        cmocka_unit_test(without_one_nothing_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
