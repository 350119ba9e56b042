// SPDX-License-Identifier: MPL-2.0
// The way to another system (a case or filing system). An adapter hands a parcel over whole or not at all, and looks for the answer. To connect another
// kind of system, write one and choose it in journal_adapter_new. Called from the courier's thread only; calls may block, within bounds.
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/config.h"

struct journal_file {
    const char *name;          // "journal.pdf": letters, digits, dots and hyphens
    struct bytes bytes;
};

// What is handed over: a folder of files. The last one is the manifest, which tells a parcel from another.
struct journal_parcel {
    const char *name;          // "samtraad-382834655042050538"
    const struct journal_file *files;
    size_t count;
};

struct journal_adapter {
    // 0: the parcel is there, complete, and stays there after a power cut, also when it was there before. Otherwise nothing of that name is there, or
    // -EEXIST: a parcel with another manifest is. Other errors are worth another try.
    int (*deliver)(struct journal_adapter *adapter, const struct journal_parcel *parcel);
    // The answer to a parcel, as bytes that nobody has looked at. -ENOENT: none yet.
    int (*receipt)(struct journal_adapter *adapter, const char *parcel, struct buf *receipt);
    void (*free)(struct journal_adapter *adapter);
};

#define JOURNAL_RECEIPT_MAX ((size_t)64 << 10)

// The adapter that the configuration names; NULL when it names none. -EINVAL (logged) when the settings do not hold together.
int journal_adapter_new(const struct config *config, struct journal_adapter **ret_adapter);

// Into a folder of this machine, which exists: a parcel appears by one rename. Receipts lie beside it as NAME.receipt.json.
int journal_folder_new(const char *path, struct journal_adapter **ret_adapter);

// The same on another machine over SFTP. host_key is its SHA-256 fingerprint in base 64, key_file our private key.
struct journal_sftp {
    const char *url;           // "sftp://user@host:22/folder"
    const char *host_key;
    const char *key_file;
};
int journal_sftp_new(const struct journal_sftp *where, struct journal_adapter **ret_adapter);
