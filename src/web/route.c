// SPDX-License-Identifier: MPL-2.0
#include "web/route.h"

#include <errno.h>

#include "base/log.h"
#include "base/utf8.h"

// One segment of patterns. The root stands for "/".
struct node {
    struct str literal;
    struct node *next;   // among its parent's literal children
    struct node *literals;
    struct node *number;   // {name#}
    struct node *text;     // {name}
    struct route_entry *entry[METHOD_POST + 1];
};

struct route_table {
    struct arena *arena;
    struct node *root;
    struct route_entry *entries;
};

struct path {
    struct str segment[ROUTE_SEGMENTS_MAX];
    size_t count;
};

static bool pattern_sound(struct str path)
{
    size_t segments = 0, parts = 0;
    if (path.len == 0 || path.len > 200 || path.ptr[0] != '/')
        return false;
    path = (struct str){ path.ptr + 1, path.len - 1 };
    if (path.len == 0)
        return true;
    for (bool more = true; more; segments++) {
        more = memchr(path.ptr, '/', path.len) != NULL;
        struct str segment = str_cut(&path, '/');
        if (segment.len == 0)
            return false;
        if (segment.ptr[0] == '{') {
            parts++;
            if (segment.len < 3 || segment.ptr[segment.len - 1] != '}')
                return false;
        }
    }
    return segments <= ROUTE_SEGMENTS_MAX && parts <= PATH_PARTS;
}

// What is wrong with the parts that every route has; NULL: nothing.
static const char *basic_problem(const struct route *route)
{
    if (route->method != METHOD_GET && route->method != METHOD_POST)
        return "no method";
    if (!route->path || !pattern_sound(str_from(route->path)))
        return "a path must begin with / and have whole segments and at most 4 {parts}";
    if (route->permission <= PERMISSION_UNSET || route->permission >= PERMISSION_COUNT)
        return "no permission";
    if (route->audit <= AUDIT_UNSET || route->audit >= AUDIT_KIND_COUNT)
        return "no audit kind (AUDIT_NONE must be said)";
    if (!route->handle)
        return "no handler";
    return route->summary ? NULL : "no summary";
}

// What does not fit together.
static const char *fitting_problem(const struct route *route)
{
    bool stream = route->flags & ROUTE_STREAM;
    if (route->method == METHOD_POST && !route->form)
        return "a POST needs a form (an empty one is a form)";
    if (route->method == METHOD_GET && route->form)
        return "a GET has a query, not a form";
    if (policy_in_dialogue(route->permission) && !route->load)
        return "a permission in a dialogue needs a load";
    if (stream && (route->method != METHOD_GET || (route->flags & ROUTE_WRITES)))
        return "a stream is a GET that writes nothing";
    return NULL;
}

bool route_sound(const struct route *route, const char **ret_problem)
{
    const char *problem = basic_problem(route);
    if (!problem)
        problem = fitting_problem(route);
    if (problem)
        *ret_problem = problem;
    return !problem;
}

static struct node *node_child(struct route_table *table, struct node *parent, struct str segment)
{
    if (segment.ptr[0] == '{') {
        struct node **slot = segment.ptr[segment.len - 2] == '#' ? &parent->number : &parent->text;
        if (!*slot)
            *slot = arena_alloc(table->arena, sizeof(struct node));
        return *slot;
    }
    for (struct node *child = parent->literals; child; child = child->next)
        if (str_equal(child->literal, segment))
            return child;
    struct node *child = arena_alloc(table->arena, sizeof(*child));
    if (child) {
        child->literal = segment;
        child->next = parent->literals;
        parent->literals = child;
    }
    return child;
}

static int table_add(struct route_table *table, struct route_entry *entry)
{
    const struct route *route = entry->route;
    const char *problem;
    if (!route_sound(route, &problem)) {
        log_event(LOG_ERROR, "route", "feature=%s path=%s problem=\"%s\"", entry->feature->name,
                  route->path ? route->path : "?", problem);
        return -EINVAL;
    }
    struct node *node = table->root;
    struct str rest = str_from(route->path + 1);
    while (rest.len != 0) {
        node = node_child(table, node, str_cut(&rest, '/'));
        if (!node)
            return -ENOMEM;
    }
    if (node->entry[route->method]) {
        log_event(LOG_ERROR, "route",
                  "feature=%s path=%s problem=\"feature %s has the same method and path\"",
                  entry->feature->name, route->path, node->entry[route->method]->feature->name);
        return -EINVAL;
    }
    node->entry[route->method] = entry;
    return 0;
}

int route_table_new(const struct feature *const *features, size_t count,
                    struct route_table **ret_table)
{
    struct arena *arena;
    int r = arena_new(1 << 20, &arena);
    if (r < 0)
        return r;
    size_t routes = 0;
    for (size_t i = 0; i < count; i++)
        routes += features[i]->count;
    struct route_table *table = arena_alloc(arena, sizeof(*table));
    if (table) {
        table->arena = arena;
        table->root = arena_alloc(arena, sizeof(*table->root));
        table->entries = arena_array(arena, routes, sizeof(*table->entries));
    }
    if (!table || !table->root || !table->entries) {
        arena_free(arena);
        return -ENOMEM;
    }
    // All faults are reported, not only the first.
    struct route_entry *entry = table->entries;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < features[i]->count; j++, entry++) {
            *entry =
                (struct route_entry){ .feature = features[i], .route = &features[i]->routes[j] };
            int added = table_add(table, entry);
            r = r ? r : added;
        }
    }
    if (r < 0) {
        arena_free(arena);
        return r;
    }
    *ret_table = table;
    return 0;
}

void route_table_free(struct route_table *table)
{
    if (table)
        arena_free(table->arena);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static int segment_decode(struct str *segment, struct arena *arena)
{
    if (segment->len == 0 || !memchr(segment->ptr, '%', segment->len))
        return 0;
    char *out = arena_alloc(arena, segment->len);
    if (!out)
        return -ENOMEM;
    size_t len = 0;
    for (size_t i = 0; i < segment->len; i++) {
        char c = segment->ptr[i];
        if (c == '%') {
            int high = i + 2 < segment->len ? hex_digit(segment->ptr[i + 1]) : -1;
            int low = i + 2 < segment->len ? hex_digit(segment->ptr[i + 2]) : -1;
            if (high < 0 || low < 0)
                return -EBADMSG;
            c = (char)(high << 4 | low);
            i += 2;
        }
        out[len++] = c;
    }
    *segment = (struct str){ out, len };
    return 0;
}

static bool segment_clean(struct str segment)
{
    for (size_t i = 0; i < segment.len; i++)
        if ((unsigned char)segment.ptr[i] < 0x20 || segment.ptr[i] == 0x7f)
            return false;
    return utf8_valid(segment) && !utf8_has_control(segment);
}

static int path_split(struct str text, struct arena *arena, struct path *ret_path)
{
    struct path path = { .count = 0 };
    if (text.len == 0 || text.ptr[0] != '/' || text.len > ROUTE_PATH_MAX)
        return -EBADMSG;
    struct str rest = { text.ptr + 1, text.len - 1 };
    bool more = rest.len != 0;
    while (more) {
        more = memchr(rest.ptr, '/', rest.len) != NULL;
        struct str segment = str_cut(&rest, '/');
        int r = segment_decode(&segment, arena);
        if (r < 0)
            return r;
        if (!segment_clean(segment))
            return -EBADMSG;
        if (path.count == ROUTE_SEGMENTS_MAX || segment.len == 0 || str_equal(segment, STR(".")) ||
            str_equal(segment, STR("..")))
            return -ENOENT;
        path.segment[path.count++] = segment;
    }
    *ret_path = path;
    return 0;
}

static bool has_entry(const struct node *node)
{
    return node->entry[METHOD_GET] || node->entry[METHOD_POST];
}

// The node of the segments from 'at' on. A literal goes before a number, a number before a text.
static const struct node *walk(const struct node *node, const struct path *path, size_t at,
                               size_t parts, struct route_hit *hit)
{
    if (at == path->count)
        return has_entry(node) ? node : NULL;
    struct str segment = path->segment[at];
    for (const struct node *child = node->literals; child; child = child->next) {
        if (str_equal(child->literal, segment)) {
            const struct node *found = walk(child, path, at + 1, parts, hit);
            if (found)
                return found;
        }
    }
    int64_t number;
    if (node->number && str_to_int(segment, &number) == 0 && number > 0) {
        const struct node *found = walk(node->number, path, at + 1, parts + 1, hit);
        if (found) {
            hit->part[parts] = segment;
            hit->number[parts] = number;
            return found;
        }
    }
    const struct node *found = node->text ? walk(node->text, path, at + 1, parts + 1, hit) : NULL;
    if (found)
        hit->part[parts] = segment;
    return found;
}

int route_match(const struct route_table *table, enum method method, struct str path,
                struct arena *arena, struct route_hit *ret_hit)
{
    struct path split;
    int r = path_split(path, arena, &split);
    if (r < 0)
        return r;
    struct route_hit hit = { .entry = NULL };
    const struct node *node = walk(table->root, &split, 0, 0, &hit);
    if (!node)
        return -ENOENT;
    hit.entry = method == METHOD_UNSET ? NULL : node->entry[method];
    for (unsigned i = METHOD_GET; i <= METHOD_POST; i++)
        if (node->entry[i])
            hit.allowed |= 1u << i;
    *ret_hit = hit;
    return hit.entry ? 0 : -EPERM;
}

struct str route_page_above(const struct route_table *table, struct str path, struct arena *arena)
{
    struct route_hit hit;
    while (path.len > 1 && route_match(table, METHOD_GET, path, arena, &hit) < 0) {
        while (path.len > 1 && path.ptr[path.len - 1] != '/')
            path.len--;
        path.len -= path.len > 1;
    }
    return path.len ? path : STR("/");
}
