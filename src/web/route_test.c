// SPDX-License-Identifier: MPL-2.0
#include "web/route.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>

#include "web/csrf.h"
#include "web/limit.h"

static int handle(struct request *request)
{
    return 0;
}

static const struct form form = { "F", 1, NULL, 0 };

static struct route route_of(enum method method, const char *path)
{
    return (struct route){ .method = method,
                           .path = path,
                           .permission = PERMISSION_ANYONE,
                           .audit = AUDIT_NONE,
                           .form = method == METHOD_POST ? &form : NULL,
                           .load = handle,
                           .handle = handle,
                           .summary = "x" };
}

static void a_route_without_permission_audit_or_form_stops_the_program(void **state)
{
    const char *problem = NULL;
    struct route route = route_of(METHOD_POST, "/a/{b#}/c");
    assert_true(route_sound(&route, &problem));
    assert_null(problem);
    struct route bad = route;
    bad.permission = PERMISSION_UNSET;
    assert_false(route_sound(&bad, &problem));
    assert_non_null(problem);
    bad = route;
    bad.audit = AUDIT_UNSET;
    assert_false(route_sound(&bad, &problem));
    bad = route;
    bad.form = NULL;
    assert_false(route_sound(&bad, &problem));
    bad = route;
    bad.permission = PERMISSION_DIALOGUE_READ;
    bad.load = NULL;
    assert_false(route_sound(&bad, &problem));
    bad = route;
    bad.handle = NULL;
    assert_false(route_sound(&bad, &problem));
    bad = route;
    bad.flags = ROUTE_STREAM;
    assert_false(route_sound(&bad, &problem));
    const char *const paths[] = { "a", "/a/", "//", "/{}", "/{a", "/{a}/{b}/{c}/{d}/{e}", NULL };
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        bad = route;
        bad.path = paths[i];
        assert_false(route_sound(&bad, &problem));
    }
}

static void two_routes_of_one_address_stop_the_program(void **state)
{
    const struct route routes[] = { route_of(METHOD_GET, "/a/{x}"),
                                    route_of(METHOD_GET, "/a/{y}") };
    const struct feature feature = { "test", routes, 2 };
    const struct feature *const features[] = { &feature };
    struct route_table *table;
    assert_int_equal(route_table_new(features, 1, &table), -EINVAL);
}

static void the_most_particular_route_answers(void **state)
{
    const struct route routes[] = {
        route_of(METHOD_GET, "/"),
        route_of(METHOD_GET, "/a/new"),
        route_of(METHOD_GET, "/a/{n#}"),
        route_of(METHOD_GET, "/a/{t}"),
        route_of(METHOD_POST, "/a/{n#}/x/{m#}"),
        route_of(METHOD_GET, "/a/{t}/y"),
    };
    const struct feature feature = { "test", routes, sizeof(routes) / sizeof(routes[0]) };
    const struct feature *const features[] = { &feature };
    struct route_table *table;
    struct arena *arena;
    struct route_hit hit;
    assert_int_equal(route_table_new(features, 1, &table), 0);
    assert_int_equal(arena_new(1 << 16, &arena), 0);
    static const struct {
        struct str path;
        int result;
        size_t route;
    } cases[] = {
        { { "/", 1 }, 0, 0 },
        { { "/a/new", 6 }, 0, 1 },
        { { "/a/17", 5 }, 0, 2 },
        { { "/a/x7", 5 }, 0, 3 },
        { { "/a/17/y", 7 }, 0, 5 },
        { { "/a", 2 }, -ENOENT, 0 },
        { { "/a/", 3 }, -ENOENT, 0 },
        { { "//a", 3 }, -ENOENT, 0 },
        { { "/a/17/x", 7 }, -ENOENT, 0 },
        { { "", 0 }, -EBADMSG, 0 },
        { { "a", 1 }, -EBADMSG, 0 },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(route_match(table, METHOD_GET, cases[i].path, arena, &hit),
                         cases[i].result);
        if (cases[i].result == 0)
            assert_ptr_equal(hit.entry->route, &routes[cases[i].route]);
    }
    assert_int_equal(
        route_match(table, METHOD_POST, STR("/a/3/x/9223372036854775807"), arena, &hit), 0);
    assert_int_equal(hit.number[0], 3);
    assert_int_equal(hit.number[1], INT64_MAX);
    assert_int_equal(
        route_match(table, METHOD_POST, STR("/a/3/x/9223372036854775808"), arena, &hit), -ENOENT);
    assert_int_equal(route_match(table, METHOD_GET, STR("/a/3/x/4"), arena, &hit), -EPERM);
    assert_int_equal(hit.allowed, 1u << METHOD_POST);
    route_table_free(table);
    arena_free(arena);
}

static void a_token_matches_its_secret_only(void **state)
{
    struct arena *arena;
    struct str token;
    char other[129];
    const struct str secret =
        STR("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff");
    assert_int_equal(arena_new(1 << 16, &arena), 0);
    assert_int_equal(csrf_token(secret, arena, &token), 0);
    assert_true(csrf_matches(secret, token));
    assert_false(csrf_matches(
        STR("10112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"), token));
    assert_false(csrf_matches(STR(""), token));
    assert_false(csrf_matches(secret, STR("")));
    for (size_t i = 0; i < token.len; i++) {
        memcpy(other, token.ptr, token.len);
        other[i] = other[i] == '0' ? '1' : '0';
        assert_false(csrf_matches(secret, (struct str){ other, token.len }));
    }
    arena_free(arena);
}

static void a_limit_counts_each_apart_and_forgives_with_time(void **state)
{
    const int64_t per_minute[LIMIT_KIND_COUNT] = { [LIMIT_PERSON] = 60, [LIMIT_ADDRESS] = 10 };
    struct limit *limit;
    assert_int_equal(limit_new(per_minute, &limit), 0);
    const struct bytes anne = str_bytes(STR("anne")), karim = str_bytes(STR("karim"));
    for (unsigned i = 0; i < 60; i++)
        assert_int_equal(limit_take(limit, LIMIT_PERSON, anne, 1000), 0);
    assert_int_equal(limit_take(limit, LIMIT_PERSON, anne, 1000), 1);
    assert_int_equal(limit_take(limit, LIMIT_PERSON, karim, 1000), 0);
    assert_int_equal(limit_take(limit, LIMIT_ADDRESS, anne, 1000), 0);
    assert_int_equal(limit_take(limit, LIMIT_PERSON, anne, 2000), 0);
    assert_int_equal(limit_take(limit, LIMIT_PERSON, anne, 2000), 1);
    for (unsigned i = 0; i < 1000; i++)
        assert_int_equal(limit_take(limit, LIMIT_PERSON_WRITES, anne, 1000), 0);   // no limit set
    limit_free(limit);
}

static void a_limit_remembers_who_is_at_it_among_a_million_others(void **state)
{
    const int64_t per_minute[LIMIT_KIND_COUNT] = { [LIMIT_ADDRESS] = 10 };
    struct limit *limit;
    assert_int_equal(limit_new(per_minute, &limit), 0);
    const struct bytes greedy = str_bytes(STR("greedy"));
    while (limit_take(limit, LIMIT_ADDRESS, greedy, 1000) == 0)
        ;
    for (uint32_t i = 0; i < 1000000; i++)
        limit_take(limit, LIMIT_ADDRESS, bytes_from(&i, sizeof(i)), 1000);
    assert_true(limit_take(limit, LIMIT_ADDRESS, greedy, 1000) > 0);
    limit_free(limit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_route_without_permission_audit_or_form_stops_the_program),
        cmocka_unit_test(two_routes_of_one_address_stop_the_program),
        cmocka_unit_test(the_most_particular_route_answers),
        cmocka_unit_test(a_token_matches_its_secret_only),
        cmocka_unit_test(a_limit_counts_each_apart_and_forgives_with_time),
        cmocka_unit_test(a_limit_remembers_who_is_at_it_among_a_million_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
