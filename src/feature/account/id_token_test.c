// SPDX-License-Identifier: MPL-2.0
#include "feature/account/id_token.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/encode.h"

#include <cjose/cjose.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define NOW 1800000000
#define CLAIMS "\"iss\":\"https://login.example\",\"aud\":\"samtraad\",\"sub\":\"ida\",\"nonce\":\"n-1\",\"iat\":1799999990"
#define GOOD "{" CLAIMS ",\"exp\":1800000300}"

// Keys take a while to make: once for all tests.
struct scene {
    struct arena *arena;
    cjose_jwk_t *rsa, *small, *curve;
    struct id_token_wanted wanted;
};

static int set_up(void **state)
{
    struct scene *scene = calloc(1, sizeof(*scene));
    cjose_err error;
    if (!scene || arena_new(1 << 22, &scene->arena) < 0)
        return -1;
    scene->rsa = cjose_jwk_create_RSA_random(2048, NULL, 0, &error);
    scene->small = cjose_jwk_create_RSA_random(1024, NULL, 0, &error);
    scene->curve = cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, &error);
    scene->wanted = (struct id_token_wanted){ .issuer = "https://login.example", .client_id = "samtraad", .algorithms = "RS256 ES256",
        .nonce = STR("n-1"), .access_token = STR("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"), .now = NOW, .skew = 60 };
    *state = scene;
    return scene->rsa && scene->small && scene->curve ? 0 : -1;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;
    cjose_jwk_release(scene->rsa);
    cjose_jwk_release(scene->small);
    cjose_jwk_release(scene->curve);
    arena_free(scene->arena);
    free(scene);
    return 0;
}

static void decref(json_t **json)
{
    json_decref(*json);
}

// What the provider publishes of a key, with more members.
static json_t *published(const cjose_jwk_t *key, const char *more)
{
    cjose_err error;
    char *text = cjose_jwk_to_json(key, false, &error);
    json_t *json = json_loads(text, 0, NULL), *added = json_loads(more, 0, NULL);
    free(text);
    json_object_update(json, added);
    json_decref(added);
    return json_pack("{s:[o]}", "keys", json);
}

static struct str token(struct scene *scene, cjose_jwk_t *key, const char *header, const char *claims)
{
    cjose_err error;
    const char *compact;
    json_t *head = json_loads(header, 0, NULL);
    cjose_jws_t *jws = cjose_jws_sign(key, head, (const uint8_t *)claims, strlen(claims), &error);
    assert_non_null(jws);
    assert_true(cjose_jws_export(jws, &compact, &error));
    struct str text = arena_str(scene->arena, str_from(compact));
    cjose_jws_release(jws);
    json_decref(head);
    return text;
}

static enum id_token_fault fault_of(struct scene *scene, struct str text, const json_t *keys)
{
    enum id_token_fault fault = ID_TOKEN_UNSET;
    json_t *claims = NULL;
    int result = id_token_check(scene->arena, text, keys, &scene->wanted, &claims, &fault);
    assert_int_equal(result, fault == ID_TOKEN_UNSET ? 0 : -EACCES);
    assert_true((claims != NULL) == (result == 0));
    json_decref(claims);
    return fault;
}

static enum id_token_fault claims_fault(struct scene *scene, const char *claims)
{
    _cleanup_(decref) json_t *keys = published(scene->curve, "{}");
    return fault_of(scene, token(scene, scene->curve, "{\"alg\":\"ES256\"}", claims), keys);
}

static void an_honest_token_is_believed(void **state)
{
    struct scene *scene = *state;
    assert_int_equal(claims_fault(scene, GOOD), ID_TOKEN_UNSET);
    assert_int_equal(claims_fault(scene, "{" CLAIMS ",\"exp\":1800000300,\"azp\":\"samtraad\",\"nbf\":1800000000}"), ID_TOKEN_UNSET);
    _cleanup_(decref) json_t *keys = published(scene->rsa, "{\"kid\":\"a\",\"use\":\"sig\",\"alg\":\"RS256\"}");
    assert_int_equal(fault_of(scene, token(scene, scene->rsa, "{\"alg\":\"RS256\",\"kid\":\"a\"}", GOOD), keys), ID_TOKEN_UNSET);
    // Without a name the only key that fits is meant.
    assert_int_equal(fault_of(scene, token(scene, scene->rsa, "{\"alg\":\"RS256\"}", GOOD), keys), ID_TOKEN_UNSET);
}

// The example of OpenID Connect Core 1.0, appendix A.3: the access token in set_up belongs to this hash.
static void the_hash_of_the_access_token_is_checked(void **state)
{
    assert_int_equal(claims_fault(*state, "{" CLAIMS ",\"exp\":1800000300,\"at_hash\":\"77QmUPtjPfzWtF2AnpK9RQ\"}"), ID_TOKEN_UNSET);
    assert_int_equal(claims_fault(*state, "{" CLAIMS ",\"exp\":1800000300,\"at_hash\":\"77QmUPtjPfzWtF2AnpK9RR\"}"), ID_TOKEN_ACCESS_HASH);
    assert_int_equal(claims_fault(*state, "{" CLAIMS ",\"exp\":1800000300,\"at_hash\":7}"), ID_TOKEN_ACCESS_HASH);
}

static void times_count_to_the_second(void **state)
{
    static const struct {
        int64_t now;
        enum id_token_fault fault;
    } cases[] = {
        { 1799999929, ID_TOKEN_FUTURE }, { 1799999930, ID_TOKEN_UNSET }, { 1800000359, ID_TOKEN_UNSET }, { 1800000360, ID_TOKEN_EXPIRED },
    };
    struct scene *scene = *state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        scene->wanted.now = cases[i].now;
        assert_int_equal(claims_fault(scene, GOOD), cases[i].fault);
    }
    scene->wanted.now = NOW;
    assert_int_equal(claims_fault(scene, "{" CLAIMS ",\"exp\":1800000300,\"nbf\":1800000060}"), ID_TOKEN_UNSET);
    assert_int_equal(claims_fault(scene, "{" CLAIMS ",\"exp\":1800000300,\"nbf\":1800000061}"), ID_TOKEN_FUTURE);
    assert_int_equal(claims_fault(scene, "{" CLAIMS "}"), ID_TOKEN_EXPIRED);
    assert_int_equal(claims_fault(scene, "{" CLAIMS ",\"exp\":9223372036854775807}"), ID_TOKEN_UNSET);
    assert_int_equal(claims_fault(scene, "{" CLAIMS ",\"exp\":-9223372036854775808}"), ID_TOKEN_EXPIRED);
}

static void each_claim_says_why_it_is_refused(void **state)
{
    static const struct {
        const char *claims;
        enum id_token_fault fault;
    } cases[] = {
        { "[]", ID_TOKEN_CLAIMS }, { "{\"a\":1,\"a\":1}", ID_TOKEN_CLAIMS }, { "{}", ID_TOKEN_ISSUER },
        { "{\"iss\":\"https://login.example/\"}", ID_TOKEN_ISSUER },
        { "{\"iss\":\"https://login.example\",\"aud\":[]}", ID_TOKEN_AUDIENCE },
        { "{\"iss\":\"https://login.example\",\"aud\":[\"samtraad\",\"b\"]}", ID_TOKEN_AUDIENCE },
        { "{" CLAIMS ",\"exp\":1800000300,\"azp\":\"b\"}", ID_TOKEN_AUDIENCE },
        { "{\"iss\":\"https://login.example\",\"aud\":\"samtraad\",\"exp\":1800000300,\"iat\":1800000000}", ID_TOKEN_NONCE },
        { "{\"iss\":\"https://login.example\",\"aud\":\"samtraad\",\"exp\":1800000300,\"iat\":1800000000,\"nonce\":\"\"}", ID_TOKEN_NONCE },
        { "{\"iss\":\"https://login.example\",\"aud\":\"samtraad\",\"exp\":1800000300,\"iat\":1800000000,\"nonce\":\"n-1\"}", ID_TOKEN_SUBJECT },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(claims_fault(*state, cases[i].claims), cases[i].fault);
}

static void a_nonce_that_was_never_asked_for_fits_nothing(void **state)
{
    struct scene *scene = *state;
    scene->wanted.nonce = STR("");
    assert_int_equal(claims_fault(scene, "{\"iss\":\"https://login.example\",\"aud\":\"samtraad\",\"sub\":\"i\",\"nonce\":\"\",\"iat\":1800000000,\"exp\":1800000300}"),
                     ID_TOKEN_NONCE);
    scene->wanted.nonce = STR("n-1");
}

static void a_key_must_be_strong_and_for_this(void **state)
{
    static const char *const unfit[] = { "{\"use\":\"enc\"}", "{\"alg\":\"RS512\"}", "{\"kty\":\"EC\"}", "{\"n\":\"\"}", "{\"n\":\"*\"}", "{\"n\":7}", "{\"kid\":7}" };
    struct scene *scene = *state;
    struct str good = token(scene, scene->rsa, "{\"alg\":\"RS256\",\"kid\":\"a\"}", GOOD);
    for (size_t i = 0; i < sizeof(unfit) / sizeof(unfit[0]); i++) {
        _cleanup_(decref) json_t *keys = published(scene->rsa, unfit[i]);
        if (!strstr(unfit[i], "kid"))
            json_object_set_new(json_array_get(json_object_get(keys, "keys"), 0), "kid", json_string("a"));
        assert_int_equal(fault_of(scene, good, keys), ID_TOKEN_KEY);
    }
    _cleanup_(decref) json_t *small = published(scene->small, "{\"kid\":\"a\"}");
    assert_int_equal(fault_of(scene, token(scene, scene->small, "{\"alg\":\"RS256\",\"kid\":\"a\"}", GOOD), small), ID_TOKEN_KEY);
    _cleanup_(decref) json_t *twice = published(scene->rsa, "{\"kid\":\"a\"}");
    json_t *list = json_object_get(twice, "keys");
    json_array_append(list, json_array_get(list, 0));
    assert_int_equal(fault_of(scene, good, twice), ID_TOKEN_KEY);
    assert_int_equal(fault_of(scene, good, NULL), ID_TOKEN_KEY);
}

// cjose ends the program at padding that leaves one digit.
static void a_key_that_does_not_decode_is_refused(void **state)
{
    static const char *const rsa[] = { "{\"e\":\"A===\"}", "{\"e\":\"AQ=AB\"}", "{\"e\":\"\"}", "{\"e\":65537}", "{\"e\":null}" };
    static const char *const curve[] = { "{\"x\":\"A===\"}", "{\"y\":\"A===\"}", "{\"y\":\"AAAA\"}", "{\"x\":[]}" };
    struct scene *scene = *state;
    struct str signed_rsa = token(scene, scene->rsa, "{\"alg\":\"RS256\"}", GOOD);
    struct str signed_curve = token(scene, scene->curve, "{\"alg\":\"ES256\"}", GOOD);
    for (size_t i = 0; i < sizeof(rsa) / sizeof(rsa[0]); i++) {
        _cleanup_(decref) json_t *keys = published(scene->rsa, rsa[i]);
        assert_int_equal(fault_of(scene, signed_rsa, keys), ID_TOKEN_KEY);
    }
    for (size_t i = 0; i < sizeof(curve) / sizeof(curve[0]); i++) {
        _cleanup_(decref) json_t *keys = published(scene->curve, curve[i]);
        assert_int_equal(fault_of(scene, signed_curve, keys), ID_TOKEN_KEY);
    }
    // What is not of the public key is not read.
    _cleanup_(decref) json_t *keys = published(scene->rsa, "{\"d\":\"A===\",\"qi\":\"A===\",\"x5c\":7}");
    assert_int_equal(fault_of(scene, signed_rsa, keys), ID_TOKEN_UNSET);
}

static void an_algorithm_that_is_not_allowed_is_not_tried(void **state)
{
    static const char *const headers[] = { "{\"alg\":\"none\"}", "{\"alg\":\"HS256\"}", "{\"alg\":\"RS512\"}", "{\"alg\":\"PS256\"}", "{\"alg\":\"\"}", "{}",
        "{\"alg\":7}", "{\"alg\":\"RS256\",\"crit\":[\"exp\"]}", "{\"alg\":\"RS256\",\"b64\":true}", "{\"alg\":\"RS256\",\"zip\":\"DEF\"}" };
    struct scene *scene = *state;
    _cleanup_(decref) json_t *keys = published(scene->rsa, "{}");
    struct str good = token(scene, scene->rsa, "{\"alg\":\"RS256\"}", GOOD);
    str_cut(&good, '.');
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        struct str head = encode_base64url(scene->arena, str_bytes(str_from(headers[i])));
        struct str text = arena_format(scene->arena, "%s.%.*s", head.ptr, (int)good.len, good.ptr);
        assert_int_equal(fault_of(scene, text, keys), ID_TOKEN_ALGORITHM);
    }
}

static void no_bit_of_a_token_can_be_changed(void **state)
{
    struct scene *scene = *state;
    _cleanup_(decref) json_t *keys = published(scene->curve, "{}");
    struct str good = token(scene, scene->curve, "{\"alg\":\"ES256\"}", GOOD);
    for (size_t at = 0; at < good.len; at++) {
        struct str other = arena_str(scene->arena, good);
        char *text = (char *)other.ptr;
        text[at] = text[at] == 'A' ? 'B' : 'A';
        assert_int_not_equal(fault_of(scene, other, keys), ID_TOKEN_UNSET);
        assert_int_not_equal(fault_of(scene, (struct str){ good.ptr, at }, keys), ID_TOKEN_UNSET);
    }
    assert_int_equal(fault_of(scene, good, keys), ID_TOKEN_UNSET);
}

static void there_is_one_way_to_write_a_token(void **state)
{
    struct scene *scene = *state;
    _cleanup_(decref) json_t *keys = published(scene->curve, "{}");
    struct str good = token(scene, scene->curve, "{\"alg\":\"ES256\"}", GOOD);
    static const char *const formats[] = { "%.*s=", "%.*s==", "%.*s.", ".%.*s", " %.*s", "%.*s\n", "%.*s.AAAA", "\"%.*s\"" };
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        _cleanup_(buf_free) struct buf text = buf_bounded(ID_TOKEN_MAX);
        struct str format = str_from(formats[i]);
        buf_str(&text, str_cut(&format, '%'));
        buf_str(&text, good);
        buf_str(&text, (struct str){ format.ptr + 3, format.len - 3 });
        assert_int_not_equal(fault_of(scene, buf_view(&text), keys), ID_TOKEN_UNSET);
    }
}

static void known_algorithms(void **state)
{
    assert_true(id_token_algorithm_known(STR("RS256")) && id_token_algorithm_known(STR("PS256")) && id_token_algorithm_known(STR("ES256")));
    assert_false(id_token_algorithm_known(STR("HS256")) || id_token_algorithm_known(STR("")) || id_token_algorithm_known(STR("rs256")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_honest_token_is_believed),
        cmocka_unit_test(the_hash_of_the_access_token_is_checked),
        cmocka_unit_test(times_count_to_the_second),
        cmocka_unit_test(each_claim_says_why_it_is_refused),
        cmocka_unit_test(a_nonce_that_was_never_asked_for_fits_nothing),
        cmocka_unit_test(a_key_must_be_strong_and_for_this),
        cmocka_unit_test(a_key_that_does_not_decode_is_refused),
        cmocka_unit_test(an_algorithm_that_is_not_allowed_is_not_tried),
        cmocka_unit_test(no_bit_of_a_token_can_be_changed),
        cmocka_unit_test(there_is_one_way_to_write_a_token),
        cmocka_unit_test(known_algorithms),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
