// SPDX-License-Identifier: MPL-2.0
#include "ask.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

struct peer_answer ask(void **state, struct str bytes)
{
    int fd = peer_connect(peer_port(*state));
    assert_true(fd >= 0);
    assert_true(peer_send(fd, bytes));
    struct peer_answer answer = peer_read(fd, !str_starts(bytes, STR("HEAD")));
    close(fd);
    return answer;
}

void expect(void **state, struct str bytes, unsigned status)
{
    struct peer_answer answer = ask(state, bytes);
    if (answer.status != status)
        print_message("asked: %.*s\n", (int)(bytes.len < 200 ? bytes.len : 200), bytes.ptr);
    assert_int_equal(answer.status, status);
    if (status >= 400)
        assert_true(answer.closed);
    peer_answer_free(&answer);
}
