/*
 * fuzz/replay.c - runs a fuzz harness over the files of a folder, without
 * libFuzzer: every file whole, and every file cut short at each length up to
 * 4096 bytes.
 *
 *     fuzz_sse tests/fuzz/corpus/sse
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <dirent.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = NULL;
    long length;

    if (!file)
        return NULL;
    if (fseek(file, 0, SEEK_END) == 0 && (length = ftell(file)) >= 0 &&
        fseek(file, 0, SEEK_SET) == 0) {
        data = malloc((size_t)length + 1);
        if (data)
            *size = fread(data, 1, (size_t)length, file);
    }
    fclose(file);
    return data;
}

static void replay(const uint8_t *data, size_t size)
{
    for (size_t cut = 0; cut <= size && cut <= 4096; cut++) {
        uint8_t *copy = malloc(cut ? cut : 1); /* exact: ASan sees overreads */

        if (!copy)
            return;
        memcpy(copy, data, cut);
        LLVMFuzzerTestOneInput(copy, cut);
        free(copy);
    }
    LLVMFuzzerTestOneInput(data, size);
}

int main(int argc, char **argv)
{
    struct dirent *entry;
    int files = 0;
    DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;

    if (!folder) {
        fprintf(stderr, "usage: %s FOLDER (readable)\n", argv[0]);
        return 2;
    }
    while ((entry = readdir(folder)) != NULL) {
        char path[4096];
        uint8_t *data;
        size_t size = 0;

        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
        data = read_file(path, &size);
        if (!data)
            continue;
        replay(data, size);
        free(data);
        files++;
    }
    closedir(folder);
    printf("%d files replayed\n", files);
    return files > 0 ? 0 : 1;
}
