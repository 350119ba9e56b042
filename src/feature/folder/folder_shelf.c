// SPDX-License-Identifier: MPL-2.0
#include "feature/folder/folder_shelf.h"

#include "feature/folder/folder.h"
#include "web/app.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

struct folder_shelf {
    pthread_mutex_t lock;
    struct folder *first;
    size_t count;
};

int folder_shelf_new(struct folder_shelf **ret_shelf)
{
    struct folder_shelf *shelf = calloc(1, sizeof(*shelf));

    if (!shelf)
        return -ENOMEM;
    pthread_mutex_init(&shelf->lock, NULL);
    *ret_shelf = shelf;
    return 0;
}

void folder_free(struct folder *folder)
{
    if (!folder)
        return;
    folder_store_free(&folder->store);
    free((void *)folder->dialogues);
    free(folder);
}

// With the lock held.
static void release(struct folder *folder)
{
    if (--folder->holders == 0)
        folder_free(folder);
}

static void unlink_at(struct folder_shelf *shelf, struct folder **place)
{
    struct folder *folder = *place;

    *place = folder->next;
    shelf->count--;
    release(folder);
}

static bool has_dialogue(const struct folder *folder, int64_t dialogue)
{
    for (size_t i = 0; i < folder->dialogues_count; i++)
        if (folder->dialogues[i] == dialogue)
            return true;
    return false;
}

// With the lock held: those that are too old, of the person, or with the dialogue (0: none).
static void drop(struct folder_shelf *shelf, int64_t now, int64_t person, int64_t dialogue)
{
    struct folder **place = &shelf->first;

    while (*place) {
        struct folder *folder = *place;
        if (now - folder->made > FOLDER_READY_MS || now < folder->made - FOLDER_READY_MS || folder->person == person ||
            (dialogue && has_dialogue(folder, dialogue)))
            unlink_at(shelf, place);
        else
            place = &folder->next;
    }
}

void folder_shelf_free(struct folder_shelf *shelf)
{
    if (!shelf)
        return;
    while (shelf->first)
        unlink_at(shelf, &shelf->first);
    pthread_mutex_destroy(&shelf->lock);
    free(shelf);
}

int folder_shelf_put(struct folder_shelf *shelf, struct folder *folder, int64_t now)
{
    int r = -EAGAIN;

    pthread_mutex_lock(&shelf->lock);
    drop(shelf, now, folder->person, 0);
    if (shelf->count < FOLDER_SHELF_MAX) {
        folder->holders = 1;
        folder->next = shelf->first;
        shelf->first = folder;
        shelf->count++;
        r = 0;
    }
    pthread_mutex_unlock(&shelf->lock);
    if (r < 0)
        folder_free(folder);
    return r;
}

int folder_shelf_get(struct folder_shelf *shelf, int64_t person, int64_t id, int64_t now, struct folder **ret_folder)
{
    int r = -ENOENT;

    pthread_mutex_lock(&shelf->lock);
    drop(shelf, now, 0, 0);
    for (struct folder *folder = shelf->first; folder && r < 0; folder = folder->next) {
        if (folder->person != person || !folder->proven || (id && folder->id != id))
            continue;
        folder->holders++;
        *ret_folder = folder;
        r = 0;
    }
    pthread_mutex_unlock(&shelf->lock);
    return r;
}

void folder_shelf_give_back(struct folder_shelf *shelf, struct folder *folder)
{
    pthread_mutex_lock(&shelf->lock);
    release(folder);
    pthread_mutex_unlock(&shelf->lock);
}

void folder_shelf_prove(struct folder_shelf *shelf, int64_t id, const struct proof *proof)
{
    pthread_mutex_lock(&shelf->lock);
    for (struct folder *folder = shelf->first; folder; folder = folder->next) {
        if (folder->id == id) {
            folder->proof = *proof;
            folder->proven = true;
        }
    }
    pthread_mutex_unlock(&shelf->lock);
}

void folder_shelf_forget(struct folder_shelf *shelf, int64_t dialogue, int64_t now)
{
    pthread_mutex_lock(&shelf->lock);
    drop(shelf, now, 0, dialogue);
    pthread_mutex_unlock(&shelf->lock);
}

void folder_forget(struct app *app, int64_t dialogue)
{
    if (app->folders)
        folder_shelf_forget(app->folders, dialogue, clock_now(app->clock));
}
