/*
 * provider/anthropic_encoder.c - what the encoding files stand on: the sticky
 * status, memory, and texts.
 *
 * Memory: the attempt's arena.
 */
#include "anthropic_encoder.h"

#include <stdio.h>

void llmgw__anthropic_fail(struct llmgw__anthropic_encoder *e,
                           llmgw_status status)
{
    if (e->status == LLMGW_OK)
        e->status = status;
}

void llmgw__anthropic_adjust(struct llmgw__anthropic_encoder *e,
                             const char *param, const char *action,
                             const char *reason)
{
    char message[160];

    if (!LLMGW__ANTHROPIC_OK(e))
        return;
    if (!e->io->strict) {
        llmgw__adjust(e->io->adjustments, param, action, reason);
        return;
    }
    (void)snprintf(message, sizeof message,
                   "%s would have to be %s for this model (%s)", param, action,
                   reason);
    llmgw__error_refuse(e->io->error, LLMGW_KIND_UNSUPPORTED_PARAMETER, param,
                        message);
    e->status = LLMGW_E_INVALID;
}

void llmgw__anthropic_refuse(struct llmgw__anthropic_encoder *e,
                             const char *code, const char *param,
                             const char *message)
{
    bool wrong = llmgw__str_is(llmgw__str(code), "invalid_value");
    struct llmgw__error *error = e->io->error;

    if (!LLMGW__ANTHROPIC_OK(e))
        return;
    llmgw__error_refuse(error,
                        wrong ? LLMGW_KIND_INVALID_REQUEST
                              : LLMGW_KIND_UNSUPPORTED_PARAMETER,
                        param, message);
    llmgw__error_copy(error->code, sizeof error->code, llmgw__str(code));
    e->status = LLMGW_E_INVALID;
}

void llmgw__anthropic_refuse_part(struct llmgw__anthropic_encoder *e,
                                  size_t message, size_t part, const char *text)
{
    char param[96];

    (void)snprintf(param, sizeof param, "messages[%zu].content[%zu]", message,
                   part);
    llmgw__anthropic_refuse(e, "unsupported_content", param, text);
}

void *llmgw__anthropic_array(struct llmgw__anthropic_encoder *e, size_t count,
                             size_t size)
{
    void *array = llmgw__arena_array(e->io->arena, count ? count : 1, size);

    if (!array)
        llmgw__anthropic_fail(e, LLMGW_E_NOMEM);
    return array;
}

llmgw_str llmgw__anthropic_text(struct llmgw__anthropic_encoder *e,
                                struct llmgw__jstr str)
{
    llmgw_str text = {NULL, 0};

    if (str.data)
        llmgw__anthropic_fail(e, llmgw__jstr_text(str, e->io->arena, &text));
    return text;
}

struct llmgw__jstr llmgw__anthropic_raw(struct llmgw__anthropic_encoder *e,
                                        llmgw_str raw)
{
    llmgw_str copy = {NULL, 0};

    llmgw__anthropic_fail(e, llmgw__arena_str(e->io->arena, raw, &copy));
    return llmgw__jstr(copy, true);
}

struct llmgw__jstr llmgw__anthropic_inside(struct llmgw__anthropic_encoder *e,
                                           llmgw_str text)
{
    struct llmgw__jstr inside = {NULL, 0, false};
    struct llmgw__jsonw w;
    struct llmgw__buf buf;

    llmgw__buf_init(&buf, 0);
    llmgw__jsonw_init(&w, &buf);
    llmgw__jsonw_str(&w, text);
    llmgw__anthropic_fail(e, buf.status);
    if (buf.status == LLMGW_OK)
        inside =
            llmgw__anthropic_raw(e, llmgw__str_n(buf.data + 1, buf.len - 2));
    llmgw__buf_clear(&buf);
    return inside;
}

void llmgw__anthropic_members(struct llmgw__anthropic_encoder *e,
                              uint32_t object, const char *const *without)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    uint32_t key;

    if (llmgw__jdoc_type(doc, object) != LLMGW__JSON_OBJECT)
        return;
    key = llmgw__jdoc_first(doc, object);
    while (key != LLMGW__JNONE) {
        struct llmgw__jstr name = llmgw__jdoc_string(doc, key);
        uint32_t value = llmgw__jdoc_next(doc, object, key);
        bool left_out = false;

        for (size_t i = 0; without && without[i]; i++)
            left_out |= llmgw__jstr_is(name, without[i]);
        if (!left_out) {
            llmgw__jsonw_key_raw(&e->w, (llmgw_str){name.data, name.len});
            llmgw__jsonw_node(&e->w, doc, value);
        }
        key = llmgw__jdoc_next(doc, object, value);
    }
}
