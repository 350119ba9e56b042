# SPDX-License-Identifier: MPL-2.0
# Cuts the design system's style sheet (dist/css/dkfds.css of the npm package) down to what our pages use: rules for plain elements and for the
# classes named in the variable "keep" (separated by spaces), in a cascade layer, so that our own rules always win. Rules that load fonts or
# pictures and animations are left out; samtraad.css has its own.
#
#   awk -v keep='button button-primary form-input' -f dkfds.awk dkfds.css

BEGIN {
    print "@layer dkfds {"
    split(keep, words, " ")
    for (i in words)
        wanted[words[i]] = 1
}

# Whether every class of a selector is wanted.
function selector_kept(selector,    rest, name) {
    rest = selector
    gsub(/\[[^]]*\]/, "", rest)
    while (match(rest, /\.[A-Za-z_][A-Za-z0-9_-]*/)) {
        name = substr(rest, RSTART + 1, RLENGTH - 1)
        if (!(name in wanted))
            return 0
        rest = substr(rest, RSTART + RLENGTH)
    }
    return 1
}

function kept(list,    parts, count, i, out) {
    count = split(list, parts, ",")
    out = ""
    for (i = 1; i <= count; i++)
        if (selector_kept(parts[i]))
            out = out (out == "" ? "" : ",") parts[i]
    return out
}

# One rule at a time; at-rules with a block inside are written when they get their first rule.
function rule_end(    selectors) {
    sub(/^[ \t\n]+/, "", head)
    if (head ~ /^@font-face/ || body ~ /url\(/ || inside ~ /keyframes/)
        return
    selectors = kept(head)
    if (selectors == "")
        return
    if (inside != "" && !opened) {
        print inside "{"
        opened = 1
    }
    print selectors "{" body "}"
}

{
    line = $0
    if (line ~ /^@charset/)
        next
    gsub(/\/\*[^*]*\*\//, "", line)
    while (line != "") {
        if (match(line, /[{}]/) == 0) {
            if (depth > (inside != "")) body = body line
            else head = head line "\n"
            break
        }
        before = substr(line, 1, RSTART - 1)
        mark = substr(line, RSTART, 1)
        line = substr(line, RSTART + 1)
        if (mark == "{") {
            head = head before
            if (depth == 0 && head ~ /@(media|supports|keyframes|-webkit-keyframes)/) {
                inside = head
                gsub(/^[ \t\n]+/, "", inside)
                opened = 0
                head = ""
            }
            depth++
            body = ""
        } else {
            body = body before
            depth--
            if (inside != "" && depth == 0) {
                if (opened) print "}"
                inside = ""
            } else {
                rule_end()
            }
            head = ""
            body = ""
        }
    }
}

END {
    print "}"
}
