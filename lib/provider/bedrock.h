/*
 * provider/bedrock.h - models behind Amazon Bedrock: who made one, on which
 * surface it is spoken to, and where that is.
 */
#ifndef LLMGW_PROVIDER_BEDROCK_H
#define LLMGW_PROVIDER_BEDROCK_H

#include "provider.h"

/** The maker's part of a model's id: what follows a region's prefix ("us.",
 *  "global.", …), up to the first dot; of an ARN without one, that of the
 *  setting model_base. Empty: not told. */
llmgw_str llmgw__bedrock_family(const struct llmgw__target *target);

/** The id without region, ARN and maker: "claude-sonnet-4-5-20250929-v1:0".
 *  A view. */
llmgw_str llmgw__bedrock_base(const struct llmgw__target *target);

/** Of a dialect there: its settings. */
extern const char *const llmgw__bedrock_settings[];
const char *llmgw__bedrock_refuse_setting(const char *name, const char *value);

enum llmgw__bedrock_surface {
    LLMGW__BEDROCK_CONVERSE,
    LLMGW__BEDROCK_INVOKE,   /* the maker's own body */
    LLMGW__BEDROCK_MESSAGES, /* the endpoint in the shape of Messages */
};

/** By family, and by the setting claude_api ("invoke", "converse",
 *  "messages"). */
enum llmgw__bedrock_surface
llmgw__bedrock_surface(const struct llmgw__target *target);

extern const struct llmgw__dialect llmgw__dialect_anthropic_invoke;
extern const struct llmgw__dialect llmgw__dialect_anthropic_messages;

/** The dialect of that surface; NULL: Converse. */
const struct llmgw__dialect *
llmgw__bedrock_instead(const struct llmgw__chat *chat,
                       const struct llmgw__target *target);

/** "…/model/ID/ACTION", the id percent-encoded once; in the arena. NULL: no
 *  memory. */
char *llmgw__bedrock_url(struct llmgw__arena *arena,
                         const struct llmgw__target *target,
                         const char *action);
/** "https://bedrock-mantle.REGION.api.aws" + path, or the configured base URL +
 *  path; in the arena. NULL: no memory. */
char *llmgw__bedrock_messages_url(struct llmgw__arena *arena,
                                  const struct llmgw__target *target,
                                  const char *path);
/** What an exception or fault in an event stream means. Never fails. */
void llmgw__bedrock_classify(const struct llmgw__decode *decode,
                             const struct llmgw__frame *frame,
                             struct llmgw__error *error);
/** The region that requests are signed for; NULL: none is known. */
const char *llmgw__bedrock_region(const struct llmgw__provider *provider);
/** The service they are signed for, by their URL. */
const char *llmgw__bedrock_service(llmgw_str url);

#endif
