/*
 * support/conversation.c - requests of a given size, as a host would make them.
 */
#include "support/conversation.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

#define TURN       2000         /* bytes of text in a message, about */
#define SHORT_TURN 200          /* in one of a chat */
#define IMAGE      (256 * 1024) /* bytes of base64 in one, at most */
#define END        1024         /* room for what closes the last message */

struct text {
    char *data;
    size_t len;
    size_t size; /* to be reached */
};

static void add(struct text *out, const char *piece)
{
    size_t len = strlen(piece);

    memcpy(out->data + out->len, piece, len);
    out->len += len;
}

/* Prose and code, as a model writes them. */
static const char *const said[] = {
    "The quick brown fox jumps over the lazy dog, and nobody minds. ",
    "What follows is the part that matters:\\n\\n```c\\nprintf(\\\"%d\\\\n\\\", "
    "count);\\n```\\n",
    "Zürich, Åse and 日本 are places or names; 😀 is neither. ",
    "- a point in a list of points\\n- another one, \\\"quoted\\\"\\n",
    "It is a long way from here to there, and longer still on foot. ",
};
static const char *const plain[] = {
    "The quick brown fox jumps over the lazy dog, and nobody minds. ",
    "It is a long way from here to there, and longer still on foot. ",
};

static void add_turns(struct text *out, size_t turn_size,
                      const char *const *lines, size_t count)
{
    size_t line = 0;

    for (size_t turn = 0; out->len < out->size; turn++) {
        size_t start = out->len;

        add(out, turn ? "," : "");
        add(out, turn % 2 ? "{\"role\":\"assistant\",\"content\":\""
                          : "{\"role\":\"user\",\"content\":\"");
        while (out->len < out->size && out->len - start < turn_size)
            add(out, lines[line++ % count]);
        add(out, "\"}");
    }
}

/* Some writers of JSON escape each slash. */
static void add_base64(struct text *out, size_t len, bool escaped)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t random = 12345;

    for (size_t i = 0; i < len; i++) {
        random = random * 1664525u + 1013904223u;
        if (escaped && digits[random >> 26] == '/')
            out->data[out->len++] = '\\';
        out->data[out->len++] = digits[random >> 26];
    }
}

static void add_images(struct text *out, bool escaped)
{
    for (size_t turn = 0; out->len < out->size; turn++) {
        size_t left = out->size - out->len;

        left = left < IMAGE ? left : IMAGE;
        add(out, turn ? ",{\"role\":\"user\",\"content\":["
                      : "{\"role\":\"user\",\"content\":[");
        add(out, "{\"type\":\"text\",\"text\":\"What is in it?\"},"
                 "{\"type\":\"image_url\",\"image_url\":{\"url\":"
                 "\"data:image/png;base64,iVBORw0KGgo");
        add_base64(out, (left + 3) / 4 * 4 + 1, escaped);
        add(out, "\"}}]}");
    }
}

char *make_conversation(const char *kind, const char *model, size_t size)
{
    struct text out = {malloc(2 * size + IMAGE + END), 0, size};

    if (!out.data)
        return NULL;
    out.len = (size_t)snprintf(out.data, END,
                               "{\"model\":\"%s\",\"max_tokens\":1024,"
                               "\"messages\":[",
                               model);
    if (strcmp(kind, "text") == 0)
        add_turns(&out, TURN, said, COUNT(said));
    else if (strcmp(kind, "plain") == 0)
        add_turns(&out, TURN, plain, COUNT(plain));
    else if (strcmp(kind, "short") == 0)
        add_turns(&out, SHORT_TURN, said, COUNT(said));
    else if (strncmp(kind, "image", 5) == 0)
        add_images(&out, strcmp(kind, "image-escaped") == 0);
    else {
        free(out.data);
        return NULL;
    }
    add(&out, "]}");
    out.data[out.len] = '\0';
    return out.data;
}
