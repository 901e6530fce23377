/*
 * provider/prefill.c - can a target go on with an answer that another one
 * began?
 *
 * White space at the end of a last turn is refused by some services and cut
 * off by others' templates: none is sent, whoever is asked.
 *
 * Source: the services' documentation and errors, 2026-11. Memory: none.
 */
#include "prefill.h"

#include "openai_service.h"
#include "provider.h"
#include "schema/chat_continue.h"

static bool is_one_piece(const struct llmgw__chat *chat);
static bool is_to_think(const struct llmgw__chat *chat);
static bool goes_on(const struct llmgw__target *target,
                    const struct llmgw__chat *chat, llmgw_str text);
static bool service_goes_on(const struct llmgw__target *target,
                            const struct llmgw__chat *chat, llmgw_str text);

enum llmgw__goes_on llmgw__prefill_of(const struct llmgw__target *target,
                                      const struct llmgw__chat *chat,
                                      llmgw_str text, size_t *unsaid)
{
    llmgw_str said = {text.data, text.len - llmgw__blank_end(text)};

    *unsaid = text.len - said.len;
    if (!text.len || is_one_piece(chat) || !llmgw__chat_continuable(chat))
        return LLMGW__GOES_ON_NEVER;
    if (!said.len) /* it is asked as the first one was */
        return LLMGW__GOES_ON_PREFILL;
    if (!is_to_think(chat) && chat->choice != LLMGW__CHOICE_REQUIRED &&
        chat->choice != LLMGW__CHOICE_NAMED && goes_on(target, chat, said))
        return LLMGW__GOES_ON_PREFILL;
    *unsaid = 0;
    return LLMGW__GOES_ON_TOLD;
}

/** Is the answer such that no other one can go on with it? A grammar begins
 *  anew, and so do what is told of each token, and sound. */
static bool is_one_piece(const struct llmgw__chat *chat)
{
    uint32_t output = llmgw__chat_member(chat, "output_config");

    return chat->n > 1 || chat->format >= LLMGW__FORMAT_JSON_OBJECT ||
           chat->logprobs == 1 ||
           llmgw__chat_member(chat, "audio") != LLMGW__JNONE ||
           llmgw__jdoc_get(&chat->doc, output, "format") != LLMGW__JNONE;
}

/** Thinking comes before the text: it cannot where that has begun. */
static bool is_to_think(const struct llmgw__chat *chat)
{
    uint32_t own = llmgw__chat_member(chat, "thinking");

    if (chat->effort > LLMGW__EFFORT_NONE ||
        llmgw__chat_member(chat, "reasoning") != LLMGW__JNONE)
        return true;
    return own != LLMGW__JNONE &&
           !llmgw__jstr_is(llmgw__jdoc_get_string(&chat->doc, own, "type"),
                           "disabled");
}

static bool goes_on(const struct llmgw__target *target,
                    const struct llmgw__chat *chat, llmgw_str text)
{
    const struct llmgw__dialect *dialect = target->provider->dialect;
    const struct llmgw__dialect *instead =
        dialect->instead ? dialect->instead(chat, target) : NULL;

    if (target->price && (target->price->cannot & LLMGW__CAN_PREFILL))
        return false;
    if (instead)
        dialect = instead;
    return dialect->goes_on ? dialect->goes_on(target, chat)
                            : service_goes_on(target, chat, text);
}

bool llmgw__may_think(const struct llmgw__target *target,
                      const struct llmgw__chat *chat)
{
    return chat->effort == LLMGW__EFFORT_UNSET && target->price &&
           (target->price->can & LLMGW__CAN_REASONING);
}

static bool service_goes_on(const struct llmgw__target *target,
                            const struct llmgw__chat *chat, llmgw_str text)
{
    const struct llmgw__provider_row *row = target->provider->row;

    if (!row || llmgw__may_think(target, chat))
        return false;
    if (row->openai && (row->openai->flags & LLMGW__OPENAI_PREFIX) &&
        (text.len < LLMGW__SAID_AGAIN_MIN || llmgw__chat_begun(chat)))
        return false; /* it says all of that turn again: who could tell? */
    if (row->quirks & (LLMGW__QUIRK_TURN | LLMGW__QUIRK_TURN_ASKED))
        return true;
    return (row->quirks & LLMGW__QUIRK_TURN_MODEL) && target->price &&
           (target->price->can & LLMGW__CAN_PREFILL);
}
