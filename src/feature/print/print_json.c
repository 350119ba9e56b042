// SPDX-License-Identifier: MPL-2.0
#include "feature/print/print_json.h"

#include "feature/print/print_view.h"

static const struct view_field person_fields[] = {
    VIEW_STR(struct print_view_person, name, "Name."),
    VIEW_STR(struct print_view_person, relation, "Relation in words."),
};
static const struct view person_json = VIEW("PrintPerson", struct print_view_person, person_fields);

static const struct view_field post_fields[] = {
    VIEW_INT(struct print_view_post, number, "1, 2, 3 … within the dialogue."),
    VIEW_STR(struct print_view_post, author, "The author's name."),
    VIEW_STR(struct print_view_post, relation, "The author's relation in words."),
    VIEW_STR(struct print_view_post, text, "As it was written; a little Markdown."),
    VIEW_TIME(struct print_view_post, posted, "When it was written."),
    VIEW_BOOL(struct print_view_post, edited, "There are earlier texts."),
    VIEW_BOOL(struct print_view_post, hidden, "A coordinator has hidden it: there is no text."),
    VIEW_INT(struct print_view_post, reply_to, "Number of the post that it answers; 0: none."),
};
static const struct view post_json = VIEW("PrintPost", struct print_view_post, post_fields);

static const struct view_field print_fields[] = {
    VIEW_ID(struct print_view, dialogue, "The dialogue."),
    VIEW_STR(struct print_view, topic, "Topic."),
    VIEW_STR(struct print_view, unit, "The unit that it belongs to."),
    VIEW_STR(struct print_view, citizen, "Name of whom it is about."),
    VIEW_LIST(struct print_view, people, &person_json, "Who takes part."),
    VIEW_LIST(struct print_view, posts, &post_json, "Oldest first."),
    VIEW_INT(struct print_view, next, "Number with which the next part begins; 0: this is the last one."),
    VIEW_STR(struct print_view, printed_by, "Who asked for it."),
    VIEW_STR(struct print_view, printed_at, "When."),
};
const struct view print_json = VIEW("Print", struct print_view, print_fields);
