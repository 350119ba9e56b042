// SPDX-License-Identifier: MPL-2.0
#include "template.h"
#include "texts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fault fault = { 0 };
    struct source source = { "x.html", { (const char *)data, size }, &fault };
    struct template_parser parser;
    struct texts texts = { 0 };
    if (arena_new(SOURCE_MAX, &texts.arena) < 0)
        return 0;
    template_begin(&parser, texts.arena, &source);
    (void)template_parse(&parser);
    template_end(&parser);
    (void)texts_from_template(&texts, &source);
    (void)texts_from_c(&texts, &source);
    (void)texts_from_po(&texts, &source, "da");
    arena_free(texts.arena);
    return 0;
}
