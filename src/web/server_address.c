// SPDX-License-Identifier: MPL-2.0
#include "web/server_address.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>

#define CHAINS 1024   // a power of two

struct entry {
    struct entry *next;
    struct address_key key;
    unsigned count;
};

struct addresses {
    pthread_mutex_t lock;
    unsigned total, each;   // the limits
    unsigned count;
    struct entry *chains[CHAINS];
};

struct address_key address_key(const struct sockaddr *address)
{
    struct address_key key = { 0 };
    if (address->sa_family == AF_INET) {
        memcpy(key.data, &((const struct sockaddr_in *)(const void *)address)->sin_addr, 4);
    } else if (address->sa_family == AF_INET6) {
        const struct in6_addr *v6 =
            &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
        key.v6 = !IN6_IS_ADDR_V4MAPPED(v6);
        memcpy(key.data, v6->s6_addr + (key.v6 ? 0 : 12), key.v6 ? 8 : 4);
    }
    return key;
}

struct str address_text(struct arena *arena, const struct sockaddr *address)
{
    char text[INET6_ADDRSTRLEN] = "";
    if (address->sa_family == AF_INET) {
        inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)address)->sin_addr, text,
                  sizeof(text));
    } else if (address->sa_family == AF_INET6) {
        const struct in6_addr *v6 =
            &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
        if (IN6_IS_ADDR_V4MAPPED(v6))
            inet_ntop(AF_INET, v6->s6_addr + 12, text, sizeof(text));
        else
            inet_ntop(AF_INET6, v6, text, sizeof(text));
    }
    return arena_str(arena, str_from(text));
}

bool address_read(struct str text, struct address_key *ret_key)
{
    char copy[INET6_ADDRSTRLEN];
    struct sockaddr_in v4 = { .sin_family = AF_INET };
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
    if (text.len == 0 || text.len >= sizeof(copy) || memchr(text.ptr, '\0', text.len))
        return false;
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    if (inet_pton(AF_INET, copy, &v4.sin_addr) == 1)
        *ret_key = address_key((const struct sockaddr *)(const void *)&v4);
    else if (inet_pton(AF_INET6, copy, &v6.sin6_addr) == 1)
        *ret_key = address_key((const struct sockaddr *)(const void *)&v6);
    else
        return false;
    return true;
}

bool address_valid(struct str text)
{
    struct address_key key;
    return address_read(text, &key);
}

int addresses_new(unsigned total, unsigned each, struct addresses **ret_addresses)
{
    struct addresses *addresses = calloc(1, sizeof(*addresses));
    if (!addresses)
        return -ENOMEM;
    addresses->total = total;
    addresses->each = each;
    pthread_mutex_init(&addresses->lock, NULL);
    *ret_addresses = addresses;
    return 0;
}

void addresses_free(struct addresses *addresses)
{
    if (!addresses)
        return;
    assert(addresses->count == 0);
    pthread_mutex_destroy(&addresses->lock);
    free(addresses);
}

static bool same(struct address_key a, struct address_key b)
{
    return a.v6 == b.v6 && memcmp(a.data, b.data, sizeof(a.data)) == 0;
}

// Fibonacci hashing. That an attacker may aim at one chain is harmless: 'total' bounds its length.
static struct entry **chain_of(struct addresses *addresses, struct address_key key)
{
    uint64_t bits;
    memcpy(&bits, key.data, sizeof(bits));
    return &addresses
                ->chains[((bits + key.v6) * UINT64_C(0x9e3779b97f4a7c15)) >> 32 & (CHAINS - 1)];
}

static struct entry **find(struct addresses *addresses, struct address_key key)
{
    struct entry **at = chain_of(addresses, key);
    while (*at && !same((*at)->key, key))
        at = &(*at)->next;
    return at;
}

static int add(struct addresses *addresses, struct address_key key)
{
    if (addresses->total && addresses->count >= addresses->total)
        return -EAGAIN;
    struct entry **at = find(addresses, key);
    if (!*at) {
        *at = calloc(1, sizeof(**at));
        if (!*at)
            return -ENOMEM;
        (*at)->key = key;
    } else if (addresses->each && (*at)->count >= addresses->each) {
        return -EAGAIN;
    }
    (*at)->count++;
    addresses->count++;
    return 0;
}

int addresses_add(struct addresses *addresses, struct address_key key)
{
    pthread_mutex_lock(&addresses->lock);
    int result = add(addresses, key);
    pthread_mutex_unlock(&addresses->lock);
    return result;
}

void addresses_remove(struct addresses *addresses, struct address_key key)
{
    pthread_mutex_lock(&addresses->lock);
    struct entry **at = find(addresses, key);
    assert(*at && addresses->count > 0);
    addresses->count--;
    if (--(*at)->count == 0) {
        struct entry *empty = *at;
        *at = empty->next;
        free(empty);
    }
    pthread_mutex_unlock(&addresses->lock);
}
