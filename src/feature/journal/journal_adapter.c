// SPDX-License-Identifier: MPL-2.0
#include "feature/journal/journal_adapter.h"

#include "base/log.h"
#include "feature/journal/journal.h"

#include <errno.h>

bool journal_adapter_wanted(const struct config *config)
{
    return config_get(config, "journal.deliver", NULL) != NULL;
}

static int complain(const char *meaning)
{
    log_event(LOG_ERROR, "config", "setting=%s meaning=\"%s\"", "journal.deliver", meaning);
    return -EINVAL;
}

// As ssh-keygen -l prints it, with or without "SHA256:" in front.
static const char *fingerprint_of(const struct config *config)
{
    const char *text = config_get(config, "journal.sftp_host_key", "");
    return strncmp(text, "SHA256:", 7) == 0 ? text + 7 : text;
}

int journal_adapter_new(const struct config *config, struct journal_adapter **ret_adapter)
{
    const char *place = config_get(config, "journal.deliver", NULL);
    struct journal_sftp sftp = { place, fingerprint_of(config), config_get(config, "journal.sftp_key", "") };
    *ret_adapter = NULL;
    if (!place)
        return 0;
    if (place[0] == '/')
        return journal_folder_new(place, ret_adapter);
    if (strncmp(place, "sftp://", 7) != 0)
        return complain("expected a folder (beginning with /) or an address sftp://user@host/folder");
    if (strlen(sftp.host_key) < 43 || !sftp.key_file[0])
        return complain("an sftp address needs journal.sftp_host_key (its SHA-256 fingerprint) and journal.sftp_key (a file) too");
    return journal_sftp_new(&sftp, ret_adapter);
}
