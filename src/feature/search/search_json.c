// SPDX-License-Identifier: MPL-2.0
#include "feature/search/search_json.h"

#include "feature/search/search_view.h"

static const struct view_field piece_fields[] = {
    VIEW_STR(struct search_view_piece, text, "A piece of the text."),
    VIEW_BOOL(struct search_view_piece, marked, "It is what was searched for."),
};
static const struct view piece_json = VIEW("SearchPiece", struct search_view_piece, piece_fields);

static const struct view_field hit_fields[] = {
    VIEW_ID(struct search_view_hit, dialogue, "The dialogue."),
    VIEW_INT(struct search_view_hit, number, "The post."),
    VIEW_STR(struct search_view_hit, topic, "The dialogue's topic; empty when the search was in one dialogue."),
    VIEW_STR(struct search_view_hit, author, "Who wrote it."),
    VIEW_LIST(struct search_view_hit, pieces, &piece_json, "The text around the first thing that was found."),
    VIEW_TIME(struct search_view_hit, posted, "When it was written."),
};
static const struct view hit_json = VIEW("SearchHit", struct search_view_hit, hit_fields);

static const struct view_field search_fields[] = {
    VIEW_ID(struct search_view, dialogue, "Where it was searched; null: in all dialogues."),
    VIEW_STR(struct search_view, q, "As it was typed."),
    VIEW_LIST(struct search_view, hits, &hit_json, "Newest first."),
    VIEW_BOOL(struct search_view, more, "Not all was looked through: go on with before, in and at."),
    VIEW_INT(struct search_view, next_before, "Where to go on: before."),
    VIEW_ID(struct search_view, next_in, "Where to go on: in."),
    VIEW_INT(struct search_view, next_at, "Where to go on: at."),
};
const struct view search_json = VIEW("Search", struct search_view, search_fields);
