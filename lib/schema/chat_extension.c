/*
 * schema/chat_extension.c - the "llmgw" object of a request: what OpenAI has
 * no word for.
 *
 *     {"strict": true, "pass_unknown": false, "tags": {"team": "blue"},
 *      "timeout_ms": …, "first_ms": …, "gap_ms": …, "connect_ms": …,
 *      "max_attempts": 3, "min_tokens_per_s": …, "retries": …, "hedge": …,
 *      "sla": {…}, …how to go about failure…, …members of a dialect…}
 *
 * Members that are not known here stay for the dialects; whether one of them
 * knows a member is asked when the call begins.
 */
#include <string.h>

#include "base/text.h"
#include "chat.h"
#include "chat_parse.h"
#include "conduct_fields.h"

#define MAX_LIMIT_MS   4294967294LL
#define MAX_TAG_BYTES  ((size_t)256)
#define MAX_TAGS_BYTES ((size_t)4096)

static llmgw_status read_limit(const struct llmgw__place *object,
                               const char *name, int64_t max, uint32_t *out);
static llmgw_status read_conduct(const struct llmgw__place *object);
static llmgw_status read_table(const struct llmgw__place *object,
                               const char *name,
                               const struct llmgw__field *fields, void *into);
static llmgw_status read_hedge(const struct llmgw__place *object);
static llmgw_status read_tags(const struct llmgw__place *object);

static const char *const known[] = {
    "strict",     "pass_unknown",     "tags",
    "timeout_ms", "first_ms",         "gap_ms",
    "connect_ms", "max_attempts",     "gate",
    "hedge",      "min_tokens_per_s", "sla",
};

static const struct llmgw__field rate_fields[] = {
    {"min_tokens_per_s", NULL, 0, UINT32_MAX - 1,
     LLMGW__FIELD(struct llmgw__chat, min_rate), LLMGW__FIELD_LIMIT, 0},
    {NULL, NULL, 0, 0, 0, 0, 0, 0},
};

llmgw_status llmgw__chat_read_extension(const struct llmgw__place *at,
                                        bool *pass_unknown)
{
    struct llmgw__chat *chat = at->in->chat;
    struct llmgw__place strict = llmgw__place_member(at, "strict");
    struct llmgw__place pass = llmgw__place_member(at, "pass_unknown");
    llmgw_status status =
        llmgw__place_node(at, LLMGW__JSON_OBJECT, &chat->extension);

    if (status == LLMGW_OK)
        status = llmgw__place_bool(&strict, &chat->strict);
    if (status == LLMGW_OK)
        status = llmgw__place_bool(&pass, pass_unknown);
    if (status == LLMGW_OK)
        status = read_limit(at, "timeout_ms", MAX_LIMIT_MS, &chat->total_ms);
    if (status == LLMGW_OK)
        status = read_limit(at, "first_ms", MAX_LIMIT_MS, &chat->first_ms);
    if (status == LLMGW_OK)
        status = read_limit(at, "gap_ms", MAX_LIMIT_MS, &chat->gap_ms);
    if (status == LLMGW_OK)
        status = read_limit(at, "connect_ms", MAX_LIMIT_MS, &chat->connect_ms);
    if (status == LLMGW_OK)
        status = read_limit(at, "max_attempts", 32, &chat->max_attempts);
    if (status == LLMGW_OK)
        status = llmgw__place_fields(at, rate_fields, chat);
    if (status == LLMGW_OK)
        status = read_conduct(at);
    return status == LLMGW_OK ? read_tags(at) : status;
}

bool llmgw__chat_extension_known(llmgw_str member)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (llmgw__str_is(member, known[i]))
            return true;
    for (size_t i = 0; llmgw__conduct_fields[i].name; i++)
        if (llmgw__str_is(member, llmgw__conduct_fields[i].name))
            return true;
    return false;
}

/* --- how to go about failure --- */

static llmgw_status read_conduct(const struct llmgw__place *object)
{
    llmgw_status status = llmgw__place_fields(object, llmgw__conduct_fields,
                                              &object->in->chat->conduct);

    if (status == LLMGW_OK)
        status = read_table(object, "gate", llmgw__gate_fields,
                            &object->in->chat->conduct);
    if (status == LLMGW_OK)
        status = read_table(object, "sla", llmgw__sla_fields,
                            &object->in->chat->sla);
    return status == LLMGW_OK ? read_hedge(object) : status;
}

/** Refuse members that the table does not have. */
static llmgw_status check_known(const struct llmgw__place *at,
                                const struct llmgw__field *fields)
{
    const struct llmgw__jdoc *doc = &at->in->chat->doc;
    uint32_t key = llmgw__jdoc_first(doc, at->node);

    for (; key != LLMGW__JNONE;
         key = llmgw__jdoc_next(doc, at->node, key + 1)) {
        struct llmgw__jstr name = llmgw__jdoc_string(doc, key);
        const struct llmgw__field *field = fields;
        struct llmgw__place one = llmgw__place_element(at, 0, key + 1);
        char shown[64];

        while (field->name && !llmgw__jstr_is(name, field->name))
            field++;
        if (field->name)
            continue;
        llmgw__error_copy(shown, sizeof shown,
                          llmgw__str_n(name.data, name.len));
        one.key = shown;
        return llmgw__place_refuse(&one, "is no member that is known");
    }
    return LLMGW_OK;
}

static llmgw_status read_table(const struct llmgw__place *object,
                               const char *name,
                               const struct llmgw__field *fields, void *into)
{
    struct llmgw__place at = llmgw__place_member(object, name);
    llmgw_status status = llmgw__place_check(&at, LLMGW__JSON_OBJECT, false);

    if (status == LLMGW_OK)
        status = check_known(&at, fields);
    return status == LLMGW_OK ? llmgw__place_fields(&at, fields, into) : status;
}

static llmgw_status read_hedge(const struct llmgw__place *object)
{
    struct llmgw__place at = llmgw__place_member(object, "hedge");
    struct llmgw__chat *chat = at.in->chat;
    struct llmgw__jstr text = llmgw__jdoc_string(&chat->doc, at.node);
    struct llmgw__hedge_words words = LLMGW__HEDGE_WORDS;
    const char *must = LLMGW__HEDGE_MUST;
    llmgw_status status;

    if (!llmgw__place_given(&at) ||
        (text.data && llmgw__hedging_preset(&chat->conduct.hedge,
                                            llmgw__str_n(text.data, text.len))))
        return LLMGW_OK;
    if (llmgw__place_type(&at) != LLMGW__JSON_OBJECT)
        return llmgw__place_refuse(&at, must);
    status = check_known(&at, llmgw__hedge_fields);
    if (status == LLMGW_OK)
        status = llmgw__place_fields(&at, llmgw__hedge_fields, &words);
    if (status != LLMGW_OK)
        return status;
    must = llmgw__hedging_take(&words, &chat->conduct.hedge);
    return must ? llmgw__place_refuse(&at, must) : LLMGW_OK;
}

/* --- limits, tags --- */

static llmgw_status read_limit(const struct llmgw__place *object,
                               const char *name, int64_t max, uint32_t *out)
{
    struct llmgw__place at = llmgw__place_member(object, name);
    int64_t value;

    if (!llmgw__place_given(&at))
        return LLMGW_OK;
    if (!llmgw__jdoc_int64(&at.in->chat->doc, at.node, &value) || value < 1 ||
        value > max)
        return llmgw__place_refuse(&at, max == 32 ? "must be from 1 to 32"
                                                  : "must be a whole number of "
                                                    "milliseconds, at least 1");
    *out = (uint32_t)value;
    return LLMGW_OK;
}

/** Nothing that the list of tags is written with. */
static bool is_plain(struct llmgw__jstr text)
{
    return text.len > 0 && text.len <= MAX_TAG_BYTES && !text.escaped &&
           !memchr(text.data, ',', text.len) &&
           !memchr(text.data, '=', text.len);
}

static llmgw_status add_tag(const struct llmgw__place *at,
                            struct llmgw__jstr name, struct llmgw__buf *tags)
{
    struct llmgw__jstr value = {0};
    llmgw_status status = llmgw__place_text(at, &value);

    if (status != LLMGW_OK)
        return status;
    if (!is_plain(name) || !is_plain(value))
        return llmgw__place_refuse(at,
                                   "must be 1 to 256 bytes, name and value, "
                                   "without commas, equals signs and escapes");
    if (tags->len)
        llmgw__buf_add_char(tags, ',');
    llmgw__buf_add(tags, name.data, name.len);
    llmgw__buf_add_char(tags, '=');
    llmgw__buf_add(tags, value.data, value.len);
    return LLMGW_OK;
}

/** {"a": "b"} becomes "a=b", as it stands in the ledger. */
static llmgw_status read_tags(const struct llmgw__place *object)
{
    struct llmgw__place at = llmgw__place_member(object, "tags");
    struct llmgw__chat *chat = at.in->chat;
    uint32_t map = LLMGW__JNONE;
    struct llmgw__buf tags;
    llmgw_status status = llmgw__place_node(&at, LLMGW__JSON_OBJECT, &map);
    uint32_t key = llmgw__jdoc_first(&chat->doc, map);

    if (status != LLMGW_OK || map == LLMGW__JNONE)
        return status;
    llmgw__buf_init(&tags, MAX_TAGS_BYTES);
    while (status == LLMGW_OK && key != LLMGW__JNONE) {
        uint32_t value = key + 1;
        struct llmgw__place one = llmgw__place_element(&at, 0, value);

        one.key = "a tag";
        status = add_tag(&one, llmgw__jdoc_string(&chat->doc, key), &tags);
        key = llmgw__jdoc_next(&chat->doc, map, value);
    }
    if (status == LLMGW_OK && tags.status == LLMGW_E_LIMIT)
        status = llmgw__place_refuse(&at, "must be at most 4096 bytes in all");
    if (status == LLMGW_OK)
        status = tags.status;
    if (status == LLMGW_OK)
        status =
            llmgw__arena_str(chat->arena, llmgw__buf_str(&tags), &chat->tags);
    llmgw__buf_clear(&tags);
    return status;
}
