// SPDX-License-Identifier: MPL-2.0
// log_flips LOG KEY WITNESS: what the first verifier says of an exported log with each single bit flipped, a character for each: '0' refused, '1' holds;
// on a second line of each shorter beginning of it, by itself, and on a third one together with the witness's checkpoints.
#include "audit/exported.h"
#include "base/encode.h"

#include <stdlib.h>

#define LOG_MAX (1 << 20)

static uint8_t key[KEEPER_PUBLIC_KEY];

static size_t read_file(const char *path, char *ret_data)
{
    FILE *file = fopen(path, "re");

    if (!file)
        exit(2);
    size_t len = fread(ret_data, 1, LOG_MAX, file);
    fclose(file);
    return len;
}

static char say(char *log, size_t len, char *witness, size_t witness_len)
{
    struct exported_report report = { .problem = NULL };
    // An empty file: fmemopen knows none.
    FILE *file = len ? fmemopen(log, len, "r") : fopen("/dev/null", "re"), *theirs = witness ? fmemopen(witness, witness_len, "r") : NULL;

    if (!file || (witness && !theirs) || exported_check(file, theirs, key, &report) < 0)
        exit(2);
    fclose(file);
    if (theirs)
        fclose(theirs);
    return report.problem ? '0' : '1';
}

int main(int argc, char **argv)
{
    static char log[LOG_MAX], witness[LOG_MAX], hex[LOG_MAX];

    if (argc != 4)
        return 2;
    size_t len = read_file(argv[1], log), witness_len = read_file(argv[3], witness);
    struct str text = str_trim((struct str){ hex, read_file(argv[2], hex) });
    if (decode_hex_exact(text, key, sizeof(key)) < 0 || say(log, len, NULL, 0) != '1')
        return 2;
    for (size_t bit = 0; bit < 8 * len; bit++) {
        log[bit / 8] = (char)(log[bit / 8] ^ 1 << bit % 8);
        putchar(say(log, len, NULL, 0));
        log[bit / 8] = (char)(log[bit / 8] ^ 1 << bit % 8);
    }
    putchar('\n');
    for (size_t cut = 0; cut < len; cut++)
        putchar(say(log, cut, NULL, 0));
    putchar('\n');
    for (size_t cut = 0; cut < len; cut++)
        putchar(say(log, cut, witness, witness_len));
    putchar('\n');
    return 0;
}
