/*
 * route/needs.c - what a request needs of whoever answers it: abilities by
 * what stands in it, room by its bytes.
 *
 * Tokens are not counted here, every model has its own. Texts have about four
 * bytes a token; sixteen are more than any natural text, table or program has,
 * also where its JSON is all escapes.
 *
 * Source: OpenAI's content parts; RFC 2397 for files. Memory: none.
 */
#include "needs.h"

#include <stdio.h>

#include "base/text.h"

enum {
    USUAL_BYTES = 4, /* of a token */
    MOST_BYTES = 16
};

static void read_message(struct llmgw__needs *needs,
                         const struct llmgw__message *message);
static uint8_t ability_for(const struct llmgw__part *part);
static bool is_pdf(const struct llmgw__part *part);
static void read_tools(struct llmgw__needs *needs,
                       const struct llmgw__chat *chat);

void llmgw__needs_read(struct llmgw__needs *needs,
                       const struct llmgw__chat *chat)
{
    *needs = (struct llmgw__needs){0, 0};
    for (size_t i = 0; i < chat->message_count; i++)
        read_message(needs, &chat->messages[i]);
    read_tools(needs, chat);
    needs->bytes += chat->schema.len;
    /* what is said in words in its place is an adjustment */
    if (chat->format == LLMGW__FORMAT_JSON_SCHEMA && chat->strict)
        needs->abilities |= LLMGW__CAN_JSON_SCHEMA;
}

uint8_t llmgw__needs_lacked(const struct llmgw__needs *needs,
                            const struct llmgw__price *price)
{
    return price ? needs->abilities & price->cannot : 0;
}

void llmgw__needs_blame(const struct llmgw__chat *chat, uint8_t abilities,
                        struct llmgw__error *error)
{
    const char *param =
        abilities & LLMGW__CAN_TOOLS ? "tools" : "response_format";

    for (size_t i = 0; i < chat->message_count; i++)
        for (size_t p = 0; p < chat->messages[i].part_count; p++)
            if (ability_for(&chat->messages[i].parts[p]) & abilities) {
                (void)snprintf(error->param, sizeof error->param,
                               "messages[%zu].content[%zu]", i, p);
                llmgw__error_copy(error->code, sizeof error->code,
                                  LLMGW__LIT("unsupported_content"));
                return;
            }
    llmgw__error_copy(error->param, sizeof error->param, llmgw__str(param));
}

enum llmgw__fit llmgw__needs_fit(const struct llmgw__needs *needs,
                                 const struct llmgw__price *price)
{
    uint64_t window = price ? (uint64_t)price->context_window : 0;

    if (!window || needs->bytes / USUAL_BYTES <= window)
        return LLMGW__FITS;
    return needs->bytes / MOST_BYTES <= window ? LLMGW__FITS_HARDLY
                                               : LLMGW__FITS_NEVER;
}

static void read_message(struct llmgw__needs *needs,
                         const struct llmgw__message *message)
{
    needs->bytes += message->reasoning.len;
    for (size_t i = 0; i < message->part_count; i++) {
        const struct llmgw__part *part = &message->parts[i];

        needs->abilities |= ability_for(part);
        if (part->type == LLMGW__PART_TEXT || part->type == LLMGW__PART_REFUSAL)
            needs->bytes += part->text.len;
    }
    for (size_t i = 0; i < message->call_count; i++)
        needs->bytes += message->calls[i].arguments.len;
}

static uint8_t ability_for(const struct llmgw__part *part)
{
    switch (part->type) {
    case LLMGW__PART_IMAGE:
        return LLMGW__CAN_VISION;
    case LLMGW__PART_AUDIO:
        return LLMGW__CAN_AUDIO;
    case LLMGW__PART_FILE:
        return is_pdf(part) ? LLMGW__CAN_PDF : 0;
    default:
        return 0;
    }
}

/* By the head of its data, or its name. A file that is only named by its id
 * may be anything. */
static bool is_pdf(const struct llmgw__part *part)
{
    static const char *const heads[] = {"data:application/pdf",
                                        "data:application\\/pdf", "JVBERi"};
    llmgw_str data = llmgw__str_n(part->text.data, part->text.len);
    llmgw_str name = llmgw__str_n(part->filename.data, part->filename.len);

    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++)
        if (llmgw__str_starts(data, heads[i]))
            return true;
    return name.len > 4 &&
           llmgw__str_is_nocase(llmgw__str_n(name.data + name.len - 4, 4),
                                ".pdf");
}

/* A tool that must not be called is only words. */
static void read_tools(struct llmgw__needs *needs,
                       const struct llmgw__chat *chat)
{
    for (size_t i = 0; i < chat->tool_count; i++)
        needs->bytes +=
            chat->tools[i].parameters.len + chat->tools[i].description.len;
    if (chat->tool_count > 0 && chat->choice != LLMGW__CHOICE_NONE)
        needs->abilities |= LLMGW__CAN_TOOLS;
}
