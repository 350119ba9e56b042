// SPDX-License-Identifier: MPL-2.0
// The simulation against what queueing theory knows without one.
#include "queue.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define HOUR 3600.0
#define HOURS 8

static void assert_near(const char *what, double got, double known, double part)
{
    if (fabs(got - known) > part * known)
        fail_msg("%s: %g, known to be %g", what, got, known);
}

// So many requests a second, each of 10 ms on so many cores, without a writer.
static struct queue_result serve(double rate, unsigned cores, bool varied)
{
    double rates[HOURS];
    for (size_t i = 0; i < HOURS; i++)
        rates[i] = rate;
    struct queue_load load = { .kinds = { { .share = 1, .cpu = 0.01 } }, .kind_count = 1, .cores = cores, .varied = varied, .rates = rates,
                               .steps = HOURS, .step = HOUR, .from = 1, .before = HOURS, .seed = 20261130 };
    struct queue_result result;
    assert_int_equal(queue_run(&load, &result), 0);
    return result;
}

// M/M/1: the time until the answer is exponential with mean 1 / (mu - lambda).
static void one_core_and_varied_work_wait_as_m_m_1_says(void **unused)
{
    struct queue_result got = serve(70, 1, true);
    assert_near("mean", got.mean, 1 / (100.0 - 70), 0.03);
    assert_near("median", got.p50, log(2) / (100.0 - 70), 0.03);
    assert_near("slowest hundredth", got.p99, log(100) / (100.0 - 70), 0.04);
    assert_near("used", got.used, 0.7, 0.02);
    assert_near("rate", got.rate, 70, 0.01);
}

// M/D/1, by Pollaczek and Khinchin: the mean wait is rho / (2 mu (1 - rho)).
static void one_core_and_equal_work_wait_as_m_d_1_says(void **unused)
{
    struct queue_result got = serve(80, 1, false);
    assert_near("mean", got.mean, 0.01 + 0.8 / (2 * 100 * (1 - 0.8)), 0.03);
    assert_near("service", got.service, 0.01, 0.0001);
}

// M/M/2: the mean time until the answer is (1 / mu) / (1 - rho^2).
static void two_cores_wait_as_m_m_2_says(void **unused)
{
    struct queue_result got = serve(150, 2, true);
    assert_near("mean", got.mean, 0.01 / (1 - 0.75 * 0.75), 0.03);
    assert_near("used", got.used, 0.75, 0.02);
}

static struct queue_result write(double rate, double sync)
{
    struct queue_load load = { .kinds = { { .share = 1, .write = 0.0001, .writes = true } }, .kind_count = 1, .cores = 2, .sync = sync,
                               .rates = &rate, .steps = 1, .step = 600, .before = 1, .seed = 7 };
    struct queue_result result;
    assert_int_equal(queue_run(&load, &result), 0);
    return result;
}

static void a_commit_alone_takes_its_work_and_the_disk(void **unused)
{
    struct queue_result got = write(0.5, 0.005);
    assert_near("median", got.p50, 0.0051, 0.01);
    assert_near("batch", got.batch, 1, 0.01);
}

// A transaction of n takes sync + n * write, in which lambda times as much comes: n = lambda * sync / (1 - lambda * write).
static void transactions_grow_until_they_carry_the_load(void **unused)
{
    struct queue_result got = write(5000, 0.005);
    assert_near("batch", got.batch, 5000 * 0.005 / (1 - 5000 * 0.0001), 0.03);
}

static void requests_come_when_the_curve_says(void **unused)
{
    const double rates[] = { 10, 200, 10 };
    struct queue_load load = { .kinds = { { .share = 0.25, .cpu = 0.004 }, { .share = 0.75 } }, .kind_count = 2, .cores = 1, .rates = rates, .steps = 3,
                               .step = 300, .from = 1, .before = 2, .seed = 3 };
    struct queue_result peak, again;
    assert_int_equal(queue_run(&load, &peak), 0);
    assert_near("rate", peak.rate, 200, 0.03);
    assert_near("used", peak.used, 200 * 0.25 * 0.004, 0.05);
    assert_int_equal(queue_run(&load, &again), 0);
    assert_true(again.p99 == peak.p99 && again.requests == peak.requests);
    load.from = 0, load.before = 1;
    assert_int_equal(queue_run(&load, &again), 0);
    assert_near("rate before", again.rate, 10, 0.1);
}

static void what_can_not_be_is_refused(void **unused)
{
    const double rates[] = { 1e9 };
    struct queue_load load = { .kinds = { { .share = 1 } }, .kind_count = 1, .cores = 1, .rates = rates, .steps = 1, .step = 60, .before = 1 };
    struct queue_result result;
    assert_int_equal(queue_run(&load, &result), -E2BIG);
    load.cores = 0;
    assert_int_equal(queue_run(&load, &result), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_core_and_varied_work_wait_as_m_m_1_says),
        cmocka_unit_test(one_core_and_equal_work_wait_as_m_d_1_says),
        cmocka_unit_test(two_cores_wait_as_m_m_2_says),
        cmocka_unit_test(a_commit_alone_takes_its_work_and_the_disk),
        cmocka_unit_test(transactions_grow_until_they_carry_the_load),
        cmocka_unit_test(requests_come_when_the_curve_says),
        cmocka_unit_test(what_can_not_be_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
