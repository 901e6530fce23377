/*
 * schema/chat_part.c - content of a message: a string, or parts.
 *
 * Source: OpenAI API, "Create chat completion", content parts.
 * Memory: one array of parts a message in the request's arena.
 */
#include "chat.h"
#include "chat_parse.h"

typedef llmgw_status read_fn(const struct llmgw__place *at,
                             struct llmgw__part *part);

static read_fn read_text;
static read_fn read_refusal;
static read_fn read_image;
static read_fn read_audio;
static read_fn read_file;

static const char *const type_names[] = {
    "text", "refusal", "image_url", "input_audio", "file", NULL,
};
/* beside the names */
static const struct {
    uint8_t type;
    read_fn *read;
} types[] = {
    {LLMGW__PART_TEXT, read_text},   {LLMGW__PART_REFUSAL, read_refusal},
    {LLMGW__PART_IMAGE, read_image}, {LLMGW__PART_AUDIO, read_audio},
    {LLMGW__PART_FILE, read_file},
};

static const char *const image_details[] = {"auto", "low", "high", "original",
                                            NULL};

static llmgw_status read_string(const struct llmgw__place *at,
                                struct llmgw__message *message);
static llmgw_status read_parts(const struct llmgw__place *at, unsigned allowed,
                               struct llmgw__message *message);
static llmgw_status read_part(const struct llmgw__place *at, unsigned allowed,
                              struct llmgw__part *part);

llmgw_status llmgw__chat_read_content(const struct llmgw__place *at,
                                      unsigned allowed,
                                      struct llmgw__message *message)
{
    switch (llmgw__place_type(at)) {
    case LLMGW__JSON_STRING:
        return read_string(at, message);
    case LLMGW__JSON_ARRAY:
        return read_parts(at, allowed, message);
    default:
        return llmgw__place_refuse(at, "must be a string or an array of parts");
    }
}

static llmgw_status read_string(const struct llmgw__place *at,
                                struct llmgw__message *message)
{
    struct llmgw__chat *chat = at->in->chat;
    struct llmgw__part *part =
        llmgw__arena_zalloc(chat->arena, sizeof *message->parts);

    if (!part)
        return LLMGW_E_NOMEM;
    part->type = LLMGW__PART_TEXT;
    part->text = llmgw__jdoc_string(&chat->doc, at->node);
    part->node = LLMGW__JNONE;
    message->plain = true;
    message->parts = part;
    message->part_count = 1;
    return LLMGW_OK;
}

static llmgw_status read_parts(const struct llmgw__place *at, unsigned allowed,
                               struct llmgw__message *message)
{
    struct llmgw__chat *chat = at->in->chat;
    size_t count = llmgw__jdoc_count(&chat->doc, at->node);
    uint32_t node = llmgw__jdoc_first(&chat->doc, at->node);

    if (count == 0)
        return llmgw__place_refuse(at, "must not be empty");
    message->parts =
        llmgw__arena_array(chat->arena, count, sizeof *message->parts);
    if (!message->parts)
        return LLMGW_E_NOMEM;
    while (node != LLMGW__JNONE) {
        struct llmgw__place element =
            llmgw__place_element(at, message->part_count, node);
        llmgw_status status =
            read_part(&element, allowed, &message->parts[message->part_count]);

        if (status != LLMGW_OK)
            return status;
        message->part_count++;
        node = llmgw__jdoc_next(&chat->doc, at->node, node);
    }
    return LLMGW_OK;
}

static llmgw_status read_part(const struct llmgw__place *at, unsigned allowed,
                              struct llmgw__part *part)
{
    struct llmgw__place type;
    size_t which = 0;
    llmgw_status status = llmgw__place_check(at, LLMGW__JSON_OBJECT, true);

    if (status != LLMGW_OK)
        return status;
    type = llmgw__place_member(at, "type");
    status = llmgw__place_check(&type, LLMGW__JSON_STRING, true);
    if (status == LLMGW_OK)
        status = llmgw__place_one_of(
            &type, type_names,
            "must be text, refusal, image_url, input_audio or file", &which);
    if (status != LLMGW_OK)
        return status;
    if (!(allowed & (1u << types[which].type)))
        return llmgw__place_refuse(&type,
                                   "is not allowed in a message of this role");
    part->type = types[which].type;
    part->node = at->node;
    return types[which].read(at, part);
}

static llmgw_status read_text(const struct llmgw__place *at,
                              struct llmgw__part *part)
{
    struct llmgw__place text = llmgw__place_member(at, "text");

    return llmgw__place_text(&text, &part->text);
}

static llmgw_status read_refusal(const struct llmgw__place *at,
                                 struct llmgw__part *part)
{
    struct llmgw__place text = llmgw__place_member(at, "refusal");

    return llmgw__place_text(&text, &part->text);
}

static llmgw_status read_image(const struct llmgw__place *at,
                               struct llmgw__part *part)
{
    struct llmgw__place image = llmgw__place_member(at, "image_url");
    struct llmgw__place url, detail;
    size_t which;
    llmgw_status status = llmgw__place_check(&image, LLMGW__JSON_OBJECT, true);

    if (status != LLMGW_OK)
        return status;
    url = llmgw__place_member(&image, "url");
    detail = llmgw__place_member(&image, "detail");
    status = llmgw__place_word(&url, &part->text);
    if (status == LLMGW_OK)
        status =
            llmgw__place_one_of(&detail, image_details,
                                "must be auto, low, high or original", &which);
    return status == LLMGW_OK ? llmgw__place_string(&detail, &part->detail)
                              : status;
}

static llmgw_status read_audio(const struct llmgw__place *at,
                               struct llmgw__part *part)
{
    struct llmgw__place audio = llmgw__place_member(at, "input_audio");
    struct llmgw__place data, format;
    llmgw_status status = llmgw__place_check(&audio, LLMGW__JSON_OBJECT, true);

    if (status != LLMGW_OK)
        return status;
    data = llmgw__place_member(&audio, "data");
    format = llmgw__place_member(&audio, "format");
    status = llmgw__place_word(&data, &part->text);
    return status == LLMGW_OK ? llmgw__place_word(&format, &part->format)
                              : status;
}

static llmgw_status read_file(const struct llmgw__place *at,
                              struct llmgw__part *part)
{
    struct llmgw__place file = llmgw__place_member(at, "file");
    struct llmgw__place data, name, id;
    llmgw_status status = llmgw__place_check(&file, LLMGW__JSON_OBJECT, true);

    if (status != LLMGW_OK)
        return status;
    data = llmgw__place_member(&file, "file_data");
    name = llmgw__place_member(&file, "filename");
    id = llmgw__place_member(&file, "file_id");
    status = llmgw__place_string(&data, &part->text);
    if (status == LLMGW_OK)
        status = llmgw__place_string(&name, &part->filename);
    if (status == LLMGW_OK)
        status = llmgw__place_string(&id, &part->file_id);
    if (status == LLMGW_OK && !part->text.len && !part->file_id.len)
        return llmgw__place_refuse(&file, "must have file_data or file_id");
    return status;
}
