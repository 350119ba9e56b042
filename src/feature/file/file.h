// SPDX-License-Identifier: MPL-2.0
// Pictures and files: what people send along with what they write.
//
// A file first arrives piece by piece and waits beside what its owner is writing; nobody else sees it. With the post it comes to stand in the thread, and
// from then on is seen by whoever sees the post. Its bytes lie sealed in the data folder under a key of its own; that key is sealed under the
// dialogue's key, anew when the post is written: whoever can't read the post can't open the file, and once the dialogue's keys are destroyed nobody can.
#pragma once

#include "crypt/sealed_file.h"
#include "feature/dialogue/post.h"
#include "picture/picture.h"
#include "web/app.h"

#define FILE_POST_MAX 10                      // in a post, and waiting
#define FILE_NAME_MAX 120                     // characters
#define FILE_ABOUT_MAX 500                    // characters of a picture's description
#define FILE_WAITING_MS (24 * HOUR_MS)        // how long one waits to be sent
#define FILE_BYTES_DEFAULT ((int64_t)25 << 20)

// Stored: never renumber, only append.
enum file_kind { FILE_UNSET, FILE_ARRIVING, FILE_PLAIN, FILE_PICTURE };

// The files on disk that belong to one: what arrives, and what it became. The number is bound into their chunks: never renumber, only append.
enum file_part { FILE_PART_UNSET, FILE_UPLOAD, FILE_WHOLE, FILE_SMALL, FILE_MIDDLE, FILE_LARGE, FILE_PARTS };

struct file_shape {
    int64_t bytes;            // plain; 0: there is no such part
    uint32_t width, height;   // of pictures
};

struct file {
    int64_t id;
    int64_t owner;
    int64_t post;             // 0: waits
    int64_t place;
    int64_t created;          // ms
    enum file_kind kind;
    struct file_shape parts[FILE_PARTS];
    struct str name;          // fit to be shown and kept under: file_name_clean
    struct str about;         // what a picture shows, for who can't see it; may be empty
    uint8_t key[SEALED_FILE_KEY];
};

// A file that is to arrive, of a name as its sender gives it and a size: with a fresh id and key. It stands nowhere yet.
int file_new(struct dialogue *dialogue, struct str name, int64_t size, struct file *ret_file);

// Lets it wait beside what the member writes. -E2BIG when FILE_POST_MAX wait already. In a write transaction.
int file_add(struct dialogue *dialogue, struct file *file);

// The member's own that wait, in order, in the scene's arena.
int file_waiting(struct dialogue *dialogue, const struct file **ret_files, size_t *ret_count);
void file_ask_waiting(const struct dialogue_scene *scene, int64_t dialogue, int64_t person);   // ahead (db_ask)
int file_waiting_get(struct dialogue *dialogue, int64_t id, struct file *ret_file);

// Keeps what became of a file that waits (kind, parts), or what was said about it. In a write transaction.
int file_change(struct dialogue *dialogue, const struct file *file);

// Forgets one's own that waits; its parts may then be removed from the disk. -ENOENT. In a write transaction.
int file_remove(struct dialogue *dialogue, int64_t id);

// Puts all of the named that wait and have arrived into a post that was just written, in that order. -ENOENT for one that is not the member's own and waiting;
// -EBUSY for one that has not wholly arrived. In the post's transaction.
int file_attach(struct dialogue *dialogue, int64_t number, const int64_t *ids, size_t count);

// The files of posts that the reader sees, ordered by post and place, in the scene's arena. The posts come from post_page and its like: ascending by number.
int file_of_posts(struct dialogue *dialogue, const struct post *posts, size_t count, const struct file **ret_files, size_t *ret_count);
void file_ask_of_posts(struct dialogue *dialogue, int64_t first, int64_t last);   // ahead (db_ask)

// How many files stand in the posts that the member may see, and how many of them are the member's own.
int file_count(struct dialogue *dialogue, int64_t *ret_count, int64_t *ret_own);

// One file of a post. -ENOENT when the post can't be seen (post_get) or has no such file.
int file_of_post(struct dialogue *dialogue, int64_t number, int64_t id, struct file *ret_file);

// A part's bytes, whole, in the arena: for documents that hold pictures. -EBADMSG when it is not what was written.
int file_read(const struct app *app, const struct file *file, enum file_part part, struct arena *arena, struct bytes *ret_bytes);

// Goes through a part's bytes in order, a chunk at a time, however long it is. Ends with what each() returns when that is not 0. -EBADMSG as above, -EIO.
int file_walk(const struct app *app, const struct file *file, enum file_part part, int (*each)(void *context, struct bytes chunk), void *context);

// "640 KB", "1,2 MB"; in the request's arena.
struct request;
struct str file_size_text(struct request *request, int64_t bytes);

// Makes a picture from outside anew, looked through by the virus scanner first: for pictures that are no post's. Blocks: on threads that may. Errors that
// are the picture's fault have a text for the person in file_error_text.
int file_picture(struct app *app, struct bytes bytes, struct arena *arena, struct picture ret_sizes[PICTURE_SIZES]);

// NULL for errors that are ours.
const char *file_error_text(int error);

// The part of a picture that is shown small. Blocks as well.
int file_square(struct app *app, struct bytes bytes, struct picture_cut cut, struct arena *arena, struct picture *ret_picture);

// A file as pages show it. All texts in the reader's language.
struct file_view {
    int64_t dialogue;
    int64_t number;          // of its post; 0: waits
    int64_t id;
    bool picture;
    int64_t width, height;   // of the size that is shown in the thread
    struct str name;
    struct str about;
    struct str type;         // "PDF"
    struct str size;         // "1,2 MB"
    bool arriving;           // not all of it has come yet
    int64_t bytes;
};

// Shows files; the array is in the request's arena.
int file_show(struct request *request, const struct dialogue *dialogue, const struct file *files, size_t count, const struct file_view **ret_views);
extern const struct view file_json;

// The form beside which files wait: those of the member, and what is said about them.
struct file_view_tray {
    int64_t dialogue;
    const struct file_view *files;
    size_t files_count;
    struct str ids;           // of those that have arrived, with spaces between: the composer's field "files"
    struct str error;
};
int file_tray_fill(struct request *request, struct dialogue *dialogue, struct file_view_tray *ret_tray);

// Reads what the composer's field "files" says: ids with spaces between. -EINVAL; -E2BIG.
int file_read_ids(struct str text, int64_t ids[FILE_POST_MAX], size_t *ret_count);

// Before the server serves: makes the folder, and removes from it what no row knows (a crash left it). Not 'alone': other servers use it, and what is
// younger than an hour stays.
int files_begin(const char *folder, bool alone, struct db *db);

// While it serves: files that waited longer than FILE_WAITING_MS are forgotten.
struct file_duty;
int file_duty_new(struct app *app, struct file_duty **ret_duty);
void file_duty_tick(struct file_duty *duty, int64_t monotonic_ms);
void file_duty_free(struct file_duty *duty);   // waits for what the writer still has; NULL is allowed
