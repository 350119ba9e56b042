// SPDX-License-Identifier: MPL-2.0
// Runs a fuzz target once over each file of its corpus, where libFuzzer is not there: what was found once stays mended.
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FILE_MAX (1u << 20)

static int run_file(const char *folder, const char *name, uint8_t *data)
{
    char path[4096];
    if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
        return -ENAMETOOLONG;
    FILE *file = fopen(path, "rb");
    if (!file)
        return -errno;
    size_t size = fread(data, 1, FILE_MAX, file);
    fclose(file);
    // A copy of exactly this size: reading past its end is seen by the address sanitizer.
    uint8_t *copy = malloc(size + (size == 0));
    if (!copy)
        return -ENOMEM;
    memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s CORPUS_FOLDER\n", argv[0]);
        return 2;
    }
    DIR *folder = opendir(argv[1]);
    if (!folder) {
        fprintf(stderr, "%s: the corpus folder can't be opened: %s\n", argv[1], strerror(errno));
        return 1;
    }
    static uint8_t data[FILE_MAX];
    unsigned count = 0;
    int result = 0;
    struct dirent *entry;
    while ((entry = readdir(folder)) && result == 0) {
        if (entry->d_name[0] == '.')
            continue;
        result = run_file(argv[1], entry->d_name, data);
        if (result < 0)
            fprintf(stderr, "%s/%s: %s\n", argv[1], entry->d_name, strerror(-result));
        count++;
    }
    closedir(folder);
    if (result == 0 && count == 0)
        fprintf(stderr, "%s: the corpus is empty\n", argv[1]);
    return result < 0 || count == 0;
}
