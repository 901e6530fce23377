/*
 * provider/responses_output.c - an output as a whole, once all of it is there:
 * what hosted tools did, and what a chat answer has no words for.
 *
 *     items in an order that a chat message cannot say, items of hosted tools,
 *     citations of files       the whole output, as the next request has to
 *                              return it: message.llmgw
 *     phase of the one message message.extra_content.openai.phase
 *     a generated image        message.images
 *
 * Source: OpenAI API description 2.3.0, responses. Memory: a buffer as large
 * as the output, while it is told.
 */
#include <string.h>

#include "responses.h"

/* One item, as views. */
struct item {
    struct llmgw__jstr type, phase, action, image, format;
    llmgw_str content;
};

/* What was seen of an output. */
struct survey {
    int place;   /* of the last item in the order of a chat message */
    bool opaque; /* the output has to go back as it is */
    struct llmgw__jstr phase;
};

/* A chat message says what was thought, then its text, then its calls. */
static const struct {
    const char *type;
    int place;
} places[] = {
    {"reasoning", 1},
    {"message", 2},
    {"function_call", 4},
    {"custom_tool_call", 4},
};

/* Hosted tools that are charged by the call. */
static const struct {
    const char *type;
    uint8_t tool;
} charged[] = {
    {"web_search_call", LLMGW__TOOL_WEB_SEARCH},
    {"file_search_call", LLMGW__TOOL_FILE_SEARCH},
    {"code_interpreter_call", LLMGW__TOOL_CODE_INTERPRETER},
};

static void read_item(struct item *item, llmgw_str raw);
static void look_at(struct survey *survey, const struct item *item);
static bool cites_files(llmgw_str content);
static llmgw_status tell_output(const struct llmgw__decode *decode,
                                llmgw_str output);
static llmgw_status tell_phase(const struct llmgw__decode *decode,
                               struct llmgw__jstr phase);

llmgw_status llmgw__responses_state(const struct llmgw__decode *decode,
                                    llmgw_str output)
{
    struct survey survey = {.place = 0};
    struct llmgw__json json;
    struct item item;

    llmgw__json_init(&json, output);
    if (!llmgw__json_array(&json))
        return LLMGW_OK;
    while (llmgw__json_item(&json)) {
        read_item(&item, llmgw__json_raw(&json));
        look_at(&survey, &item);
    }
    if (survey.opaque)
        return tell_output(decode, output);
    return survey.phase.len ? tell_phase(decode, survey.phase) : LLMGW_OK;
}

static void read_action(struct item *item, struct llmgw__json *json)
{
    llmgw_str key;

    if (!llmgw__json_object(json))
        return;
    while (llmgw__json_key(json, &key))
        if (llmgw__str_is(key, "type"))
            llmgw__json_string(json, &item->action);
        else
            llmgw__json_skip(json);
}

static void read_item(struct item *item, llmgw_str raw)
{
    struct llmgw__json json;
    llmgw_str key;

    memset(item, 0, sizeof *item);
    llmgw__json_init(&json, raw);
    if (!llmgw__json_object(&json))
        return;
    while (llmgw__json_key(&json, &key)) {
        if (llmgw__str_is(key, "type"))
            llmgw__json_string(&json, &item->type);
        else if (llmgw__str_is(key, "phase"))
            llmgw__json_string(&json, &item->phase);
        else if (llmgw__str_is(key, "result"))
            llmgw__json_string(&json, &item->image);
        else if (llmgw__str_is(key, "output_format"))
            llmgw__json_string(&json, &item->format);
        else if (llmgw__str_is(key, "action"))
            read_action(item, &json);
        else if (llmgw__str_is(key, "content"))
            item->content = llmgw__json_raw(&json);
        else
            llmgw__json_skip(&json);
    }
}

/* A second message, or what was thought after a call, would lose its place. */
static void look_at(struct survey *survey, const struct item *item)
{
    int place = 0;

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (llmgw__jstr_is(item->type, places[i].type))
            place = places[i].place;
    if (place == 0 || place < survey->place ||
        (place == 2 && survey->place == 2) || cites_files(item->content))
        survey->opaque = true;
    survey->place = place;
    if (place == 2)
        survey->phase = item->phase;
}

/* Is there a citation in these parts that is not of a page? */
static bool is_of_file(struct llmgw__json *citation)
{
    struct llmgw__jstr type = {NULL, 0, false};
    llmgw_str key;

    if (!llmgw__json_object(citation))
        return false;
    while (llmgw__json_key(citation, &key))
        if (llmgw__str_is(key, "type"))
            llmgw__json_string(citation, &type);
        else
            llmgw__json_skip(citation);
    return type.len && !llmgw__jstr_is(type, "url_citation");
}

static bool part_cites_files(struct llmgw__json *part)
{
    bool found = false;
    llmgw_str key;

    if (!llmgw__json_object(part))
        return false;
    while (llmgw__json_key(part, &key)) {
        struct llmgw__json list;

        if (llmgw__str_is(key, "annotations")) {
            llmgw__json_init(&list, llmgw__json_raw(part));
            if (llmgw__json_array(&list))
                while (llmgw__json_item(&list))
                    found |= is_of_file(&list);
        } else {
            llmgw__json_skip(part);
        }
    }
    return found;
}

static bool cites_files(llmgw_str content)
{
    struct llmgw__json json;
    bool found = false;

    llmgw__json_init(&json, content);
    if (content.len && llmgw__json_array(&json))
        while (llmgw__json_item(&json))
            found |= part_cites_files(&json);
    return found;
}

/* --- what is told of it --- */

static llmgw_status tell_output(const struct llmgw__decode *decode,
                                llmgw_str output)
{
    struct llmgw__buf buf;
    llmgw_status status;

    llmgw__buf_init(&buf, 0);
    llmgw__buf_add_z(&buf, "{\"family\":\"" LLMGW__RESPONSES_FAMILY
                           "\",\"content\":");
    llmgw__buf_add_str(&buf, output);
    llmgw__buf_add_char(&buf, '}');
    status = buf.status;
    if (status == LLMGW_OK)
        status = llmgw__openai_emit_extra(decode, 0, LLMGW__EXTRA_REPLAY,
                                          llmgw__buf_str(&buf));
    llmgw__buf_clear(&buf);
    return status;
}

static llmgw_status tell_phase(const struct llmgw__decode *decode,
                               struct llmgw__jstr phase)
{
    struct llmgw__buf buf;
    struct llmgw__jsonw w;
    llmgw_status status;

    llmgw__buf_init(&buf, 0);
    llmgw__jsonw_init(&w, &buf);
    llmgw__jsonw_open(&w, '{');
    llmgw__jsonw_member_open(&w, LLMGW__RESPONSES_EXTRA, '{');
    llmgw__jsonw_member_jstr(&w, "phase", phase);
    llmgw__jsonw_close(&w, '}');
    llmgw__jsonw_close(&w, '}');
    status = buf.status;
    if (status == LLMGW_OK)
        status = llmgw__openai_emit_extra(decode, 0, LLMGW__EXTRA_EXTRA_CONTENT,
                                          llmgw__buf_str(&buf));
    llmgw__buf_clear(&buf);
    return status;
}

/* --- items of hosted tools --- */

/* {type: image_url, image_url: {url: data:image/png;base64,…}} */
static llmgw_status tell_image(const struct llmgw__decode *decode,
                               const struct item *item)
{
    struct llmgw__jstr png = {"png", 3, false};
    struct llmgw__jstr format = item->format.len ? item->format : png;
    struct llmgw__buf buf;
    struct llmgw__jsonw w;
    llmgw_status status;

    llmgw__buf_init(&buf, 0);
    llmgw__jsonw_init(&w, &buf);
    llmgw__jsonw_open(&w, '{');
    llmgw__jsonw_member_z(&w, "type", "image_url");
    llmgw__jsonw_member_open(&w, "image_url", '{');
    llmgw__jsonw_key(&w, "url");
    llmgw__jsonw_str_open(&w);
    llmgw__jsonw_str_add(&w, LLMGW__LIT("data:image/"));
    llmgw__jsonw_str_add_raw(&w, llmgw__str_n(format.data, format.len));
    llmgw__jsonw_str_add(&w, LLMGW__LIT(";base64,"));
    llmgw__jsonw_str_add_raw(&w,
                             llmgw__str_n(item->image.data, item->image.len));
    llmgw__jsonw_str_close(&w);
    llmgw__jsonw_close(&w, '}');
    llmgw__jsonw_close(&w, '}');
    status = buf.status;
    if (status == LLMGW_OK)
        status = llmgw__openai_emit_extra(decode, 0, LLMGW__EXTRA_IMAGE,
                                          llmgw__buf_str(&buf));
    llmgw__buf_clear(&buf);
    return status;
}

/* A page that a search opens, or looks through, is part of that search. */
static bool counts(const struct item *item, uint8_t tool)
{
    return tool != LLMGW__TOOL_WEB_SEARCH || !item->action.len ||
           llmgw__jstr_is(item->action, "search");
}

llmgw_status llmgw__responses_hosted(struct llmgw__responses_decoder *decoder,
                                     const struct llmgw__decode *decode,
                                     llmgw_str raw)
{
    struct item item;

    read_item(&item, raw);
    for (size_t i = 0; i < sizeof charged / sizeof charged[0]; i++)
        if (llmgw__jstr_is(item.type, charged[i].type) &&
            counts(&item, charged[i].tool))
            decoder->tools[charged[i].tool]++;
    if (item.image.len && llmgw__jstr_is(item.type, "image_generation_call"))
        return tell_image(decode, &item);
    return LLMGW_OK;
}
