/*
 * support/json_generate.c - random valid JSON documents from a seed.
 */
#include <stdio.h>
#include <string.h>

#include "support/json_cases.h"

/* Text being written; what does not fit any more is left out as a whole. */
struct writer {
    struct json_random *random;
    char *at;
    char *end; /* some room is kept behind it to close what is open */
};

static void put_value(struct writer *writer, unsigned depth);

size_t json_generate(struct json_random *random, char *out, size_t size)
{
    struct writer writer = {random, out, out + size - 256};

    put_value(&writer, 0);
    return (size_t)(writer.at - out);
}

uint32_t json_random_below(struct json_random *random, uint32_t bound)
{
    /* Knuth's linear congruential generator; the high bits are good */
    random->state = random->state * UINT64_C(6364136223846793005) +
                    UINT64_C(1442695040888963407);
    return (uint32_t)((random->state >> 33) % bound);
}

static void put(struct writer *writer, const char *text)
{
    size_t len = strlen(text);

    memcpy(writer->at, text, len);
    writer->at += len;
}

static void put_blanks(struct writer *writer)
{
    static const char *const blanks[] = {"", "", "", "", " ", "\n\t", "\r\n  "};

    put(writer, blanks[json_random_below(writer->random, 7)]);
}

static void put_string(struct writer *writer)
{
    static const char *const pieces[] = {"a",
                                         "word ",
                                         "\\n",
                                         "\\\"",
                                         "\\\\",
                                         "\\u00e9",
                                         "\xc3\xa9",
                                         "\\u20AC",
                                         "\\ud83d\\ude00",
                                         "\x7f",
                                         "\\/",
                                         "{[,:]}",
                                         "\xf0\x9f\x98\x80",
                                         "0123456789012345678901234567890123",
                                         "\\u0001"};
    uint32_t count = json_random_below(writer->random, 8);

    put(writer, "\"");
    while (count-- > 0 && writer->at < writer->end)
        put(writer, pieces[json_random_below(writer->random, 15)]);
    put(writer, "\"");
}

static void put_number(struct writer *writer)
{
    char text[64];
    uint32_t a = json_random_below(writer->random, 1000000);
    uint32_t b = json_random_below(writer->random, 1000);
    int power = (int)json_random_below(writer->random, 40) - 20;

    switch (json_random_below(writer->random, 5)) {
    case 0:
        snprintf(text, sizeof text, "%u", a);
        break;
    case 1:
        snprintf(text, sizeof text, "-%u.%u", b, a);
        break;
    case 2:
        snprintf(text, sizeof text, "%u.%ue%d", a, b, power);
        break;
    case 3:
        snprintf(text, sizeof text, "%u%06u%06u%06u", b + 1, a, a, a);
        break;
    default:
        snprintf(text, sizeof text, "-%uE%+d", b, power);
        break;
    }
    put(writer, text);
}

static void put_array(struct writer *writer, unsigned depth)
{
    uint32_t count = json_random_below(writer->random, 6);

    put(writer, "[");
    for (uint32_t i = 0; i < count && writer->at < writer->end; i++) {
        put(writer, i ? "," : "");
        put_value(writer, depth + 1);
    }
    put(writer, "]");
}

/* Keys differ, so that "the first of two" is no question. */
static void put_object(struct writer *writer, unsigned depth)
{
    uint32_t count = json_random_below(writer->random, 7);
    char key[32];

    put(writer, "{");
    for (uint32_t i = 0; i < count && writer->at < writer->end; i++) {
        snprintf(key, sizeof key, "%s\"%s%u\"", i ? "," : "",
                 i % 3 ? "key" : "k\\u0065y\\t", i);
        put(writer, key);
        put_blanks(writer);
        put(writer, ":");
        put_value(writer, depth + 1);
    }
    put(writer, "}");
}

static void put_value(struct writer *writer, unsigned depth)
{
    static const char *const words[] = {"null", "true", "false"};
    uint32_t kind = json_random_below(writer->random, depth < 6 ? 9 : 5);

    if (depth == 0) /* a root worth looking at */
        kind = 5 + kind % 4;
    put_blanks(writer);
    if (kind < 2)
        put_string(writer);
    else if (kind < 4)
        put_number(writer);
    else if (kind == 4)
        put(writer, words[json_random_below(writer->random, 3)]);
    else if (kind < 7)
        put_array(writer, depth);
    else
        put_object(writer, depth);
    put_blanks(writer);
}
