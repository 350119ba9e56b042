#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
# refused.sh SOURCES COMPILER…: outputs whose type does not fit their position do not compile. Prints TAP.
set -eu
sources=$1
shift
compiler=$*
number=0

try() {
    number=$((number + 1))
    got=no
    printf '#include "web/template.h"\nvoid f(struct buf *, struct str, struct html, struct url, const char *, double, bool);\n%s { %s; }\n' \
        'void f(struct buf *b, struct str s, struct html h, struct url u, const char *c, double d, bool t)' "$3" |
        $compiler -fsyntax-only -Werror -std=gnu17 -I"$sources" -x c - 2>/dev/null && got=yes
    [ $got = "$2" ] || printf 'not '
    echo "ok $number - $1"
}

echo 1..11
try 'text in a text' yes 'template_text(b, s)'
try 'markup in a text' yes 'template_text(b, h)'
try 'a URL at the start of a URL' yes 'template_url(b, u)'
try 'text in a part of a URL' yes 'template_url_part(b, s)'
try 'a char * in a text does not compile' no 'template_text(b, c)'
try 'a fraction in a text does not compile' no 'template_text(b, d)'
try 'a yes or no in a text does not compile' no 'template_text(b, t)'
try 'markup in an attribute does not compile' no 'template_attribute(b, h)'
try 'a char * as a URL does not compile' no 'template_url(b, c)'
try 'text as a whole URL does not compile' no 'template_url(b, s)'
try 'a char * in a part of a URL does not compile' no 'template_url_part(b, c)'
