// SPDX-License-Identifier: MPL-2.0
// What ThreadSanitizer finds and is not so (script/analyse tsan). Each with its reason; what else it finds fails. Linked into builds with -Db_sanitize=thread and into
// no other: the journal's child, which is started without any environment, must know it too.
const char *__tsan_default_suppressions(void);

// Pango looks for fonts in threads of its own. It hands over what they found under GLib's locks, which are futexes of GLib's own making, and GLib, Pango and Fontconfig
// are not built with the sanitizer: it sees what they touch through the C library, but not that they waited for each other.
const char *__tsan_default_suppressions(void)
{
    return "called_from_lib:libglib-2.0.so.0\n"
           "called_from_lib:libpango-1.0.so.0\n"
           "called_from_lib:libpangoft2-1.0.so.0\n"
           "called_from_lib:libfontconfig.so.1\n";
}
