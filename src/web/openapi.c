// SPDX-License-Identifier: MPL-2.0
#include "web/openapi.h"

#include "web/openapi_schema.h"
#include <errno.h>
#include <stdlib.h>

struct redirect {
    struct str location;
};
static const struct view_field redirect_fields[] = {
    VIEW_STR(struct redirect, location, "Where to go on: a path on this server"),
};
static const struct view redirect_view = VIEW("Redirect", struct redirect, redirect_fields);

enum when { ALWAYS = 1, SIGNED_IN = 2, BY_ROLE = 4, WITH_PARTS = 8, POSTED = 16, QUERIED = 32 };

static const struct {
    struct str status, about;
    unsigned when;
} problems[] = {
    { STR("400"), STR("What was sent is malformed"), ALWAYS },
    { STR("401"), STR("Nobody is signed in"), SIGNED_IN },
    { STR("403"), STR("The role does not allow it, or the CSRF token is missing or stale"), BY_ROLE | POSTED },
    { STR("404"), STR("There is no such thing, or none that the person may know of"), WITH_PARTS | SIGNED_IN },
    { STR("409"), STR("Somebody has done it already"), POSTED },
    { STR("413"), STR("Too large"), POSTED },
    { STR("415"), STR("The body is neither a form nor JSON"), POSTED },
    { STR("422"), STR("Something has to be corrected; the errors say which fields"), POSTED | QUERIED },
    { STR("429"), STR("Too many requests; wait"), ALWAYS },
    { STR("default"), STR("Anything else that went wrong"), ALWAYS },
};

static unsigned when_of(const struct route *route)
{
    return (unsigned)ALWAYS | (route->permission > PERMISSION_ANYONE ? SIGNED_IN : 0u) |
           (route->permission > PERMISSION_SIGNED_IN ? BY_ROLE : 0u) | (strchr(route->path, '{') ? WITH_PARTS : 0u) |
           (route->method == METHOD_POST ? POSTED : 0u) | (route->query ? QUERIED : 0u);
}

static void put_text_member(struct json_out *out, struct str name, struct str text)
{
    json_out_key(out, name);
    json_out_text(out, text);
}

// Cuts the next {name} or {name#} off *path; the text has no pointer when there is none left.
static struct str next_part(struct str *path)
{
    str_cut(path, '{');
    if (path->len == 0)
        return (struct str){ NULL, 0 };
    struct str part = str_cut(path, '}');
    if (part.len && part.ptr[part.len - 1] == '#')
        part.len--;
    return part;
}

// /dialogue/{dialogue#}/post → /dialogue/{dialogue}/post
static void put_path_key(struct json_out *out, const char *path)
{
    char key[256];
    size_t len = 0;
    for (; *path && len < sizeof(key); path++) {
        if (*path != '#')
            key[len++] = *path;
    }
    json_out_key(out, (struct str){ key, len });
}

// get + /dialogue/{dialogue#}/post → getDialogueByDialoguePost
static void put_operation_id(struct json_out *out, const struct route *route)
{
    char id[512];
    size_t len = 3 + (route->method == METHOD_POST);
    memcpy(id, route->method == METHOD_POST ? "post" : "get", len);
    bool begins = true;
    for (const char *at = route->path; *at && len + 3 < sizeof(id); at++) {
        char c = *at;
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (c == '{') {
            id[len++] = 'B';
            id[len++] = 'y';
        }
        if (letter)
            id[len++] = begins && c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
        begins = !letter;
    }
    put_text_member(out, STR("operationId"), (struct str){ id, len });
}

static void put_parameter_head(struct json_out *out, struct str name, struct str in, bool required)
{
    json_out_open(out, '{');
    put_text_member(out, STR("name"), name);
    put_text_member(out, STR("in"), in);
    json_out_key(out, STR("required"));
    json_out_bool(out, required);
    json_out_key(out, STR("schema"));
}

static void put_parameters(struct json_out *out, const struct route *route)
{
    json_out_key(out, STR("parameters"));
    json_out_open(out, '[');
    struct str path = str_from(route->path), part;
    while ((part = next_part(&path)).ptr) {
        put_parameter_head(out, part, STR("path"), true);
        json_out_open(out, '{');
        openapi_put_member(out, "type", "string");
        if (part.ptr[part.len] == '#')
            openapi_put_member(out, "pattern", OPENAPI_ID_PATTERN);
        json_out_close(out, '}');
        json_out_close(out, '}');
    }
    for (size_t i = 0; route->query && i < route->query->count; i++) {
        put_parameter_head(out, str_from(route->query->fields[i].name), STR("query"), route->query->fields[i].required);
        openapi_put_field(out, &route->query->fields[i]);
        json_out_close(out, '}');
    }
    json_out_close(out, ']');
}

static void put_content(struct json_out *out, struct str type, const char *schema)
{
    json_out_key(out, type);
    json_out_open(out, '{');
    json_out_key(out, STR("schema"));
    if (schema) {
        openapi_put_reference(out, schema);
    } else {
        json_out_open(out, '{');
        openapi_put_member(out, "type", "string");
        json_out_close(out, '}');
    }
    json_out_close(out, '}');
}

static void put_body(struct json_out *out, const struct form *form)
{
    json_out_key(out, STR("requestBody"));
    json_out_open(out, '{');
    json_out_key(out, STR("required"));
    json_out_bool(out, true);
    json_out_key(out, STR("content"));
    json_out_open(out, '{');
    if (!form_takes_files(form)) {
        put_content(out, STR("application/json"), form->name);
        put_content(out, STR("application/x-www-form-urlencoded"), form->name);
    }
    put_content(out, STR("multipart/form-data"), form->name);
    json_out_close(out, '}');
    json_out_close(out, '}');
}

static void put_success(struct json_out *out, const struct route *route)
{
    json_out_key(out, STR("200"));
    json_out_open(out, '{');
    openapi_put_member(out, "description", "Done");
    json_out_key(out, STR("content"));
    json_out_open(out, '{');
    if (route->flags & ROUTE_STREAM) {
        put_content(out, STR("text/event-stream"), NULL);
    } else if (route->method == METHOD_POST || route->answer) {
        put_content(out, STR("application/json"), route->answer ? route->answer->name : redirect_view.name);
        put_content(out, STR("text/html"), NULL);
    } else {
        put_content(out, STR("application/json"), redirect_view.name);
        json_out_key(out, STR("*/*"));
        json_out_open(out, '{');
        json_out_close(out, '}');
    }
    json_out_close(out, '}');
    json_out_close(out, '}');
}

static void put_responses(struct json_out *out, const struct route *route, const struct view *problem)
{
    json_out_key(out, STR("responses"));
    json_out_open(out, '{');
    put_success(out, route);
    if (route->method == METHOD_POST || !route->answer) {
        json_out_key(out, STR("303"));
        json_out_open(out, '{');
        put_text_member(out, STR("$ref"), STR("#/components/responses/SeeOther"));
        json_out_close(out, '}');
    }
    for (size_t i = 0; i < sizeof(problems) / sizeof(problems[0]); i++) {
        if (!(problems[i].when & when_of(route)))
            continue;
        json_out_key(out, problems[i].status);
        json_out_open(out, '{');
        put_text_member(out, STR("description"), problems[i].about);
        json_out_key(out, STR("content"));
        json_out_open(out, '{');
        put_content(out, STR("application/problem+json"), problem->name);
        put_content(out, STR("text/html"), NULL);
        json_out_close(out, '}');
        json_out_close(out, '}');
    }
    json_out_close(out, '}');
}

// Anyone may read; who changes something shows that it is meant; everything else takes a session.
static void put_security(struct json_out *out, const struct route *route)
{
    bool session = route->permission > PERMISSION_ANYONE;
    bool csrf = route->method == METHOD_POST && !(route->flags & ROUTE_NO_CSRF);
    json_out_key(out, STR("security"));
    json_out_open(out, '[');
    if (session || csrf)
        json_out_open(out, '{');
    if (session) {
        json_out_key(out, STR("session"));
        json_out_open(out, '[');
        json_out_close(out, ']');
    }
    if (csrf) {
        json_out_key(out, STR("csrf"));
        json_out_open(out, '[');
        json_out_close(out, ']');
    }
    if (session || csrf)
        json_out_close(out, '}');
    json_out_close(out, ']');
}

static void put_operation(struct json_out *out, const struct openapi_route *entry, const struct view *problem)
{
    const struct route *route = entry->route;
    json_out_key(out, route->method == METHOD_POST ? STR("post") : STR("get"));
    json_out_open(out, '{');
    put_operation_id(out, route);
    put_text_member(out, STR("summary"), str_from(route->summary));
    json_out_key(out, STR("tags"));
    json_out_open(out, '[');
    json_out_text(out, str_from(entry->feature->name));
    json_out_close(out, ']');
    put_security(out, route);
    put_parameters(out, route);
    if (route->form)
        put_body(out, route->form);
    put_responses(out, route, problem);
    json_out_close(out, '}');
}

static void put_paths(struct json_out *out, const struct openapi_route *routes, size_t count, const struct view *problem)
{
    json_out_key(out, STR("paths"));
    json_out_open(out, '{');
    for (size_t i = 0; i < count; i++) {
        bool earlier = false;
        for (size_t j = 0; j < i; j++)
            earlier |= strcmp(routes[j].route->path, routes[i].route->path) == 0;
        if (earlier)
            continue;
        put_path_key(out, routes[i].route->path);
        json_out_open(out, '{');
        for (size_t j = i; j < count; j++) {
            if (strcmp(routes[j].route->path, routes[i].route->path) == 0)
                put_operation(out, &routes[j], problem);
        }
        json_out_close(out, '}');
    }
    json_out_close(out, '}');
}

static void put_tags(struct json_out *out, const struct openapi_route *routes, size_t count)
{
    json_out_key(out, STR("tags"));
    json_out_open(out, '[');
    for (size_t i = 0; i < count; i++) {
        bool earlier = false;
        for (size_t j = 0; j < i; j++)
            earlier |= strcmp(routes[j].feature->name, routes[i].feature->name) == 0;
        if (earlier)
            continue;
        json_out_open(out, '{');
        put_text_member(out, STR("name"), str_from(routes[i].feature->name));
        json_out_close(out, '}');
    }
    json_out_close(out, ']');
}

static int collect_schemas(struct openapi_schemas *schemas, const struct openapi_route *routes, size_t count,
                           const struct view *problem)
{
    int r = openapi_add_view(schemas, problem);
    if (r == 0)
        r = openapi_add_view(schemas, &redirect_view);
    for (size_t i = 0; i < count && r == 0; i++) {
        if (routes[i].route->answer)
            r = openapi_add_view(schemas, routes[i].route->answer);
        if (r == 0 && routes[i].route->form)
            r = openapi_add_form(schemas, routes[i].route->form);
    }
    return r;
}

// What does not depend on the routes.
static const char head[] =
    "\"openapi\":\"3.1.0\",\"info\":{\"title\":\"Samtråd\",\"version\":\"1\",\"license\":{\"name\":\"MPL-2.0\","
    "\"identifier\":\"MPL-2.0\"},\"description\":\"What a browser sees as pages, a program gets with Accept: application/json. "
    "Unknown fields are refused. Identifiers are strings of digits; times are RFC 3339 in UTC.\"},"
    "\"servers\":[{\"url\":\"/\"}]";

static const char components[] =
    "\"securitySchemes\":{\"session\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"__Host-samtraad\",\"description\":"
    "\"Set at sign-in; without TLS the name is samtraad\"},\"csrf\":{\"type\":\"apiKey\",\"in\":\"header\",\"name\":"
    "\"X-CSRF-Token\",\"description\":\"The session's token, as in every page\"}},\"responses\":{\"SeeOther\":{\"description\":"
    "\"Done; go on there\",\"headers\":{\"Location\":{\"required\":true,\"schema\":{\"type\":\"string\"}}}}}";

static void put_constant(struct json_out *out, const char *text)
{
    json_out_value(out);
    buf_str(out->buf, str_from(text));
}

int openapi_write(struct buf *buf, const struct openapi_route *routes, size_t count, const struct view *problem)
{
    struct openapi_schemas *schemas = calloc(1, sizeof(*schemas));
    if (!schemas)
        return -ENOMEM;
    int r = collect_schemas(schemas, routes, count, problem);
    if (r == 0) {
        struct json_out out = { buf, false };
        json_out_open(&out, '{');
        put_constant(&out, head);
        put_tags(&out, routes, count);
        put_paths(&out, routes, count, problem);
        json_out_key(&out, STR("components"));
        json_out_open(&out, '{');
        put_constant(&out, components);
        json_out_key(&out, STR("schemas"));
        json_out_open(&out, '{');
        openapi_put_schemas(&out, schemas);
        json_out_close(&out, '}');
        json_out_close(&out, '}');
        json_out_close(&out, '}');
    }
    free(schemas);
    return r;
}
