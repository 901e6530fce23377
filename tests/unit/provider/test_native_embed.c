/* Embeddings of the wires that are not OpenAI's. ' stands for " in all
 * texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "provider/endpoints.h"
#include "provider/vertex.h"
#include "support/alloc.h"
#include "support/encode_case.h"

static struct dialect_run run;
static struct llmgw__embed embed;
static int64_t prompt; /* what was counted; -1: nothing */

static void start(const struct llmgw__dialect *dialect, const char *model,
                  const char *request)
{
    const char *json = quoted(request);

    dialect_run_clear(&run);
    dialect_run_start(&run, dialect, "https://h", model);
    run.text = strdup(json);
    assert_non_null(run.text);
    assert_int_equal(llmgw__embed_parse(&embed, &run.chat,
                                        llmgw__str_n(run.text, strlen(json)),
                                        &run.arena, &run.error),
                     LLMGW_OK);
    run.has_chat = true;
}

static llmgw_status encode(size_t from, size_t count)
{
    struct llmgw__encode encode = {
        .chat = &run.chat,
        .target = &run.target,
        .arena = &run.arena,
        .request = &run.request,
        .adjustments = &run.adjustments,
        .memo = &run.memo,
        .error = &run.error,
    };

    return run.dialect->embed->encode(&encode, &embed, from, count);
}

static void asks(const struct llmgw__dialect *dialect, const char *model,
                 const char *request, const char *url, const char *wanted)
{
    char *text;
    cJSON *is, *want;

    start(dialect, model, request);
    assert_int_equal(encode(0, embed.count), LLMGW_OK);
    assert_string_equal(run.request.url, url);
    text = dialect_run_body(&run);
    is = cJSON_Parse(text);
    want = cJSON_Parse(quoted(wanted));
    assert_non_null(want);
    if (!cJSON_Compare(is, want, true))
        fail_msg("is %s, wanted %s", text, quoted(wanted));
    cJSON_Delete(is);
    cJSON_Delete(want);
    free(text);
}

static llmgw_status count(void *userdata, const struct llmgw__chunk *chunk)
{
    (void)userdata;
    assert_int_equal(chunk->kind, LLMGW__CHUNK_USAGE);
    assert_true(chunk->usage->reported);
    prompt = chunk->usage->count[LLMGW__INPUT_UNCACHED];
    return LLMGW_OK;
}

static llmgw_status answer(const struct llmgw__dialect *dialect,
                           const char *body, struct llmgw__vectors *vectors,
                           llmgw_str *model)
{
    struct llmgw__decode decode = {.emit = count};
    const char *json;

    start(dialect, "m", "{'model':'x/y','input':['a','b']}");
    decode.scratch = &run.scratch;
    decode.arena = &run.arena;
    decode.target = &run.target;
    llmgw__vectors_init(vectors, 2, 1 << 20);
    llmgw__vectors_expect(vectors, 0, 2);
    prompt = -1;
    *model = LLMGW__LIT("");
    json = quoted(body);
    return dialect->embed->body(&decode, llmgw__str(json), vectors, model);
}

static void cohere_is_told_what_texts_are_for(void **state)
{
    (void)state;
    asks(&llmgw__dialect_cohere, "embed-v4.0",
         "{'model':'x/y','input':['a','b'],'dimensions':256,'user':'u'}",
         "https://h/v2/embed",
         "{'model':'embed-v4.0','texts':['a','b'],'input_type':"
         "'search_document','embedding_types':['float'],'output_dimension':"
         "256}");
    assert_int_equal(run.adjustments.count, 1);
    assert_string_equal(run.adjustments.items[0].param, "user");
    asks(&llmgw__dialect_cohere, "embed-english-v3.0",
         "{'model':'x/y','input':'a','dimensions':256,'llmgw':{'cohere':{"
         "'input_type':'clustering','truncate':'NONE','documents':[]}}}",
         "https://h/v2/embed",
         "{'model':'embed-english-v3.0','texts':['a'],'input_type':"
         "'clustering','embedding_types':['float'],'truncate':'NONE'}");
    assert_int_equal(run.adjustments.count, 1);
    assert_string_equal(run.adjustments.items[0].param, "dimensions");
    assert_int_equal(llmgw__dialect_cohere.embed->most, 96);
}

static void ollama_takes_options_too(void **state)
{
    (void)state;
    asks(&llmgw__dialect_ollama, "m",
         "{'model':'x/y','input':['a','b'],'dimensions':2,'llmgw':{'ollama':{"
         "'options':{'num_ctx':9},'truncate':false,'keep_alive':0}}}",
         "https://h/api/embed",
         "{'model':'m','input':['a','b'],'dimensions':2,'options':{'num_ctx':9"
         "},'truncate':false,'keep_alive':0}");
    start(&llmgw__dialect_ollama, "m", "{'model':'x/y','input':['a','b','c']}");
    assert_int_equal(encode(1, 1), LLMGW_OK);
}

static void token_ids_are_refused(void **state)
{
    const struct llmgw__dialect *const all[] = {&llmgw__dialect_cohere,
                                                &llmgw__dialect_ollama};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        start(all[i], "m", "{'model':'x/y','input':[[1,2]]}");
        assert_int_equal(encode(0, 1), LLMGW_E_INVALID);
        assert_string_equal(run.error.param, "input");
    }
}

static void vectors_come_in_their_order(void **state)
{
    static const struct {
        const struct llmgw__dialect *dialect;
        const char *body;
        int64_t prompt;
        const char *model;
    } rows[] = {
        {&llmgw__dialect_cohere,
         "{'id':'i','embeddings':{'int8':[[1]],'float':[[0.5,-1],[2,3]]},"
         "'meta':{'api_version':{},'billed_units':{'input_tokens':2.0}}}",
         2, ""},
        {&llmgw__dialect_cohere, "{'embeddings':[[0.5,-1],[2,3]]}", -1, ""},
        {&llmgw__dialect_ollama,
         "{'model':'\\u006d:1','embeddings':[[0.5,-1],[2,3]],"
         "'prompt_eval_count':4}",
         4, "m:1"},
        {&llmgw__dialect_ollama, "{'embeddings':[[0.5,-1],[2,3]]}", -1, ""},
    };
    struct llmgw__vectors vectors;
    llmgw_str model;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(
            answer(rows[i].dialect, rows[i].body, &vectors, &model), LLMGW_OK);
        assert_int_equal(vectors.dimension, 2);
        assert_true(vectors.values[1] == -1 && vectors.values[2] == 2);
        assert_int_equal(prompt, rows[i].prompt);
        assert_true(llmgw__str_is(model, rows[i].model));
        llmgw__vectors_clear(&vectors);
    }
}

static void what_holds_no_vectors_is_told(void **state)
{
    static const char *const none[] = {
        "",
        "[]",
        "{}",
        "{'embeddings':7}",
        "{'embeddings':{'int8':[[1],[2]]}}",
        "{'embeddings':[[1,2]]}",
        "{'embeddings':[[1,2],[3]]}",
        "{'embeddings':[[1,2],[3,4]]",
    };
    const struct llmgw__dialect *const all[] = {&llmgw__dialect_cohere,
                                                &llmgw__dialect_ollama};
    struct llmgw__vectors vectors;
    llmgw_str model;

    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        for (size_t k = 0; k < 2; k++) {
            assert_int_equal(answer(all[k], none[i], &vectors, &model),
                             LLMGW_E_INVALID);
            llmgw__vectors_clear(&vectors);
        }
}

static void every_failed_allocation_is_told(void **state)
{
    const struct llmgw__dialect *const all[] = {&llmgw__dialect_cohere,
                                                &llmgw__dialect_ollama,
                                                &llmgw__dialect_bedrock};

    (void)state;
    for (size_t k = 0; k < 3; k++) {
        llmgw_status status = LLMGW_E_NOMEM;
        int nth;

        for (nth = 0; status == LLMGW_E_NOMEM; nth++) {
            start(all[k], "cohere.embed-v4:0",
                  "{'model':'x/y','input':['a'],'dimensions':9}");
            fail_allocation(nth);
            status = encode(0, 1);
            allow_allocations();
        }
        assert_int_equal(status, LLMGW_OK);
        assert_true(nth > 1);
    }
}

static int forget(void **state)
{
    (void)state;
    dialect_run_clear(&run);
    return 0;
}

/* Older models have a form of their own; newer ones take one input. */
static void vertex_has_two_forms(void **state)
{
    static const struct llmgw__setting project = {"project", "p", false};
    static const struct {
        const char *model, *request, *verb, *wanted;
        size_t most;
    } cases[] = {
        {"text-embedding-005",
         "{'model':'x/y','input':['a','b'],'dimensions':8,'llmgw':{'gemini':{"
         "'taskType':'CLUSTERING','title':'t','autoTruncate':false,"
         "'outputDimensionality':9}}}",
         "predict",
         "{'instances':[{'content':'a','task_type':'CLUSTERING','title':'t'},"
         "{'content':'b','task_type':'CLUSTERING','title':'t'}],'parameters':{"
         "'outputDimensionality':8,'autoTruncate':false}}",
         250},
        {"gemini-embedding-001", "{'model':'x/y','input':'a'}", "predict",
         "{'instances':[{'content':'a'}]}", 1},
        {"gemini-embedding-2", "{'model':'x/y','input':'a'}", "embedContent",
         "{'content':{'parts':[{'text':'a'}]}}", 1},
        {"gemini-embedding-2",
         "{'model':'x/y','input':'a','dimensions':8,'llmgw':{'gemini':{"
         "'title':'t'}}}",
         "embedContent",
         "{'content':{'parts':[{'text':'a'}]},'embedContentConfig':{"
         "'title':'t','outputDimensionality':8}}",
         1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char url[256], *text;
        cJSON *is, *want;

        start(&llmgw__dialect_gemini_vertex, cases[i].model, cases[i].request);
        run.provider.settings = &project;
        run.provider.setting_count = 1;
        assert_int_equal(encode(0, embed.count), LLMGW_OK);
        snprintf(url, sizeof url,
                 "https://h/v1beta1/projects/p/locations/global/publishers/"
                 "google/models/%s:%s",
                 cases[i].model, cases[i].verb);
        assert_string_equal(run.request.url, url);
        assert_int_equal(llmgw__embed_most(run.dialect->embed, &run.target),
                         cases[i].most);
        text = dialect_run_body(&run);
        is = cJSON_Parse(text);
        want = cJSON_Parse(quoted(cases[i].wanted));
        if (!cJSON_Compare(is, want, true))
            fail_msg("is %s, wanted %s", text, quoted(cases[i].wanted));
        cJSON_Delete(is);
        cJSON_Delete(want);
        free(text);
    }
}

static void predictions_are_counted_together(void **state)
{
    struct llmgw__vectors vectors;
    llmgw_str model;

    (void)state;
    assert_int_equal(
        answer(&llmgw__dialect_gemini_vertex,
               "{'predictions':[{'embeddings':{'statistics':{'truncated':"
               "false,'token_count':5},'values':[1,2]}},{'embeddings':{"
               "'values':[3,4],'statistics':{'token_count':6}}}],"
               "'metadata':{'billableCharacterCount':9}}",
               &vectors, &model),
        LLMGW_OK);
    assert_int_equal(vectors.dimension, 2);
    assert_int_equal(prompt, 11);
    llmgw__vectors_clear(&vectors);
    assert_int_equal(answer(&llmgw__dialect_gemini_vertex,
                            "{'predictions':[{'values':[1]},{'embeddings':{"
                            "'values':[2],'statistics':{}}}]}",
                            &vectors, &model),
                     LLMGW_OK);
    assert_int_equal(prompt, -1);
    llmgw__vectors_clear(&vectors);
    assert_int_equal(answer(&llmgw__dialect_gemini_vertex,
                            "{'predictions':[{'embeddings':{}}]}", &vectors,
                            &model),
                     LLMGW_E_INVALID);
    llmgw__vectors_clear(&vectors);
}

/* Behind Bedrock every maker has a body of its own. */
static void bedrock_asks_each_maker_its_own_way(void **state)
{
    static const struct {
        const char *model, *request, *path, *wanted;
        size_t most, adjusted;
    } cases[] = {
        {"amazon.titan-embed-text-v2:0",
         "{'model':'x/y','input':['a'],'dimensions':256,'llmgw':{'bedrock':{"
         "'normalize':false}}}",
         "amazon.titan-embed-text-v2%3A0",
         "{'inputText':'a','dimensions':256,'normalize':false}", 1, 0},
        {"amazon.titan-embed-text-v1",
         "{'model':'x/y','input':'a','dimensions':256,'user':'u'}",
         "amazon.titan-embed-text-v1", "{'inputText':'a'}", 1, 2},
        {"us.cohere.embed-v4:0",
         "{'model':'x/y','input':['a','b'],'dimensions':512}",
         "us.cohere.embed-v4%3A0",
         "{'texts':['a','b'],'input_type':'search_document',"
         "'output_dimension':512}",
         96, 0},
        {"cohere.embed-english-v3",
         "{'model':'x/y','input':['a'],'dimensions':512,'llmgw':{'bedrock':{"
         "'input_type':'search_query','truncate':'END'}}}",
         "cohere.embed-english-v3",
         "{'texts':['a'],'input_type':'search_query','truncate':'END'}", 96, 1},
    };
    char url[128];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        (void)snprintf(url, sizeof url, "https://h/model/%s/invoke",
                       cases[i].path);
        asks(&llmgw__dialect_bedrock, cases[i].model, cases[i].request, url,
             cases[i].wanted);
        assert_int_equal(run.adjustments.count, cases[i].adjusted);
        assert_int_equal(llmgw__embed_most(run.dialect->embed, &run.target),
                         cases[i].most);
    }
    start(&llmgw__dialect_bedrock, "amazon.nova-lite-v1:0",
          "{'model':'x/y','input':['a']}");
    assert_int_equal(encode(0, 1), LLMGW_E_INVALID);
    assert_string_equal(run.error.param, "model");
}

static llmgw_status invoked(const char *model, size_t span, const char *tokens,
                            const char *body, struct llmgw__vectors *vectors)
{
    struct llmgw__decode decode = {.emit = count};
    struct llmgw__http_head head;
    const char *json;
    llmgw_str name = {NULL, 0};
    llmgw_status status;

    start(&llmgw__dialect_bedrock, model, "{'model':'x/y','input':['a','b']}");
    llmgw__http_head_init(&head);
    if (tokens)
        assert_int_equal(
            llmgw__http_head_add(&head,
                                 LLMGW__LIT("x-amzn-bedrock-input-token-count"),
                                 llmgw__str(tokens)),
            LLMGW_OK);
    decode.scratch = &run.scratch;
    decode.arena = &run.arena;
    decode.target = &run.target;
    decode.head = &head;
    llmgw__vectors_init(vectors, span, 1 << 20);
    llmgw__vectors_expect(vectors, 0, span);
    prompt = -1;
    json = quoted(body);
    status =
        run.dialect->embed->body(&decode, llmgw__str(json), vectors, &name);
    llmgw__http_head_clear(&head);
    return status;
}

static void bedrock_counts_in_the_body_or_in_a_header(void **state)
{
    static const struct {
        const char *model, *tokens, *body;
        size_t span;
        int64_t prompt;
        bool good;
    } cases[] = {
        {"amazon.titan-embed-text-v2:0", NULL,
         "{'embedding':[1,2],'inputTextTokenCount':3}", 1, 3, true},
        {"amazon.titan-embed-text-v2:0", "7", "{'embedding':[1,2]}", 1, 7,
         true},
        {"us.cohere.embed-v4:0", "5",
         "{'embeddings':{'float':[[1,2],[3,4]]},'id':'i'}", 2, 5, true},
        {"cohere.embed-english-v3", NULL, "{'embeddings':[[1,2],[3,4]]}", 2, -1,
         true},
        {"amazon.titan-embed-text-v2:0", NULL, "{'inputTextTokenCount':3}", 1,
         -1, false},
        {"amazon.titan-embed-text-v2:0", NULL, "{'embedding':[1,2]", 1, -1,
         false},
        {"amazon.titan-embed-text-v2:0", NULL, "[]", 1, -1, false},
        {"us.cohere.embed-v4:0", "5", "{'embeddings':{'float':[[1,2]]}}", 2, -1,
         false},
    };
    struct llmgw__vectors vectors;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(invoked(cases[i].model, cases[i].span, cases[i].tokens,
                                 cases[i].body, &vectors),
                         cases[i].good ? LLMGW_OK : LLMGW_E_INVALID);
        assert_int_equal(prompt, cases[i].prompt);
        if (cases[i].good)
            assert_true(llmgw__vectors_at(&vectors, cases[i].span - 1)[1] ==
                        2 * (float)cases[i].span);
        llmgw__vectors_clear(&vectors);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cohere_is_told_what_texts_are_for),
        cmocka_unit_test(ollama_takes_options_too),
        cmocka_unit_test(token_ids_are_refused),
        cmocka_unit_test(vectors_come_in_their_order),
        cmocka_unit_test(what_holds_no_vectors_is_told),
        cmocka_unit_test(every_failed_allocation_is_told),
        cmocka_unit_test(vertex_has_two_forms),
        cmocka_unit_test(predictions_are_counted_together),
        cmocka_unit_test(bedrock_asks_each_maker_its_own_way),
        cmocka_unit_test(bedrock_counts_in_the_body_or_in_a_header),
    };

    return cmocka_run_group_tests(tests, NULL, forget);
}
