// SPDX-License-Identifier: MPL-2.0
// One's own consents, each with every answer, and whom the law lets in.
#include "feature/consent/consent.h"
#include "feature/folder/folder_html.h"
#include "feature/folder/folder_part.h"
#include "feature/folder/folder_view.h"
#include "feature/folder/folder_write.h"

#include <errno.h>

static void put_steps(struct folder_part *part, const struct consent_line *line)
{
    json_out_key(&part->values, STR("records"));
    json_out_open(&part->values, '[');
    for (size_t i = 0; i < line->steps_count; i++) {
        const struct consent_step *step = &line->steps[i];
        json_out_open(&part->values, '{');
        folder_put_text(part, "event", str_from(consent_event_name(step->event)));
        folder_put_time(part, "at", step->at);
        folder_put_time(part, "until", step->until);
        json_out_key(&part->values, STR("from_today"));
        json_out_bool(&part->values, step->from_today);
        folder_put_int(part, "text_version", step->text_version);
        folder_put_int(part, "assurance", step->assurance);
        folder_put_text(part, "words", line->steps_words[i]);
        json_out_close(&part->values, '}');
    }
    json_out_close(&part->values, ']');
    json_out_key(&part->values, STR("texts"));
    json_out_open(&part->values, '[');
    for (size_t i = 0; i < line->told_count; i++) {
        json_out_open(&part->values, '{');
        folder_put_int(part, "version", line->told[i].version);
        folder_put_text(part, "words", line->told[i].words);
        json_out_close(&part->values, '}');
    }
    json_out_close(&part->values, ']');
}

static int put_line(void *context, const struct consent_line *line)
{
    struct folder_part *part = context;
    struct folder_view_consent view = { .name = line->name, .words = line->words, .topic = line->topic, .question = line->question, .purpose = line->purpose,
        .statute = line->statute, .reason = line->reason, .status = line->status, .sees = line->sees, .steps = line->steps_words, .steps_count = line->steps_count,
        .since = line->since ? folder_day(part, part->scratch, line->since) : STR("") };
    folder_consent_html(&part->out, &view);
    for (size_t i = 0; i < line->told_count; i++)
        folder_told_html(&part->out, &(struct folder_view_told){ line->told[i].version, line->told[i].words });
    json_out_open(&part->values, '{');
    folder_put_id(part, "proposal", line->proposal);
    folder_put_id(part, "dialogue", line->dialogue);
    folder_put_text(part, "name", line->name);
    folder_put_text(part, "relation", line->words);
    folder_put_text(part, "topic", line->topic);
    folder_put_text(part, "question", line->question);
    folder_put_text(part, "purpose", line->purpose);
    folder_put_text(part, "statute", line->statute);
    folder_put_text(part, "reason", line->reason);
    folder_put_text(part, "status", line->status);
    folder_put_text(part, "sees", line->sees);
    folder_put_time(part, "since", line->since);
    put_steps(part, line);
    json_out_close(&part->values, '}');
    part->consents++;
    return request_left(part->request) ? -ECANCELED : folder_flush(part);
}

int folder_part_consents(struct folder_part *part)
{
    folder_heading(part, "consents", TEXT("Consents"));
    json_out_key(&part->values, STR("consents"));
    json_out_open(&part->values, '[');
    arena_reset(part->scratch);
    int result = consent_tell_all(part->request, part->scratch, put_line, part);
    if (part->consents == 0)
        folder_no_consents_html(&part->out, &(struct folder_view_end){ .server = STR("") });
    json_out_close(&part->values, ']');
    json_out_key(&part->values, STR("dialogues"));
    json_out_open(&part->values, '[');
    return result < 0 ? result : folder_flush(part);
}
