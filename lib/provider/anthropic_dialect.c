/*
 * provider/anthropic_dialect.c - the anthropic dialect: the Messages API.
 *
 * Source: Messages API. Memory: none.
 */
#include <string.h>

#include "anthropic.h"
#include "anthropic_decoder.h"
#include "anthropic_encoder.h"
#include "anthropic_slots.h"
#include "endpoints.h"
#include "vertex.h"

const char *const llmgw__anthropic_extensions[] = {"anthropic_beta", NULL};
static const char *const settings[] = {"api_version", "workspace_id",
                                       "user_profile_id",
                                       LLMGW__ANTHROPIC_SERVER_TOOLS, NULL};

const char *llmgw__anthropic_refuse_setting(const char *name, const char *value)
{
    if ((strcmp(name, LLMGW__ANTHROPIC_SERVER_TOOLS) != 0 &&
         strcmp(name, LLMGW__VERTEX_FORMAT) != 0) ||
        strcmp(value, "true") == 0 || strcmp(value, "false") == 0)
        return NULL;
    return "must be true or false";
}

bool llmgw__anthropic_takes_state(const struct llmgw__target *target,
                                  llmgw_str format)
{
    (void)target;
    return llmgw__str_is(format, "anthropic-claude-v1") ||
           llmgw__str_is(format, "anthropic");
}

/* Of a model of another family nothing is known. */
bool llmgw__anthropic_goes_on(const struct llmgw__target *target,
                              const struct llmgw__chat *chat)
{
    const struct llmgw__anthropic_model *model =
        llmgw__anthropic_model_find(llmgw__str(target->model));

    (void)chat;
    return model->prefix[0] && (model->can & LLMGW__ANTHROPIC_PREFILL);
}

/* Thinking is bound to the account it came from; of new models nobody knows
 * whether they take forced use of tools. */
uint8_t llmgw__anthropic_again(const struct llmgw__error *error)
{
    llmgw_str message = llmgw__str(error->message);
    uint8_t again = 0;

    if (error->upstream_status != 400)
        return 0;
    if (llmgw__str_find(message, LLMGW__LIT("in `thinking` block")) != SIZE_MAX)
        again |= LLMGW__AGAIN_STATELESS;
    if (llmgw__str_find(message, LLMGW__LIT("tool_choice: type")) != SIZE_MAX)
        again |= LLMGW__AGAIN_UNFORCED;
    return again;
}

static llmgw_status encode_direct(struct llmgw__encode *io)
{
    return llmgw__anthropic_encode(io, &llmgw__anthropic_direct);
}

static llmgw_status encode_vertex(struct llmgw__encode *io)
{
    return llmgw__anthropic_encode(io, &llmgw__anthropic_vertex);
}

const struct llmgw__dialect llmgw__dialect_anthropic = {
    LLMGW__ANTHROPIC_COMMON,
    .decoder_size = sizeof(struct llmgw__anthropic_decoder),
    .frame = llmgw__anthropic_frame,
    .free = llmgw__anthropic_free,
    .settings = settings,
    .refuse_setting = llmgw__anthropic_refuse_setting,
    .encode = encode_direct,
    .models = &llmgw__anthropic_list,
};

const struct llmgw__dialect llmgw__dialect_anthropic_vertex = {
    LLMGW__ANTHROPIC_COMMON,
    .decoder_size = sizeof(struct llmgw__anthropic_decoder),
    .frame = llmgw__anthropic_frame,
    .free = llmgw__anthropic_free,
    .settings = llmgw__vertex_settings,
    .refuse_setting = llmgw__vertex_refuse_setting,
    .encode = encode_vertex,
};
/* Models of this vendor among those of others. */
const struct llmgw__dialect *
llmgw__vertex_instead(const struct llmgw__chat *chat,
                      const struct llmgw__target *target)
{
    (void)chat;
    return llmgw__str_starts(llmgw__str(target->model), "claude-")
               ? &llmgw__dialect_anthropic_vertex
               : NULL;
}
