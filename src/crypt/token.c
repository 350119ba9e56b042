// SPDX-License-Identifier: MPL-2.0
#include "crypt/token.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "crypt/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>
#include <sodium.h>
#include <sys/stat.h>

#define SLOTS_MAX 64
#define PIN_MAX 256
#define NONCE 12

static const char domain[16] = "samtraad sealed";

struct session {
    P11KitUri *uri;
    CK_FUNCTION_LIST **modules;
    CK_FUNCTION_LIST *module;
    CK_SESSION_HANDLE handle;
    CK_OBJECT_HANDLE key;
};

static P11KitUri *parse(const char *uri)
{
    P11KitUri *parsed = strlen(uri) <= TOKEN_URI_MAX ? p11_kit_uri_new() : NULL;

    if (parsed && (p11_kit_uri_parse(uri, P11_KIT_URI_FOR_ANY, parsed) != P11_KIT_URI_OK || p11_kit_uri_any_unrecognized(parsed) ||
                   !p11_kit_uri_get_pin_source(parsed) || p11_kit_uri_get_pin_value(parsed) ||
                   (!p11_kit_uri_get_attribute(parsed, CKA_LABEL) && !p11_kit_uri_get_attribute(parsed, CKA_ID)))) {
        p11_kit_uri_free(parsed);
        return NULL;
    }
    return parsed;
}

bool token_uri_fits(const char *uri)
{
    P11KitUri *parsed = parse(uri);

    if (parsed)
        p11_kit_uri_free(parsed);
    return parsed != NULL;
}

// The file's first line.
static int read_pin(const char *source, char ret_pin[PIN_MAX], size_t *ret_len)
{
    const char *path = strncmp(source, "file:", 5) == 0 ? source + 5 : source;
    _cleanup_(close_descriptor) int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;

    if (fd < 0 || fstat(fd, &status) < 0)
        return -EACCES;
    if (key_file_is_exposed(path, status.st_mode))
        return -EPERM;
    ssize_t n = file_read_at(fd, ret_pin, PIN_MAX - 1, 0);
    ret_pin[n > 0 ? n : 0] = '\0';
    *ret_len = strcspn(ret_pin, "\r\n");
    return *ret_len > 0 ? 0 : -EACCES;
}

static int log_in(struct session *session)
{
    char pin[PIN_MAX];
    size_t len = 0;
    int r = read_pin(p11_kit_uri_get_pin_source(session->uri), pin, &len);

    if (r == 0) {
        const CK_RV code = session->module->C_Login(session->handle, CKU_USER, (CK_UTF8CHAR_PTR)pin, len);

        r = code == CKR_OK || code == CKR_USER_ALREADY_LOGGED_IN ? 0 : -EACCES;
    }
    sodium_memzero(pin, sizeof(pin));
    return r;
}

// Exactly one: with two of a name, nobody knows which sealed.
static int find_key(struct session *session)
{
    CK_FUNCTION_LIST *module = session->module;
    CK_OBJECT_HANDLE found[2];
    CK_ULONG count = 0, attributes = 0;
    CK_ATTRIBUTE *wanted;

    CK_OBJECT_CLASS secret = CKO_SECRET_KEY;
    if (p11_kit_uri_set_attribute(session->uri, &(CK_ATTRIBUTE){ CKA_CLASS, &secret, sizeof(secret) }) != P11_KIT_URI_OK)
        return -ENOMEM;
    wanted = p11_kit_uri_get_attributes(session->uri, &attributes);
    if (module->C_FindObjectsInit(session->handle, wanted, attributes) != CKR_OK)
        return -EIO;
    const CK_RV code = module->C_FindObjects(session->handle, found, 2, &count);
    module->C_FindObjectsFinal(session->handle);
    session->key = found[0];
    return code != CKR_OK ? -EIO : count == 1 ? 0 : -ENODEV;
}

static int find_slot(struct session *session, CK_FUNCTION_LIST *module, CK_SLOT_ID *ret_slot)
{
    CK_SLOT_ID slots[SLOTS_MAX];
    CK_ULONG count = SLOTS_MAX;
    CK_TOKEN_INFO info;

    if (module->C_GetSlotList(CK_TRUE, slots, &count) != CKR_OK)
        return -ENODEV;
    for (CK_ULONG i = 0; i < count; i++)
        if (module->C_GetTokenInfo(slots[i], &info) == CKR_OK && p11_kit_uri_match_token_info(session->uri, &info)) {
            *ret_slot = slots[i];
            return 0;
        }
    return -ENODEV;
}

static int open_session(const char *uri, struct session *session)
{
    CK_SLOT_ID slot = 0;
    int r = -ENODEV;

    session->uri = parse(uri);
    if (!session->uri)
        return -EINVAL;
    session->modules = p11_kit_modules_load_and_initialize(0);
    for (CK_FUNCTION_LIST **each = session->modules; each && *each && r == -ENODEV; each++) {
        r = find_slot(session, *each, &slot);
        session->module = *each;
    }
    if (r < 0)
        return r;
    if (session->module->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &session->handle) != CKR_OK)
        return -EIO;
    r = log_in(session);
    return r < 0 ? r : find_key(session);
}

// The session ends with its module.
static void close_session(struct session *session)
{
    if (session->modules)
        p11_kit_modules_finalize_and_release(session->modules);
    if (session->uri)
        p11_kit_uri_free(session->uri);
}

// What the nonce and the domain are bound by; the memory is the caller's.
static CK_GCM_PARAMS parameters(uint8_t *nonce)
{
    return (CK_GCM_PARAMS){
        .iv_ptr = nonce,
        .iv_len = NONCE,
        .iv_bits = 8 * NONCE,
        .aad_ptr = (uint8_t *)(uintptr_t)domain,
        .aad_len = sizeof(domain),
        .tag_bits = 128,
    };
}

int token_seal(const char *uri, struct bytes plain, uint8_t *ret_sealed)
{
    struct session session = { 0 };
    CK_GCM_PARAMS gcm = parameters(ret_sealed);
    CK_MECHANISM mechanism = { CKM_AES_GCM, &gcm, sizeof(gcm) };
    CK_ULONG len = plain.len + TOKEN_OVERHEAD - NONCE;
    int r = open_session(uri, &session);

    randombytes_buf(ret_sealed, NONCE);
    if (r == 0 && (session.module->C_EncryptInit(session.handle, &mechanism, session.key) != CKR_OK ||
                   session.module->C_Encrypt(session.handle, (uint8_t *)(uintptr_t)plain.ptr, plain.len, ret_sealed + NONCE, &len) != CKR_OK ||
                   len != plain.len + TOKEN_OVERHEAD - NONCE))
        r = -EIO;
    close_session(&session);
    return r;
}

int token_open(const char *uri, struct bytes sealed, uint8_t *ret_plain)
{
    struct session session = { 0 };
    CK_ULONG len = sealed.len;
    uint8_t nonce[NONCE];
    CK_GCM_PARAMS gcm = parameters(nonce);
    CK_MECHANISM mechanism = { CKM_AES_GCM, &gcm, sizeof(gcm) };

    if (sealed.len <= TOKEN_OVERHEAD)
        return -EBADMSG;
    memcpy(nonce, sealed.ptr, NONCE);
    int r = open_session(uri, &session);
    if (r == 0 && session.module->C_DecryptInit(session.handle, &mechanism, session.key) != CKR_OK)
        r = -EIO;
    if (r == 0 && (session.module->C_Decrypt(session.handle, (uint8_t *)(uintptr_t)sealed.ptr + NONCE, sealed.len - NONCE, ret_plain, &len) != CKR_OK ||
                   len != sealed.len - TOKEN_OVERHEAD))
        r = -EBADMSG;
    close_session(&session);
    return r;
}
