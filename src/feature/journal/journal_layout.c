// SPDX-License-Identifier: MPL-2.0
#include "feature/journal/journal_layout.h"

#include "base/cleanup.h"
#include "feature/journal/journal_cell.h"

#include <cairo-pdf.h>
#include <errno.h>
#include <fontconfig/fontconfig.h>
#include <pango/pangocairo.h>

// Points, 72 to the inch.
#define WIDTH 595.28
#define HEIGHT 841.89
#define MARGIN 62.0
#define BOTTOM (HEIGHT - 70.0)
#define FOOT (HEIGHT - 46.0)
#define FOOT_SIZE 8.0
#define KEEP 48.0   // room that a heading wants below itself
#define LEADING 1.3
#define PICTURE_HEIGHT 320.0

struct look {
    const char *tag;
    double size, indent, before;
    bool bold, quiet, keeps, outlined;
};

static const struct look looks[JOURNAL_STYLES] = {
    [JOURNAL_TITLE] = { "H1", 19, 0, 0, .bold = true, .keeps = true, .outlined = true },
    [JOURNAL_SECTION] = { "H2", 14, 0, 20, .bold = true, .keeps = true, .outlined = true },
    [JOURNAL_DAY] = { "H3", 11.5, 0, 16, .bold = true, .keeps = true, .outlined = true },
    [JOURNAL_FACT] = { "P", 10.5, 0, 3 },
    [JOURNAL_ITEM] = { "P", 10.5, 0, 3 },
    [JOURNAL_HEAD] = { "P", 9.5, 0, 12, .quiet = true, .keeps = true },
    [JOURNAL_BODY] = { "P", 10.5, 0, 2 },
    [JOURNAL_NOTE] = { "P", 9, 0, 4, .quiet = true },
    [JOURNAL_QUOTE] = { "P", 10, 16, 2, .quiet = true },
    [JOURNAL_PICTURE] = { "P", 9, 0, 4, .quiet = true },
};

// One walk over the blocks. The first one draws nothing and finds how many pages there are; the second draws.
struct walk {
    const struct journal_sheet *sheet;
    PangoContext *context;
    cairo_t *cairo;   // NULL: only counting
    cairo_surface_t *surface;
    double y;
    unsigned page, pages;
    int outline[2];   // the last entry of each level
};

static PangoLayout *layout_text(struct walk *walk, struct str text, size_t bold, double size, bool all_bold)
{
    PangoLayout *layout = pango_layout_new(walk->context);
    PangoFontDescription *font = pango_font_description_from_string("Liberation Sans, DejaVu Sans, Symbola");
    pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
    if (all_bold)
        pango_font_description_set_weight(font, PANGO_WEIGHT_BOLD);
    pango_layout_set_font_description(layout, font);
    pango_font_description_free(font);
    pango_layout_set_text(layout, text.ptr, (int)text.len);
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    PangoAttrList *list = pango_attr_list_new();
    PangoAttribute *weight = pango_attr_weight_new(PANGO_WEIGHT_BOLD);
    weight->end_index = (guint)bold;
    pango_attr_list_insert(list, weight);
    // A long word is broken without a hyphen that nobody wrote.
    pango_attr_list_insert(list, pango_attr_insert_hyphens_new(FALSE));
    pango_layout_set_attributes(layout, list);
    pango_attr_list_unref(list);
    return layout;
}

static void draw_line(struct walk *walk, double x, double baseline, PangoLayoutLine *line, double grey)
{
    cairo_set_source_rgb(walk->cairo, grey, grey, grey);
    cairo_move_to(walk->cairo, x, baseline);
    pango_cairo_show_layout_line(walk->cairo, line);
}

static void draw_foot_text(struct walk *walk, const char *text, bool right)
{
    int width;
    PangoLayout *layout = layout_text(walk, str_from(text), 0, FOOT_SIZE, false);
    pango_layout_get_size(layout, &width, NULL);
    draw_line(walk, right ? WIDTH - MARGIN - (double)width / PANGO_SCALE : MARGIN, FOOT, pango_layout_get_line_readonly(layout, 0), 0.35);
    g_object_unref(layout);
}

// The foot belongs to no tag: it is read as part of the page, not of the text.
static void end_page(struct walk *walk)
{
    if (walk->cairo) {
        _cleanup_(buf_free) struct buf left = buf_bounded(1000), right = buf_bounded(1000);
        char page[12], pages[12];
        snprintf(page, sizeof(page), "%u", walk->page);
        snprintf(pages, sizeof(pages), "%u", walk->pages);
        const struct text_value code = { "code", str_from(walk->sheet->code) };
        const struct text_value numbers[] = { { "page", str_from(page) }, { "pages", str_from(pages) } };
        text_format(&left, text_of(walk->sheet->language, TEXT("Code {code}")), &code, 1);
        text_format(&right, text_of(walk->sheet->language, TEXT("Page {page} of {pages}")), numbers, 2);
        buf_char(&left, '\0');
        buf_char(&right, '\0');
        draw_foot_text(walk, buf_view(&left).ptr, false);
        draw_foot_text(walk, buf_view(&right).ptr, true);
        cairo_show_page(walk->cairo);
    }
    walk->page++;
    walk->y = MARGIN;
}

static void outline(struct walk *walk, const struct journal_block *block)
{
    char place[80], text[500];
    size_t len = block->text.len < sizeof(text) - 1 ? block->text.len : sizeof(text) - 1;
    bool day = block->style == JOURNAL_DAY;
    memcpy(text, block->text.ptr, len);
    text[len] = '\0';
    snprintf(place, sizeof(place), "page=%u pos=[0 %d]", walk->page, (int)walk->y);
    int entry = cairo_pdf_surface_add_outline(walk->surface, day ? walk->outline[1] : CAIRO_PDF_OUTLINE_ROOT, text, place,
                                              day ? 0 : CAIRO_PDF_OUTLINE_FLAG_OPEN);
    if (!day)
        walk->outline[1] = entry;
}

static void tag(struct walk *walk, const struct look *look, bool begin)
{
    if (!walk->cairo)
        return;
    if (begin)
        cairo_tag_begin(walk->cairo, look->tag, NULL);
    else
        cairo_tag_end(walk->cairo, look->tag);
}

// A block that goes over the end of a page becomes an element on each: cairo can't continue one.
static void put_lines(struct walk *walk, const struct look *look, PangoLayout *layout)
{
    PangoLayoutIter *lines = pango_layout_get_iter(layout);
    tag(walk, look, true);
    do {
        PangoRectangle box;
        pango_layout_iter_get_line_extents(lines, NULL, &box);
        double height = LEADING * box.height / PANGO_SCALE;
        if (walk->y + height > BOTTOM) {
            tag(walk, look, false);
            end_page(walk);
            tag(walk, look, true);
        }
        double baseline = walk->y + (pango_layout_iter_get_baseline(lines) - box.y + (LEADING - 1) / 2 * box.height) / PANGO_SCALE;
        if (walk->cairo)
            draw_line(walk, MARGIN + look->indent + (double)box.x / PANGO_SCALE, baseline, pango_layout_iter_get_line_readonly(lines),
                      look->quiet ? 0.3 : 0);
        walk->y += height;
    } while (pango_layout_iter_next_line(lines));
    tag(walk, look, false);
    pango_layout_iter_free(lines);
}

// The picture goes into the file as the JPEG that it is; the surface's own pixels are never looked at. Filled and not painted: cairo 1.16 takes a painted
// page for one that begins anew, and forgets its tags.
static void draw_picture(struct walk *walk, struct bytes webp, double width)
{
    struct journal_jpeg jpeg;
    if (journal_jpeg(webp, &jpeg) < 0)
        return;
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_A8, jpeg.width, jpeg.height);
    if (cairo_surface_set_mime_data(surface, CAIRO_MIME_TYPE_JPEG, jpeg.data, jpeg.len, free, jpeg.data) == CAIRO_STATUS_SUCCESS) {
        cairo_tag_begin(walk->cairo, "Figure", NULL);
        cairo_save(walk->cairo);
        cairo_translate(walk->cairo, MARGIN, walk->y);
        cairo_scale(walk->cairo, width / jpeg.width, width / jpeg.width);
        cairo_set_source_surface(walk->cairo, surface, 0, 0);
        cairo_rectangle(walk->cairo, 0, 0, jpeg.width, jpeg.height);
        cairo_fill(walk->cairo);
        cairo_restore(walk->cairo);
        cairo_tag_end(walk->cairo, "Figure");
    } else {
        free(jpeg.data);
    }
    cairo_surface_destroy(surface);
}

static void put_picture(struct walk *walk, const struct journal_block *block)
{
    double width = (double)block->width * 0.5 < WIDTH - 2 * MARGIN ? (double)block->width * 0.5 : WIDTH - 2 * MARGIN;
    double height = width * (double)block->height / (double)block->width;
    if (height > PICTURE_HEIGHT) {
        width *= PICTURE_HEIGHT / height;
        height = PICTURE_HEIGHT;
    }
    walk->y += walk->y > MARGIN ? 6 : 0;
    if (walk->y + height + KEEP / 2 > BOTTOM)
        end_page(walk);
    if (walk->cairo)
        draw_picture(walk, block->picture, width);
    walk->y += height;
}

static void put_block(struct walk *walk, const struct journal_block *block)
{
    const struct look *look = &looks[block->style];
    int height;
    if (block->style == JOURNAL_PICTURE)
        put_picture(walk, block);
    PangoLayout *layout = layout_text(walk, block->text, block->bold, look->size, look->bold);
    pango_layout_set_width(layout, (int)((WIDTH - 2 * MARGIN - look->indent) * PANGO_SCALE));
    pango_layout_get_size(layout, NULL, &height);
    walk->y += walk->y > MARGIN ? look->before : 0;
    if (look->keeps && walk->y > MARGIN && walk->y + LEADING * height / PANGO_SCALE + KEEP > BOTTOM)
        end_page(walk);
    if (walk->cairo && look->outlined)
        outline(walk, block);
    put_lines(walk, look, layout);
    g_object_unref(layout);
}

static void walk_all(struct walk *walk)
{
    walk->page = 1;
    walk->y = MARGIN;
    for (size_t i = 0; i < walk->sheet->count; i++)
        put_block(walk, &walk->sheet->blocks[i]);
    end_page(walk);
}

static cairo_status_t take(void *to, const unsigned char *data, unsigned len)
{
    struct buf *buf = to;
    buf_put(buf, data, len);
    return buf->error ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

// The fonts of these packages and no others, so that the same package gives the same pages on every machine: Liberation for Latin, DejaVu for other
// scripts, Symbola for pictograms (in colour they would be pictures, which nobody could search or read aloud).
static int choose_fonts(void)
{
    FcConfig *config = FcConfigCreate();
    FcBool good = config != NULL;
    for (const char *const *folder = journal_font_folders; good && *folder; folder++)
        good = FcConfigAppFontAddDir(config, (const FcChar8 *)*folder);
    good = good && FcConfigSetCurrent(config);
    if (config)
        FcConfigDestroy(config);
    return good ? 0 : -EIO;
}

static void describe(const struct journal_sheet *sheet, cairo_surface_t *surface)
{
    cairo_pdf_surface_restrict_to_version(surface, CAIRO_PDF_VERSION_1_5);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, sheet->title);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_AUTHOR, sheet->author);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "Samtråd");
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, sheet->created);
}

int journal_layout(const struct journal_sheet *sheet, struct buf *pdf)
{
    struct walk walk = { .sheet = sheet };
    int result = choose_fonts();
    if (result < 0)
        return result;
    PangoFontMap *map = pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT);
    walk.context = pango_font_map_create_context(map);
    // Paper has no pixels to fit letters to.
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(walk.context, options);
    cairo_font_options_destroy(options);
    pango_context_set_language(walk.context, pango_language_from_string(language_tag(sheet->language)));
    walk_all(&walk);
    walk.pages = walk.page - 1;
    walk.surface = cairo_pdf_surface_create_for_stream(take, pdf, WIDTH, HEIGHT);
    describe(sheet, walk.surface);
    walk.cairo = cairo_create(walk.surface);
    walk_all(&walk);
    cairo_status_t status = cairo_status(walk.cairo);
    cairo_destroy(walk.cairo);
    cairo_surface_finish(walk.surface);
    if (status == CAIRO_STATUS_SUCCESS)
        status = cairo_surface_status(walk.surface);
    cairo_surface_destroy(walk.surface);
    g_object_unref(walk.context);
    g_object_unref(map);
    if (pdf->error)
        return pdf->error;
    if (status != CAIRO_STATUS_SUCCESS)
        return status == CAIRO_STATUS_NO_MEMORY ? -ENOMEM : -EIO;
    return journal_catalog(sheet->language, pdf);
}
