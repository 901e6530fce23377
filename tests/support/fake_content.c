/*
 * support/fake_content.c - what the fake says: pieces of reasoning, text and
 * tool calls, the same for equal requests.
 */
#include <stdlib.h>
#include <string.h>

#include "support/fake_render.h"

/* two, three and four bytes of UTF-8, quotes, escapes, tab, line ends */
static const char *const words[] = {
    /* clang-format off */
    " the", " caf\xc3\xa9", " costs", " \xe2\x82\xac", " \"quoted\"",
    " back\\slash", "\ttab", "\n\nNew", " \xf0\x9f\x98\x80", " line",
    " \xe4\xbd\xa0\xe5\xa5\xbd", " </p>", " {\"a\":1}", ",", " and\r\n",
    " on.",
    /* clang-format on */
};

static const char *const thoughts[] = {
    "**Weighing**\n\n",
    "Na\xc3\xafve first.",
    " Then \"why\"?",
    " \xf0\x9f\xa4\x94",
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum {
    PLAIN_WORDS = 12,
    ECHO_BYTES = 200,
    ARGS_BYTES = 6
};

static void add_piece(struct fake_content *content, enum fake_kind kind,
                      llmgw_str text);
static void say_text(struct fake_content *content,
                     const struct fake_scenario *scenario,
                     const struct fake_query *query);
static void say(struct fake_content *content,
                const struct fake_scenario *scenario, llmgw_str prompt);
static int goes_on(const struct fake_content *content,
                   const struct fake_query *query, size_t first);
static void leave_out(struct fake_content *content, size_t first, size_t len);
static size_t say_words(struct fake_content *content, llmgw_str text,
                        size_t most);
static void say_call(struct fake_content *content, const char *args);
static size_t utf8_cut(llmgw_str text, size_t len);

void fake_content_make(struct fake_content *content,
                       const struct fake_scenario *scenario,
                       const struct fake_query *query)
{
    int64_t calls = query->tool_count > 0 ? scenario->tools : 0;

    memset(content, 0, sizeof *content);
    for (int64_t i = 0; i < scenario->reasoning; i++)
        add_piece(content, FAKE_REASONING,
                  fake_str(thoughts[(size_t)i % COUNT(thoughts)]));
    content->reasoning_count = content->count;
    if (calls <= 0 || scenario->text || scenario->chunks != FAKE_UNSET)
        say_text(content, scenario, query);
    for (int64_t i = 0; i < calls; i++)
        say_call(content, scenario->args);
}

void fake_content_clear(struct fake_content *content)
{
    fake_bytes_free(&content->reasoning);
    fake_bytes_free(&content->text);
    fake_bytes_free(&content->args);
    free(content->pieces);
}

llmgw_str fake_piece_text(const struct fake_content *content, size_t i)
{
    const struct fake_piece *piece = &content->pieces[i];
    const struct fake_bytes *from = piece->kind == FAKE_REASONING
                                        ? &content->reasoning
                                    : piece->kind == FAKE_TEXT ? &content->text
                                                               : &content->args;
    llmgw_str text = {from->data ? from->data + piece->at : "", piece->len};

    return text;
}

llmgw_str fake_call_args(const struct fake_content *content, size_t i)
{
    llmgw_str args = fake_piece_text(content, i);

    for (i++; i < content->count && content->pieces[i].kind == FAKE_ARGS; i++)
        args.len += content->pieces[i].len;
    return args;
}

static void add_piece(struct fake_content *content, enum fake_kind kind,
                      llmgw_str text)
{
    struct fake_bytes *to = kind == FAKE_REASONING ? &content->reasoning
                            : kind == FAKE_TEXT    ? &content->text
                                                   : &content->args;
    struct fake_piece *piece;

    if ((content->count & (content->count - 1)) == 0)
        content->pieces = fake_grow(content->pieces,
                                    (content->count * 2 + 1) * sizeof *piece);
    piece = &content->pieces[content->count++];
    piece->kind = kind;
    piece->tool = content->tool_count - (content->tool_count > 0);
    piece->at = to->len;
    piece->len = text.len;
    fake_bytes_add(to, text.data, text.len);
}

/* the rest of what was begun, where it is the beginning of what we say */
static void say_text(struct fake_content *content,
                     const struct fake_scenario *scenario,
                     const struct fake_query *query)
{
    size_t first = content->count;
    size_t len = query->begun.len;

    if (len > 0) {
        say(content, scenario, fake_bytes_view(&query->asked));
        if (goes_on(content, query, first)) {
            if (scenario->repeat > 0)
                len -= (size_t)scenario->repeat < len ? (size_t)scenario->repeat
                                                      : len;
            leave_out(content, first, len);
            return;
        }
        content->count = first;
        content->text.len = 0;
    }
    say(content, scenario, fake_bytes_view(&query->prompt));
}

/* An instruction may be an ordinary turn: then all was said before it. */
static int goes_on(const struct fake_content *content,
                   const struct fake_query *query, size_t first)
{
    const struct fake_bytes *text = &content->text;
    const struct fake_bytes *begun = &query->begun;

    return content->count > first && begun->len <= text->len &&
           memcmp(begun->data, text->data, begun->len) == 0 &&
           (query->prefilled || begun->len < text->len);
}

/* of the text's beginning: so many bytes, in whole characters */
static void leave_out(struct fake_content *content, size_t first, size_t len)
{
    struct fake_bytes *text = &content->text;
    size_t kept = first;

    while (len > 0 && len < text->len &&
           ((unsigned char)text->data[len] & 0xc0) == 0x80)
        len--;
    for (size_t i = first; i < content->count; i++) {
        struct fake_piece piece = content->pieces[i];
        size_t end = piece.at + piece.len;

        if (end <= len)
            continue;
        piece.at = piece.at > len ? piece.at - len : 0;
        piece.len = end - len - piece.at;
        content->pieces[kept++] = piece;
    }
    content->count = kept;
    text->len -= len;
    memmove(text->data, text->data + len, text->len + 1);
}

/* the text of the scenario; else the prompt's words, then ours */
static void say(struct fake_content *content,
                const struct fake_scenario *scenario, llmgw_str prompt)
{
    size_t most = SIZE_MAX;
    size_t said;

    if (scenario->text) {
        say_words(content, fake_str(scenario->text), SIZE_MAX);
        return;
    }
    if (scenario->chunks != FAKE_UNSET)
        most = (size_t)scenario->chunks;
    prompt.len = utf8_cut(prompt, ECHO_BYTES);
    said = say_words(content, prompt, most);
    if (most == SIZE_MAX)
        most = said + PLAIN_WORDS;
    for (size_t i = 0; said < most; i++, said++)
        add_piece(content, FAKE_TEXT, fake_str(words[i % COUNT(words)]));
}

/* a piece is a word with the blanks before it */
static size_t say_words(struct fake_content *content, llmgw_str text,
                        size_t most)
{
    size_t said = 0;
    size_t from = 0;

    while (from < text.len && said < most) {
        llmgw_str word = {text.data + from, 0};
        size_t i = from;

        while (i < text.len && text.data[i] == ' ')
            i++;
        while (i < text.len && text.data[i] != ' ')
            i++;
        word.len = i - from;
        add_piece(content, FAKE_TEXT, word);
        from = i;
        said++;
    }
    return said;
}

static void say_call(struct fake_content *content, const char *args)
{
    static const char plain[] =
        "{\"city\":\"Z\xc3\xbcrich \xf0\x9f\x98\x80\",\"note\":"
        "\"a \\\"b\\\" \\\\ c\",\"id\":9007199254740993,\"deep\":[{}]}";
    llmgw_str rest = fake_str(args ? args : plain);
    llmgw_str none = {"", 0};

    content->tool_count++;
    add_piece(content, FAKE_TOOL, none);
    while (rest.len > 0) {
        llmgw_str part = {rest.data, utf8_cut(rest, ARGS_BYTES)};

        add_piece(content, FAKE_ARGS, part);
        rest.data += part.len;
        rest.len -= part.len;
    }
}

/* at most len bytes and a little more, at the end of a character */
static size_t utf8_cut(llmgw_str text, size_t len)
{
    if (len >= text.len)
        return text.len;
    while (len < text.len && ((unsigned char)text.data[len] & 0xc0) == 0x80)
        len++;
    return len;
}
