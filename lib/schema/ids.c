/*
 * schema/ids.c - made-up ids.
 *
 * Memory: none.
 */
#include "ids.h"

#include <string.h>

#include "base/clock.h"

#define ID_SIZE 64
#define ID_LEN  24

static void base62_of_time(char *out);

void llmgw__ids_random(void *userdata, const char *prefix, char out[64])
{
    const struct llmgw__random *random = userdata;
    size_t len = strlen(prefix);

    if (len > ID_SIZE - 1 - ID_LEN)
        len = ID_SIZE - 1 - ID_LEN;
    memcpy(out, prefix, len);
    if (llmgw__random_base62(random ? random : &llmgw__random_system, out + len,
                             ID_LEN) != 0)
        base62_of_time(out + len);
    out[len + ID_LEN] = '\0';
}

/* Without randomness: an id need only differ from the others of its host, and
 * nanoseconds do that. */
static void base62_of_time(char *out)
{
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz";
    uint64_t half[2] = {(uint64_t)llmgw__clock_wall(),
                        llmgw__clock_monotonic()};

    for (size_t i = 0; i < ID_LEN; i++) {
        out[i] = digits[half[i % 2] % 62];
        half[i % 2] /= 62;
    }
}
