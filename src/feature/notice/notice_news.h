// SPDX-License-Identifier: MPL-2.0
// What is new to a person, as the payload of an outbox entry says it: which dialogues, and behind which post. For the files of this feature.
#pragma once

#include "feature/notice/notice.h"

#define NEWS_DIALOGUES_MAX 200   // in one mail

struct notice_item {
    int64_t dialogue;
    int64_t after;   // posts behind this one are news
};

struct notice_list {
    struct notice_item items[NEWS_DIALOGUES_MAX];
    size_t count;
};

// Opens a payload into the scene's arena. -EBADMSG when the entry was not written by the program.
int notice_list_open(const struct dialogue_scene *scene, const struct outbox_entry *entry, struct notice_list **ret_list);

// Adds a dialogue, unless it is there already. -E2BIG.
int notice_list_add(struct notice_list *list, struct notice_item item);

int notice_list_seal(const struct dialogue_scene *scene, int64_t entry, const struct notice_list *list, struct bytes *ret_sealed);

// Whether, by now, the person may read posts of the dialogue behind 'after' that somebody else has written and they have not read.
int notice_is_news(const struct dialogue_scene *scene, int64_t person, struct notice_item item, bool *ret_news);

// Finds who is to be told by now and writes the entries. See struct mail_source.
int notice_gather(struct mail_scene *scene);

// Reminders of the consent feature: makes the entries for them, and tells whether one of a list still waits for an answer.
int notice_gather_reminders(struct mail_scene *mail);
int notice_still_open(const struct dialogue_scene *scene, int64_t person, const struct notice_list *list, bool *ret_open);

// How long it is quiet before a mail is made, ms.
int notice_quiet(const struct config *config, int64_t *ret_ms);

// Whether anything waits in a unit's inbox now.
int notice_unit_waits(const struct dialogue_scene *scene, int64_t unit, bool *ret_waits);

static inline struct dialogue_scene notice_scene_of(const struct mail_scene *scene)
{
    return (struct dialogue_scene){ scene->db, scene->keys, scene->arena, scene->now };
}
