// SPDX-License-Identifier: MPL-2.0
#include "feature/dialogue/dialogue_json.h"

#include "feature/dialogue/dialogue_view.h"

static const struct view_field avatar_fields[] = {
    VIEW_ID(struct avatar, person, "Whose picture; null for somebody who has not signed in yet."),
    VIEW_STR(struct avatar, initials, "Shown when there is no portrait."),
    VIEW_BOOL(struct avatar, portrait, "There is a picture at /portrait/{person}."),
};
static const struct view avatar_json = VIEW("Avatar", struct avatar, avatar_fields);

static const struct view_field post_fields[] = {
    VIEW_ID(struct dialogue_view_post, dialogue, "The dialogue."),
    VIEW_INT(struct dialogue_view_post, number, "1, 2, 3 … within the dialogue."),
    VIEW_OBJECT(struct dialogue_view_post, avatar, &avatar_json, "The author's picture."),
    VIEW_STR(struct dialogue_view_post, author, "The author's name."),
    VIEW_STR(struct dialogue_view_post, relation, "The author's relation in words."),
    VIEW_STR(struct dialogue_view_post, text, "As it was written; a little Markdown."),
    VIEW_LIST(struct dialogue_view_post, files, &file_json, "Pictures and files."),
    VIEW_BOOL(struct dialogue_view_post, own, "The reader wrote it."),
    VIEW_BOOL(struct dialogue_view_post, may_edit, "The reader may still change it."),
    VIEW_BOOL(struct dialogue_view_post, edited, "There are earlier texts."),
    VIEW_BOOL(struct dialogue_view_post, hidden, "A coordinator has hidden it: there is no text."),
    VIEW_TIME(struct dialogue_view_post, posted, "When it was written."),
    VIEW_INT(struct dialogue_view_post, reply_to, "Number of the post that it answers; 0: none."),
};
const struct view dialogue_post_json = VIEW("Post", struct dialogue_view_post, post_fields);

static const struct view_field posts_fields[] = {
    VIEW_ID(struct dialogue_view_posts, dialogue, "The dialogue."),
    VIEW_LIST(struct dialogue_view_posts, posts, &dialogue_post_json, "Oldest first."),
    VIEW_INT(struct dialogue_view_posts, older_before, "There are older posts, before this number; 0: none."),
    VIEW_INT(struct dialogue_view_posts, newer_after, "There are newer posts, after this number; 0: none."),
};
const struct view dialogue_posts_json = VIEW("Posts", struct dialogue_view_posts, posts_fields);

static const struct view_field person_fields[] = {
    VIEW_OBJECT(struct dialogue_view_person, avatar, &avatar_json, "Picture."),
    VIEW_STR(struct dialogue_view_person, name, "Name."),
    VIEW_STR(struct dialogue_view_person, relation, "Relation in words."),
    VIEW_STR(struct dialogue_view_person, role, "Role in the reader's language."),
    VIEW_BOOL(struct dialogue_view_person, self, "The reader."),
};
static const struct view person_json = VIEW("DialoguePerson", struct dialogue_view_person, person_fields);

static const struct view_field dialogue_fields[] = {
    VIEW_ID(struct dialogue_view, id, "The dialogue."),
    VIEW_STR(struct dialogue_view, topic, "Topic."),
    VIEW_STR(struct dialogue_view, unit, "The unit that it belongs to."),
    VIEW_STR(struct dialogue_view, citizen, "Name of whom it is about."),
    VIEW_LIST(struct dialogue_view, people, &person_json, "Who takes part."),
    VIEW_OBJECT(struct dialogue_view, page, &dialogue_posts_json, "The posts."),
    VIEW_INT(struct dialogue_view, unread, "Posts that are new to the reader."),
    VIEW_BOOL(struct dialogue_view, may_write, "The reader may write here."),
    VIEW_ID(struct dialogue_view, parent, "Of a side talk: the dialogue beside which it is."),
    VIEW_BOOL(struct dialogue_view, locked, "Locked: a consent has run out."),
    VIEW_BOOL(struct dialogue_view, may_invite, "The reader may invite."),
};
const struct view dialogue_json = VIEW("Dialogue", struct dialogue_view, dialogue_fields);

static const struct view_field people_fields[] = {
    VIEW_ID(struct dialogue_view, id, "The dialogue."),
    VIEW_LIST(struct dialogue_view, people, &person_json, "Who takes part."),
    VIEW_BOOL(struct dialogue_view, may_invite, "The reader may invite."),
};
const struct view dialogue_people_json = VIEW("DialoguePeople", struct dialogue_view, people_fields);

static const struct view_field edit_fields[] = {
    VIEW_ID(struct dialogue_view_edit, dialogue, "The dialogue."),
    VIEW_INT(struct dialogue_view_edit, number, "The post."),
    VIEW_STR(struct dialogue_view_edit, text, "As it reads now."),
};
const struct view dialogue_edit_json = VIEW("PostEdit", struct dialogue_view_edit, edit_fields);

static const struct view_field menu_fields[] = {
    VIEW_OBJECT(struct dialogue_view_menu, post, &dialogue_post_json, "The post."),
    VIEW_STR(struct dialogue_view_menu, topic, "The dialogue's topic."),
    VIEW_BOOL(struct dialogue_view_menu, regret, "The reader's own: who regrets it asks a coordinator to hide it."),
};
const struct view dialogue_menu_json = VIEW("PostMenu", struct dialogue_view_menu, menu_fields);

static const struct view_field version_fields[] = {
    VIEW_STR(struct dialogue_view_version, text, "The text."),
    VIEW_TIME(struct dialogue_view_version, at, "When it was written."),
    VIEW_BOOL(struct dialogue_view_version, current, "How the post reads now."),
};
static const struct view version_json = VIEW("PostVersion", struct dialogue_view_version, version_fields);

static const struct view_field history_fields[] = {
    VIEW_ID(struct dialogue_view_history, dialogue, "The dialogue."),
    VIEW_INT(struct dialogue_view_history, number, "The post."),
    VIEW_STR(struct dialogue_view_history, author, "The author's name."),
    VIEW_LIST(struct dialogue_view_history, versions, &version_json, "Newest first."),
};
const struct view dialogue_history_json = VIEW("PostHistory", struct dialogue_view_history, history_fields);

static const struct view_field draft_fields[] = {
    VIEW_TIME(struct dialogue_view_draft, saved, "When it was kept."),
};
const struct view dialogue_draft_json = VIEW("Draft", struct dialogue_view_draft, draft_fields);
