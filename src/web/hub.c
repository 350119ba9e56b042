// SPDX-License-Identifier: MPL-2.0
#include "web/hub.h"
#include "web/server_stream.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#define CHAINS 4096   // a power of two
#define STREAMS_PERSON 10
#define EVENT_BYTES ((size_t)4096)

struct entry {
    struct hub *hub;
    struct hub_listener listener;
    struct stream *stream;
    struct entry *topic_next;
    struct entry *person_next;
};

struct hub {
    pthread_mutex_t lock;
    size_t count;
    bool deaf;
    struct entry *topics[CHAINS];
    struct entry *persons[CHAINS];
};

static size_t chain_of(int64_t id)
{
    return (size_t)(((uint64_t)id * UINT64_C(0x9e3779b97f4a7c15)) >> 40) & (CHAINS - 1);
}

int hub_new(struct hub **ret_hub)
{
    struct hub *hub = calloc(1, sizeof(*hub));
    if (!hub)
        return -ENOMEM;
    pthread_mutex_init(&hub->lock, NULL);
    *ret_hub = hub;
    return 0;
}

void hub_free(struct hub *hub)
{
    if (!hub)
        return;
    assert(hub->count == 0);
    pthread_mutex_destroy(&hub->lock);
    free(hub);
}

static void insert(struct hub *hub, struct entry *entry)
{
    struct entry **topic = &hub->topics[chain_of(entry->listener.topic)];
    struct entry **person = &hub->persons[chain_of(entry->listener.person)];
    entry->topic_next = *topic;
    *topic = entry;
    entry->person_next = *person;
    *person = entry;
    hub->count++;
}

static void remove_entry(struct hub *hub, struct entry *entry)
{
    struct entry **topic = &hub->topics[chain_of(entry->listener.topic)];
    while (*topic != entry)
        topic = &(*topic)->topic_next;
    *topic = entry->topic_next;
    struct entry **person = &hub->persons[chain_of(entry->listener.person)];
    while (*person != entry)
        person = &(*person)->person_next;
    *person = entry->person_next;
    hub->count--;
}

static void listener_closed(struct stream *stream, void *data)
{
    struct entry *entry = data;
    struct hub *hub = entry->hub;
    assert(entry->stream == stream);
    pthread_mutex_lock(&hub->lock);
    remove_entry(hub, entry);
    pthread_mutex_unlock(&hub->lock);
    free(entry);
}

static size_t streams_of(const struct hub *hub, int64_t person)
{
    size_t count = 0;
    for (const struct entry *at = hub->persons[chain_of(person)]; at; at = at->person_next)
        count += at->listener.person == person;
    return count;
}

// Under the lock: a cut that comes at the same time comes before or after, not between.
static int listen_locked(struct hub *hub, struct exchange *exchange,
                         const struct hub_listener *listener)
{
    if (streams_of(hub, listener->person) >= STREAMS_PERSON)
        return -EAGAIN;
    struct entry *entry = calloc(1, sizeof(*entry));
    if (!entry)
        return -ENOMEM;
    entry->hub = hub;
    entry->listener = *listener;
    int result = exchange_stream(exchange, listener_closed, entry, &entry->stream);
    if (result < 0) {
        free(entry);
        return result;
    }
    insert(hub, entry);
    return 0;
}

int hub_listen(struct hub *hub, struct exchange *exchange, const struct hub_listener *listener)
{
    pthread_mutex_lock(&hub->lock);
    int result = listen_locked(hub, exchange, listener);
    pthread_mutex_unlock(&hub->lock);
    return result;
}

static bool is_line(struct str s)
{
    return !s.len || (!memchr(s.ptr, '\n', s.len) && !memchr(s.ptr, '\r', s.len));
}

static int event_new(struct str name, struct str data, struct message **ret_message)
{
    struct buf event = buf_bounded(EVENT_BYTES);
    buf_lit(&event, "event: ");
    buf_str(&event, name);
    buf_lit(&event, "\ndata: ");
    buf_str(&event, data);
    buf_lit(&event, "\n\n");
    int result = event.error ? event.error : message_new(buf_view(&event), ret_message);
    buf_free(&event);
    return result;
}

void hub_publish(struct hub *hub, int64_t topic, struct str name, struct str data)
{
    hub_publish_from(hub, topic, name, data, INT64_MAX, INT64_MIN);
}

// Who does not hear of all things is told a number as they count: from their first on.
static void send_told(struct entry *entry, struct str name, int64_t number, struct message *message)
{
    char digits[DECIMAL_ROOM];
    struct message *own = NULL;
    if (entry->hub->deaf) {
        stream_end(entry->stream);
        return;
    }
    if (number == INT64_MAX || entry->listener.first <= 1) {
        stream_send_message(entry->stream, message);
        return;
    }
    if (event_new(name, str_decimal(digits, number - entry->listener.first + 1), &own) == 0)
        stream_send_message(entry->stream, own);
    else
        stream_end(entry->stream);   // its reader comes again
    message_unref(own);
}

void hub_publish_from(struct hub *hub, int64_t topic, struct str name, struct str data,
                      int64_t number, int64_t now_ms)
{
    assert(is_line(name) && is_line(data) && name.len + data.len < EVENT_BYTES - 64);
    struct message *message = NULL;
    int result = event_new(name, data, &message);
    pthread_mutex_lock(&hub->lock);
    for (struct entry *at = hub->topics[chain_of(topic)]; at; at = at->topic_next) {
        if (at->listener.topic != topic || at->listener.first > number)
            continue;
        if (result == 0 && at->listener.expires > now_ms)
            send_told(at, name, number, message);
        else
            stream_end(at->stream);   // its reader comes again and sees what it has missed
    }
    pthread_mutex_unlock(&hub->lock);
    message_unref(message);
}

void hub_publish_person(struct hub *hub, int64_t topic, int64_t person, struct str name, struct str data)
{
    assert(is_line(name) && is_line(data) && name.len + data.len < EVENT_BYTES - 64);
    struct message *message = NULL;
    int result = event_new(name, data, &message);
    pthread_mutex_lock(&hub->lock);
    for (struct entry *at = hub->persons[chain_of(person)]; at; at = at->person_next) {
        bool own = at->listener.person == person && at->listener.topic == topic;
        if (own && result == 0 && !hub->deaf)
            stream_send_message(at->stream, message);
        else if (own)
            stream_end(at->stream);
    }
    pthread_mutex_unlock(&hub->lock);
    message_unref(message);
}

void hub_cut_person(struct hub *hub, int64_t topic, int64_t person)
{
    pthread_mutex_lock(&hub->lock);
    for (struct entry *at = hub->topics[chain_of(topic)]; at; at = at->topic_next)
        if (at->listener.topic == topic && at->listener.person == person)
            stream_end(at->stream);
    pthread_mutex_unlock(&hub->lock);
}

void hub_cut_everywhere(struct hub *hub, int64_t person)
{
    pthread_mutex_lock(&hub->lock);
    for (size_t i = 0; i < CHAINS; i++)
        for (struct entry *at = hub->topics[i]; at; at = at->topic_next)
            if (at->listener.person == person)
                stream_end(at->stream);
    pthread_mutex_unlock(&hub->lock);
}

void hub_cut_session(struct hub *hub, const uint8_t session[32])
{
    pthread_mutex_lock(&hub->lock);
    for (size_t i = 0; i < CHAINS; i++)
        for (struct entry *at = hub->topics[i]; at; at = at->topic_next)
            if (memcmp(at->listener.session, session, sizeof(at->listener.session)) == 0)
                stream_end(at->stream);
    pthread_mutex_unlock(&hub->lock);
}

void hub_deafen(struct hub *hub, bool deaf)
{
    pthread_mutex_lock(&hub->lock);
    hub->deaf = deaf;
    for (size_t i = 0; i < CHAINS; i++)
        for (struct entry *at = hub->topics[i]; at; at = at->topic_next)
            stream_end(at->stream);
    pthread_mutex_unlock(&hub->lock);
}

void hub_tick(struct hub *hub, int64_t now_ms)
{
    struct message *beat = NULL;
    int result = message_new(STR(":\n\n"), &beat);
    pthread_mutex_lock(&hub->lock);
    for (size_t i = 0; i < CHAINS; i++) {
        for (struct entry *at = hub->topics[i]; at; at = at->topic_next) {
            if (at->listener.expires <= now_ms)
                stream_end(at->stream);
            else if (result == 0)
                stream_send_message(at->stream, beat);
        }
    }
    pthread_mutex_unlock(&hub->lock);
    message_unref(beat);
}

size_t hub_count(struct hub *hub)
{
    pthread_mutex_lock(&hub->lock);
    size_t count = hub->count;
    pthread_mutex_unlock(&hub->lock);
    return count;
}
