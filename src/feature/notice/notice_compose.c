// SPDX-License-Identifier: MPL-2.0
// What the mails say. None holds a name, a topic or a word of what was written.
#include "base/cleanup.h"
#include "base/log.h"
#include "base/random.h"
#include "feature/notice/notice_address.h"
#include "feature/notice/notice_news.h"
#include "feature/notice/notice_sql.h"
#include "feature/notice/notice_stop.h"
#include "web/text.h"

#include <errno.h>

// As participant/invitation.h stores it.
#define INVITATION_IS_OPEN 1

struct letter {
    struct mail_scene *scene;
    struct dialogue_scene rules;
    struct mail *mail;
    enum language language;
};

static struct str words(const struct letter *letter, const char *english)
{
    return text_of(letter->language, english);
}

static struct str address_of(const struct letter *letter, const char *path, struct str rest)
{
    struct str base = letter->scene->app->base_url;
    return arena_format(letter->scene->arena, "%.*s%s%.*s", (int)base.len, base.ptr, path, (int)rest.len, rest.ptr);
}

static int paragraph(struct letter *letter, const char *english)
{
    return mail_add(letter->mail, MAIL_PARAGRAPH, words(letter, english), STR(""));
}

static int link_to(struct letter *letter, enum mail_part_kind kind, const char *english, struct str url)
{
    return url.ptr ? mail_add(letter->mail, kind, words(letter, english), url) : -ENOMEM;
}

static int begin(struct letter *letter, enum language language, struct str to, const char *subject)
{
    letter->language = language > LANGUAGE_UNSET && language < LANGUAGE_COUNT ? language : LANGUAGE_DANISH;
    letter->mail->language = str_from(language_tag(letter->language));
    letter->mail->to = to;
    letter->mail->subject = words(letter, subject);
    return paragraph(letter, TEXT("Hi"));
}

// What is new is behind the button, for who signs in: a mail can be read by others.
static int lead_in(struct letter *letter, const char *button, struct str url)
{
    int result = link_to(letter, MAIL_BUTTON, button, url);
    return result < 0 ? result : paragraph(letter, TEXT("You sign in as usual. To protect you, we write no more than this in a mail."));
}

static int language_of(const struct letter *letter, int64_t person, enum language *ret_language)
{
    struct sql_notice_reader row;
    int result = sql_notice_reader(letter->scene->db, letter->scene->arena, &(struct sql_notice_reader_in){ .id = person }, &row);
    if (result == 0)
        *ret_language = (enum language)row.language;
    return result;
}

static int addressee_of(const struct letter *letter, int64_t person, struct notice_address *ret_address, enum language *ret_language)
{
    int result = notice_address_get(&letter->rules, person, ret_address);
    return result < 0 ? result : language_of(letter, person, ret_language);
}

// Leaves those dialogues in the list that still are news to the person.
static int keep_news(const struct letter *letter, int64_t person, struct notice_list *list)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        enum notice_choice choice;
        bool news = false;
        int result = notice_choice_get(&letter->rules, person, list->items[i].dialogue, &choice);
        if (result == 0 && choice != NOTICE_NEVER)
            result = notice_is_news(&letter->rules, person, list->items[i], &news);
        if (result < 0)
            return result;
        if (news)
            list->items[kept++] = list->items[i];
    }
    list->count = kept;
    return kept ? 0 : -ENOENT;
}

static int write_news(struct letter *letter, int64_t person, enum notice_choice choice, const struct notice_list *list)
{
    struct notice_stop stop = notice_stop_of(person, choice, list);
    struct str token = notice_stop_token(&letter->rules, &stop);
    struct str page = list->count == 1 ? arena_format(letter->scene->arena, "/dialogue/%lld", (long long)list->items[0].dialogue) : STR("/");
    if (!token.ptr || !page.ptr)
        return -ENOMEM;
    letter->mail->stop = address_of(letter, "/mail/stop/", token);
    int result = paragraph(letter, list->count == 1 ? TEXT("There is something new in one of your dialogues.")
                                                    : TEXT("There is something new in several of your dialogues."));
    if (result == 0)
        result = lead_in(letter, TEXT("Read it in Samtråd"), address_of(letter, "", page));
    if (result == 0)
        result = link_to(letter, MAIL_LINK, TEXT("Stop these mails"), letter->mail->stop);
    return result < 0 ? result : link_to(letter, MAIL_LINK, TEXT("Choose when you get mail"), address_of(letter, "/mail", STR("")));
}

static int compose_news(struct letter *letter, const struct outbox_entry *entry)
{
    struct notice_address address;
    struct notice_list *list;
    enum language language = LANGUAGE_UNSET;
    int result = addressee_of(letter, entry->person, &address, &language);
    if (result == 0)
        result = notice_list_open(&letter->rules, entry, &list);
    if (result == 0)
        result = keep_news(letter, entry->person, list);
    if (result < 0)
        return result;
    result = begin(letter, language, address.address, TEXT("Something is new for you in Samtråd"));
    return result < 0 ? result : write_news(letter, entry->person, entry->purpose == NOTICE_FOR_DAILY ? NOTICE_DAILY : NOTICE_AT_ONCE, list);
}

static int compose_confirmation(struct letter *letter, const struct outbox_entry *entry)
{
    struct notice_wish wish;
    enum language language = LANGUAGE_UNSET;
    int result = notice_wish_get(&letter->rules, entry->person, &wish);
    if (result == 0 && wish.mail != entry->id)   // an earlier link, which no longer works
        result = -ENOENT;
    if (result == 0)
        result = language_of(letter, entry->person, &language);
    if (result < 0)
        return result;
    result = begin(letter, language, wish.address, TEXT("Is this your address?"));
    if (result == 0)
        result = paragraph(letter, TEXT("Somebody would like to get mail from Samtråd at this address. Is it you? Then say yes here:"));
    if (result == 0)
        result = link_to(letter, MAIL_BUTTON, TEXT("Yes, this is my address"), address_of(letter, "/mail/confirm/", wish.token));
    if (result == 0)
        result = paragraph(letter, TEXT("The link works for two days. Is it not you? Then do nothing. You will get no more mail."));
    return result;
}

static struct seal_place invitation_place(int64_t entry)
{
    return (struct seal_place){ .type = SEAL_OUTBOX, .object = entry };
}

int notice_invite(const struct dialogue_scene *scene, const struct notice_invitation *what)
{
    struct outbox_entry entry = { .id = id_new(scene->now), .kind = OUTBOX_MAIL, .purpose = NOTICE_FOR_INVITATION,
        .made = scene->now, .due = scene->now };
    struct seal_place place = invitation_place(entry.id);
    struct str plain = arena_format(scene->arena, "%lld\n%d\n%.*s\n%.*s", (long long)what->id, (int)what->language, (int)what->address.len,
        what->address.ptr, (int)what->token.len, what->token.ptr);
    int result = plain.ptr ? seal(keyring_directory(scene->keys), &place, str_bytes(plain), scene->arena, &entry.sealed) : -ENOMEM;
    return result < 0 ? result : outbox_add(scene->db, &entry);
}

// -ENOENT when it was used or taken back, or is too old.
static int check_invitation(const struct letter *letter, int64_t id)
{
    struct sql_notice_invitation row;
    int result = sql_notice_invitation(letter->scene->db, letter->scene->arena, &(struct sql_notice_invitation_in){ .id = id }, &row);
    if (result < 0)
        return result;
    return row.state == INVITATION_IS_OPEN && row.expires > letter->scene->now ? 0 : -ENOENT;
}

static int compose_invitation(struct letter *letter, const struct outbox_entry *entry)
{
    struct seal_place place = invitation_place(entry->id);
    struct bytes plain;
    int64_t id, language;
    int result = unseal(keyring_directory(letter->scene->keys), &place, entry->sealed, letter->scene->arena, &plain);
    if (result < 0)
        return result;
    struct str rest = bytes_str(plain);
    if (str_to_int(str_cut(&rest, '\n'), &id) < 0 || str_to_int(str_cut(&rest, '\n'), &language) < 0)
        return -EBADMSG;
    struct str to = str_cut(&rest, '\n');
    result = check_invitation(letter, id);
    if (result < 0)
        return result;
    result = begin(letter, (enum language)language, to, TEXT("You are invited to Samtråd"));
    if (result == 0)
        result = paragraph(letter, TEXT("You are invited to a dialogue in Samtråd. Here people write safely with the municipality and each other."));
    if (result == 0)
        result = link_to(letter, MAIL_BUTTON, TEXT("See the invitation"), address_of(letter, "/invitation/", rest));
    if (result == 0)
        result = paragraph(letter, TEXT("You sign in with MitID. The link is for you alone, so do not send it on. It works once, for 30 days."));
    if (result == 0)
        result = paragraph(letter, TEXT("Do you not know what this is about? Then do nothing."));
    return result;
}

static int compose_reminder(struct letter *letter, const struct outbox_entry *entry)
{
    struct notice_address address;
    struct notice_list *list;
    enum language language = LANGUAGE_UNSET;
    bool open = false;
    int result = addressee_of(letter, entry->person, &address, &language);
    if (result == 0)
        result = notice_list_open(&letter->rules, entry, &list);
    if (result == 0)
        result = notice_still_open(&letter->rules, entry->person, list, &open);
    if (result < 0 || !open)
        return result < 0 ? result : -ENOENT;
    result = begin(letter, language, address.address, TEXT("Something waits for an answer in Samtråd"));
    if (result == 0)
        result = paragraph(letter, TEXT("Something in Samtråd soon runs out. Please look at it."));
    if (result == 0)
        result = lead_in(letter, TEXT("See it in Samtråd"), address_of(letter, "/", STR("")));
    return result;
}

// Only while the person still works in the unit and wants to know, and something still waits.
static int check_unit(struct letter *letter, const struct outbox_entry *entry)
{
    struct notice_list *list;
    bool wants = false, waits = false;
    int result = notice_list_open(&letter->rules, entry, &list);
    if (result == 0)
        result = notice_unit_wants(&letter->rules, entry->person, list->items[0].dialogue, &wants);
    if (result == 0 && wants)
        result = notice_unit_waits(&letter->rules, list->items[0].dialogue, &waits);
    return result == 0 && !waits ? -ENOENT : result;
}

static int compose_unit(struct letter *letter, const struct outbox_entry *entry)
{
    struct notice_address address;
    enum language language = LANGUAGE_UNSET;
    int result = addressee_of(letter, entry->person, &address, &language);
    if (result == 0)
        result = check_unit(letter, entry);
    if (result < 0)
        return result;
    result = begin(letter, language, address.address, TEXT("Something new waits in your unit's inbox"));
    if (result == 0)
        result = paragraph(letter, TEXT("Something new waits in your unit's inbox in Samtråd."));
    if (result == 0)
        result = lead_in(letter, TEXT("See the inbox"), address_of(letter, "/inbox", STR("")));
    return result < 0 ? result : link_to(letter, MAIL_LINK, TEXT("Choose when you get mail"), address_of(letter, "/mail", STR("")));
}

static int compose(struct mail_scene *scene, const struct outbox_entry *entry, struct mail *mail)
{
    struct letter letter = { .scene = scene, .rules = notice_scene_of(scene), .mail = mail };
    switch (entry->purpose) {
    case NOTICE_FOR_NEWS:
    case NOTICE_FOR_DAILY:
        return compose_news(&letter, entry);
    case NOTICE_FOR_CONFIRMATION:
        return compose_confirmation(&letter, entry);
    case NOTICE_FOR_INVITATION:
        return compose_invitation(&letter, entry);
    case NOTICE_FOR_REMINDER:
        return compose_reminder(&letter, entry);
    case NOTICE_FOR_UNIT:
        return compose_unit(&letter, entry);
    default:
        log_event(LOG_ERROR, "notice", "entry=%lld purpose=%lld", (long long)entry->id, (long long)entry->purpose);
        return -ENOENT;
    }
}

// The person sees it on their own page.
static int refused(struct db *db, const struct outbox_entry *entry, int64_t now)
{
    bool news = entry->purpose == NOTICE_FOR_NEWS || entry->purpose == NOTICE_FOR_DAILY;
    int64_t rows = news ? sql_notice_address_refuse(db, &(struct sql_notice_address_refuse_in){ .person = entry->person, .at = now }) : 0;
    return rows < 0 ? (int)rows : 0;
}

const struct mail_source notice_source = { .gather = notice_gather, .compose = compose, .refused = refused };
