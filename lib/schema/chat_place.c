/*
 * schema/chat_place.c - places in a request: typed reads, and refusals that
 * name the place and the limit.
 *
 * Memory: none; a path is at most as long as an error's param.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "chat.h"
#include "chat_parse.h"

#define MAX_NAME 64

/** What a value must be, by its type. */
static const char *const must_be[] = {
    [LLMGW__JSON_NONE] = "must be given",
    [LLMGW__JSON_NULL] = "must be null",
    [LLMGW__JSON_BOOL] = "must be true or false",
    [LLMGW__JSON_NUMBER] = "must be a number",
    [LLMGW__JSON_STRING] = "must be a string",
    [LLMGW__JSON_ARRAY] = "must be an array",
    [LLMGW__JSON_OBJECT] = "must be an object",
};

static size_t write_path(const struct llmgw__place *at, char *path,
                         size_t size);
static bool is_name(struct llmgw__jstr name);

struct llmgw__place llmgw__place_member(const struct llmgw__place *at,
                                        const char *key)
{
    const struct llmgw__jdoc *doc = &at->in->chat->doc;
    struct llmgw__place member = {at->in, at, key, 0,
                                  llmgw__jdoc_get(doc, at->node, key)};

    if (llmgw__jdoc_type(doc, member.node) == LLMGW__JSON_NULL)
        member.node = LLMGW__JNONE;
    return member;
}

struct llmgw__place llmgw__place_element(const struct llmgw__place *at,
                                         size_t index, uint32_t node)
{
    struct llmgw__place element = {at->in, at, NULL, index, node};

    return element;
}

llmgw_status llmgw__place_refuse(const struct llmgw__place *at,
                                 const char *text)
{
    struct llmgw__error *error = at->in->error;
    char path[sizeof error->param];
    char message[256];

    path[write_path(at, path, sizeof path)] = '\0';
    (void)snprintf(message, sizeof message, "%s %s",
                   path[0] ? path : "the request", text);
    llmgw__error_refuse(error, LLMGW_KIND_INVALID_REQUEST, path, message);
    llmgw__error_copy(error->code, sizeof error->code,
                      LLMGW__LIT("invalid_value"));
    return LLMGW_E_INVALID;
}

enum llmgw__json_type llmgw__place_type(const struct llmgw__place *at)
{
    return llmgw__jdoc_type(&at->in->chat->doc, at->node);
}

bool llmgw__place_given(const struct llmgw__place *at)
{
    return at->node != LLMGW__JNONE;
}

llmgw_status llmgw__place_check(const struct llmgw__place *at,
                                enum llmgw__json_type type, bool required)
{
    if (!llmgw__place_given(at))
        return required ? llmgw__place_refuse(at, must_be[LLMGW__JSON_NONE])
                        : LLMGW_OK;
    return llmgw__place_type(at) == type
               ? LLMGW_OK
               : llmgw__place_refuse(at, must_be[type]);
}

llmgw_status llmgw__place_string(const struct llmgw__place *at,
                                 struct llmgw__jstr *out)
{
    llmgw_status status = llmgw__place_check(at, LLMGW__JSON_STRING, false);

    if (status == LLMGW_OK && llmgw__place_given(at))
        *out = llmgw__jdoc_string(&at->in->chat->doc, at->node);
    return status;
}

llmgw_status llmgw__place_text(const struct llmgw__place *at,
                               struct llmgw__jstr *out)
{
    if (!llmgw__place_given(at))
        return llmgw__place_refuse(at, must_be[LLMGW__JSON_NONE]);
    return llmgw__place_string(at, out);
}

llmgw_status llmgw__place_word(const struct llmgw__place *at,
                               struct llmgw__jstr *out)
{
    llmgw_status status = llmgw__place_text(at, out);

    if (status == LLMGW_OK && out->len == 0)
        return llmgw__place_refuse(at, "must not be empty");
    return status;
}

llmgw_status llmgw__place_name(const struct llmgw__place *at,
                               struct llmgw__jstr *out)
{
    llmgw_status status = llmgw__place_text(at, out);

    if (status == LLMGW_OK && !is_name(*out))
        return llmgw__place_refuse(at, "must be 1 to 64 characters of A-Z, "
                                       "a-z, 0-9, _, -, . and :");
    return status;
}

llmgw_status llmgw__place_bool(const struct llmgw__place *at, bool *out)
{
    llmgw_status status = llmgw__place_check(at, LLMGW__JSON_BOOL, false);

    if (status == LLMGW_OK)
        llmgw__jdoc_bool(&at->in->chat->doc, at->node, out);
    return status;
}

llmgw_status llmgw__place_flag(const struct llmgw__place *at, int8_t *out)
{
    bool value = *out == 1;
    llmgw_status status = llmgw__place_bool(at, &value);

    if (status == LLMGW_OK && llmgw__place_given(at))
        *out = value ? 1 : 0;
    return status;
}

llmgw_status llmgw__place_node(const struct llmgw__place *at,
                               enum llmgw__json_type type, uint32_t *out)
{
    llmgw_status status = llmgw__place_check(at, type, false);

    if (status == LLMGW_OK)
        *out = at->node;
    return status;
}

llmgw_status llmgw__place_one_of(const struct llmgw__place *at,
                                 const char *const *words, const char *must,
                                 size_t *out)
{
    struct llmgw__jstr text = {NULL, 0, false};

    if (!llmgw__place_given(at))
        return LLMGW_OK;
    text = llmgw__jdoc_string(&at->in->chat->doc, at->node);
    for (size_t i = 0; words[i]; i++) {
        if (llmgw__jstr_is(text, words[i])) {
            *out = i;
            return LLMGW_OK;
        }
    }
    return llmgw__place_refuse(at, must);
}

llmgw_status llmgw__place_fields(const struct llmgw__place *at,
                                 const struct llmgw__field *fields, void *into)
{
    const struct llmgw__jdoc *doc = &at->in->chat->doc;
    char must[LLMGW__FIELD_MUST];

    for (; fields->name; fields++) {
        struct llmgw__place one = llmgw__place_member(at, fields->name);
        struct llmgw__scalar value = {llmgw__place_type(&one), false, -1, {0}};
        struct llmgw__jstr text = llmgw__jdoc_string(doc, one.node);

        if (!llmgw__place_given(&one))
            continue;
        value.text = llmgw__str_n(text.data, text.len);
        (void)llmgw__jdoc_bool(doc, one.node, &value.flag);
        (void)llmgw__jdoc_double(doc, one.node, &value.number);
        if (!llmgw__field_set(fields, into, &value, must))
            return llmgw__place_refuse(&one, must);
    }
    return LLMGW_OK;
}

/* @return bytes written, fewer than size; all keys are our own words */
static size_t write_path(const struct llmgw__place *at, char *path, size_t size)
{
    size_t len;
    int added;

    if (!at->parent)
        return 0;
    len = write_path(at->parent, path, size);
    if (at->key)
        added =
            snprintf(path + len, size - len, "%s%s", len ? "." : "", at->key);
    else
        added = snprintf(path + len, size - len, "[%zu]", at->index);
    if (added < 0)
        return len;
    return len + (size_t)added < size ? len + (size_t)added : size - 1;
}

/* Nothing of it ever needs an escape: names are compared as they stand. */
static bool is_name(struct llmgw__jstr name)
{
    if (name.len == 0 || name.len > MAX_NAME)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.data[i];

        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
              (c >= '0' && c <= '9') || (c != '\0' && strchr("_-.:", c))))
            return false;
    }
    return true;
}
