/*
 * provider/anthropic_dialect.c - the anthropic dialect: the Messages API.
 *
 * Source: Messages API. Memory: none.
 */
#include "anthropic.h"
#include "anthropic_decoder.h"
#include "anthropic_encoder.h"

static const char *const extensions[] = {"anthropic_beta", NULL};
static const char *const settings[] = {"api_version", "workspace_id",
                                       "user_profile_id",
                                       LLMGW__ANTHROPIC_SERVER_TOOLS, NULL};

static bool takes_state(const struct llmgw__target *target, llmgw_str format)
{
    (void)target;
    return llmgw__str_is(format, "anthropic-claude-v1") ||
           llmgw__str_is(format, "anthropic");
}

const struct llmgw__dialect llmgw__dialect_anthropic = {
    .name = "anthropic",
    .extensions = extensions,
    .settings = settings,
    .encode = llmgw__anthropic_encode,
    .decoder_size = sizeof(struct llmgw__anthropic_decoder),
    .frame = llmgw__anthropic_frame,
    .body = llmgw__anthropic_body,
    .end = llmgw__anthropic_end,
    .free = llmgw__anthropic_free,
    .takes_state = takes_state,
};
