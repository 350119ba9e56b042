// SPDX-License-Identifier: MPL-2.0
#include "base/capability.h"

#include "base/filter.h"

#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

// As a unit with SystemCallFilter=~@privileged starts its service.
static int refuse_capset(void)
{
    struct sock_filter filter[] = { FILTER_BEGIN, ON(SYS_capset, REFUSE(EPERM)), GIVE(SECCOMP_RET_ALLOW) };
    const struct sock_fprog program = { sizeof(filter) / sizeof(filter[0]), filter };

    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0 ? -errno : 0;
}

// What a process must do, and with which result, in a child: nothing of it can be undone.
static int in_child(int (*act)(void))
{
    int status = 0;
    pid_t child = fork();

    if (child == 0)
        _exit(-act());
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return -WEXITSTATUS(status);
}

static int give_up_and_again_where_it_is_refused(void)
{
    int r = capability_keep(CAPABILITY_NONE);

    r = r < 0 ? r : refuse_capset();
    return r < 0 ? r : capability_keep(CAPABILITY_NONE);
}

// Root has capabilities. Anybody else gets them in a user namespace of their own, where the machine allows that.
static bool gets_them(void)
{
    return geteuid() == 0 || unshare(CLONE_NEWUSER) == 0;
}

static int give_up_where_it_is_refused(void)
{
    const int expected = gets_them() ? -EPERM : 0;   // without any there is nothing to give up
    int r = refuse_capset();

    return r < 0 ? r : capability_keep(CAPABILITY_NONE) == expected ? 0 : -EDOM;
}

static int keep_one(void)
{
    struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];
    const uint32_t expected = gets_them() ? 1u << CAP_NET_BIND_SERVICE : 0;
    int r = capability_keep(CAP_NET_BIND_SERVICE);

    if (r < 0 || syscall(SYS_capget, &head, sets) < 0)
        return -EIO;
    return sets[0].permitted == expected && sets[0].effective == sets[0].permitted && sets[1].permitted == 0 ? 0 : -EDOM;
}

static void a_service_that_has_none_starts_where_changing_them_is_refused(void **state)
{
    assert_int_equal(in_child(give_up_and_again_where_it_is_refused), 0);
}

static void what_is_there_and_cannot_be_given_up_is_said(void **state)
{
    assert_int_equal(in_child(give_up_where_it_is_refused), 0);
}

static void the_one_that_is_needed_stays(void **state)
{
    assert_int_equal(in_child(keep_one), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_service_that_has_none_starts_where_changing_them_is_refused),
        cmocka_unit_test(what_is_there_and_cannot_be_given_up_is_said),
        cmocka_unit_test(the_one_that_is_needed_stays),
    };
    return cmocka_run_group_tests_name("capability", tests, NULL, NULL);
}
