// SPDX-License-Identifier: MPL-2.0
// fill DATA POSTS: fills the folder, which "samtraad init" has made, with a municipality that has that many posts.
#include "town.h"

#include "base/str.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fill(const char *data, int64_t posts)
{
    const struct town_shape shape = { (size_t)(posts / TOWN_POSTS), TOWN_POSTS, TOWN_GROUPS, false };
    struct town *town = NULL;
    int r = town_build(data, NULL, &shape, &town);

    if (r == 0)
        printf("%.0f bytes of database in %.0f s\n", town_bytes(town), (double)town->took / 1e6);
    town_free(town);
    return r;
}

int main(int argc, char **argv)
{
    int64_t posts = 0;

    if (argc != 3 || str_to_int(str_from(argv[2]), &posts) < 0 || posts < TOWN_SHOWN * TOWN_POSTS) {
        (void)fprintf(stderr, "usage: fill DATA POSTS (at least %d)\n", TOWN_SHOWN * TOWN_POSTS);
        return EXIT_FAILURE;
    }
    int r = fill(argv[1], posts);
    if (r < 0)
        (void)fprintf(stderr, "fill: %s\n", strerror(-r));
    return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
