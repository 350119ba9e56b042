// SPDX-License-Identifier: MPL-2.0
// An employee's choice about mail from the unit's inbox; it stands on the page about mail.
#include "feature/notice/notice.h"
#include "web/request.h"

#include <errno.h>

struct unit_form {
    bool value;
};

static const struct form_field unit_fields[] = {
    FORM_FIELD(struct unit_form, value, FORM_FLAG, TEXT("Send me mail about the inbox")),
};
static const struct form unit_form = FORM("MailUnitForm", struct unit_form, unit_fields);

static int post_unit(struct request *request)
{
    const struct unit_form *form = request_form(request, &unit_form);
    struct dialogue_scene scene = dialogue_scene_of(request);
    if (request->session.unit == 0)
        return -ENOENT;
    int result = notice_unit_choose(&scene, request->session.person, request->session.unit, form->value);
    return result < 0 ? result : request_redirect(request, STR("/mail#mail-unit"));
}

static const struct route routes[] = {
    { .method = METHOD_POST, .path = "/mail/unit", .permission = PERMISSION_EMPLOYEE, .audit = AUDIT_MAIL_CHOICE, .form = &unit_form,
      .handle = post_unit, .summary = "Whether one is told by mail of what is new in one's unit's inbox." },
};
FEATURE(notice_unit, routes);
