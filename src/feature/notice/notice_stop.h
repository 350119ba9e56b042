// SPDX-License-Identifier: MPL-2.0
// The link that ends mails with one click, without signing in: it says whose mails, of which sort, about which dialogues, and can't be made by anybody else.
#pragma once

#include "feature/notice/notice_news.h"

#define STOP_DIALOGUES_MAX 16

struct notice_stop {
    int64_t person;
    enum notice_choice choice;                 // at once or daily: the sort of mail it came with
    int64_t dialogues[STOP_DIALOGUES_MAX];
    size_t count;                              // 0: all dialogues of that sort
};

// What a mail about the list is ended with; more than STOP_DIALOGUES_MAX: all of that sort.
struct notice_stop notice_stop_of(int64_t person, enum notice_choice choice, const struct notice_list *list);

// The secret part of its link; ptr is NULL when memory is exhausted.
struct str notice_stop_token(const struct dialogue_scene *scene, const struct notice_stop *stop);

// -ENOENT for anything that the program has not made.
int notice_stop_read(const struct dialogue_scene *scene, struct str token, struct notice_stop *ret_stop);

// No such mails any more. In a write transaction.
int notice_stop_do(const struct dialogue_scene *scene, const struct notice_stop *stop);
