// SPDX-License-Identifier: MPL-2.0
// The generator for pages: HTML files with a typed parameter become straight C. The grammar is described in docs/templates.md.
#pragma once

#include "source.h"
#include "text_form.h"

#define TEMPLATE_DEPTH 64   // open elements, and open ifs and fors

// Where in the HTML the parser stands.
enum place {
    PLACE_UNSET,
    PLACE_TEXT,
    PLACE_TAG,        // inside a tag, between attributes
    PLACE_NAME,       // in an attribute's name
    PLACE_VALUE,      // in an attribute's quoted value
};

// How far the value of an attribute that holds a URL has come.
enum url_state {
    URL_UNSET,
    URL_NONE,     // the attribute holds no URL
    URL_START,    // nothing stands there yet
    URL_LOCAL,    // a path, query or fragment on this server has begun
    URL_FIXED,    // an absolute address: no outputs
};

struct position {
    enum place place;
    enum url_state url;
    char quote;             // of the value
    bool closing;           // the tag is </…>
    bool closed;            // the tag ends with "/"
    bool space;             // the last that was written is white space
    struct str element;     // of the tag
    struct str attribute;
    size_t depth;           // open elements
};

struct element {
    struct str name;
    size_t at;              // where in the source
};

struct template_parser {
    struct arena *arena;
    struct scanner scanner;
    struct position position;
    struct element elements[TEMPLATE_DEPTH];
    size_t floor;           // elements that the present branch must leave open
    unsigned nesting;       // ifs and fors
    struct buf literal;     // HTML that is not written yet
    struct buf code;        // the C file's functions
    struct buf header;      // the header's declarations
    struct buf uses;        // its #include lines
    bool uses_assets;
};

// Translates a file: appends to code, header and uses of the parser. -EINVAL with the source's fault set; -ENOMEM.
int template_parse(struct template_parser *parser);

// Starts and frees a parser.
void template_begin(struct template_parser *parser, struct arena *arena, const struct source *source);
void template_end(struct template_parser *parser);

// What ended a block.
enum ending { ENDING_UNSET, ENDING_END, ENDING_ELSE, ENDING_FILE };

// Translates everything up to the end, else or end of file that is not its own.
int template_block(struct template_parser *parser, enum ending *ret_ending);

// Reads one piece of HTML that is no construct. -EINVAL: what the generator refuses.
int template_html(struct template_parser *parser);

// Ends an attribute's name that has no value, before a construct inside a tag.
int template_end_name(struct template_parser *parser);

// Whether something may be written at the present position; what says what it is, for the message.
int template_may_write(struct template_parser *parser, const char *what);

// Writes what has gathered in literal as one buf_lit.
void template_flush(struct template_parser *parser);

// Writes a #line for the position and the indentation of the next statement.
void template_line(struct template_parser *parser, size_t at);

// The constructs {{ … }} and {_ … _}, at the scanner.
int template_output(struct template_parser *parser);
int template_text(struct template_parser *parser);

// Reads a C expression up to "end" outside of quotes and brackets; *ret_text is trimmed, not empty. what names it for messages.
int template_expression(struct scanner *scanner, const char *end, const char *what, struct str *ret_text);
