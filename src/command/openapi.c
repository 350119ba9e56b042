// SPDX-License-Identifier: MPL-2.0
#include "command/command.h"

#include "base/cleanup.h"
#include "web/router.h"

#define DOCUMENT_MAX (4 << 20)

static int run(const struct options *options)
{
    _cleanup_(buf_free) struct buf document = buf_bounded(DOCUMENT_MAX);
    int r = router_openapi(&document);

    if (r < 0) {
        fprintf(stderr, "samtraad openapi: the document can't be made: %s\n", strerror(-r));
        return EXIT_FAILURE;
    }
    if (fwrite(document.data, 1, document.len, stdout) != document.len || fflush(stdout) != 0)
        return EXIT_FAILURE;
    return EXIT_SUCCESS;
}

const struct command command_openapi = {
    .name = "openapi",
    .summary = "prints the description of the JSON interface (OpenAPI 3.1)",
    .explanation = "",
    .run = run,
};
