/*
 * faults/faults_stage.c - two fakes and a gateway over them, in virtual time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "faults.h"
#include "virtual_time.h"

enum {
    WORDS = 60, /* of an answer */
    THOUGHTS = 50,
    MAX_SETTINGS = 40,
    CONFIG_BYTES = 8192
};

const struct wire wires[] = {
    /* clang-format off */
    { .name = "openai",
      .provider = "'type':'openai','base_url':'$/v1'",
      .models = { "gpt-4.1", "gpt-4.1-mini" } },
    { .name = "anthropic",
      .provider = "'type':'anthropic','base_url':'$'",
      .models = { "claude-haiku-4-5", "claude-sonnet-4-5" } },
    { .name = "gemini",
      .provider = "'type':'google','base_url':'$'",
      .models = { "gemini-2.5-flash", "gemini-2.5-pro" },
      .no_end_mark = 1, .calls_whole = 1 },
    { .name = "responses",
      .provider = "'type':'openai','base_url':'$/v1',"
                  "'settings':{'api':'responses'}",
      .models = { "gpt-5-mini", "gpt-5" } },
    { .name = "bedrock",
      .provider = "'type':'bedrock','base_url':'$',"
                  "'settings':{'region':'us-east-1'}",
      .models = { "us.amazon.nova-lite-v1:0", "us.amazon.nova-pro-v1:0" } },
    { .name = "cohere",
      .provider = "'type':'cohere','base_url':'$/v2'",
      .models = { "command-r-08-2024", "command-a-reasoning-08-2025" } },
    { .name = "ollama",
      .provider = "'type':'ollama','base_url':'$'",
      .models = { "qwen3:8b", "qwen3:14b" }, .calls_whole = 1 },
    /* clang-format on */
};
const size_t wire_count = sizeof wires / sizeof *wires;

struct setting {
    const char *name, *value;
    int name_len, value_len;
};

static const char baseline[] =
    "first_ms=10000;gap_ms=10000;connect_ms=5000;total_ms=60000;"
    "max_attempts=6;continue_by='instruction'";
static const char *const breaks[POLICIES] = {
    "on_break='restart'", "on_break='continue'", "on_break='error'"};

static size_t take_settings(struct setting *list, size_t count,
                            const char *text);
static void put_settings(char *out, size_t size, const struct setting *list,
                         size_t count, int beside);
static void put_provider(char *out, size_t size, const struct wire *wire,
                         const char *url);
static void configure(const struct cell *cell, const char *settings,
                      const char *const urls[2], char *out, size_t size);
static void say_words(char *out, size_t size, int which, int from, int to);
static void answer_words(char *out, size_t size, const struct cell *cell,
                         int which);
static void script_rest(struct fake *fake, const struct cell *cell, int whose);

void stage_fakes(struct stage *stage)
{
    memset(stage, 0, sizeof *stage);
    virtual_time_start(2);
    for (int i = 0; i < 2; i++) {
        stage->fakes[i] = fake_start();
        if (!stage->fakes[i])
            abort();
    }
}

const char *stage_open(struct stage *stage, const struct cell *cell,
                       const char *settings)
{
    stage_fakes(stage);
    return stage_open_at(stage, cell, settings,
                         (const char *const[]){fake_url(stage->fakes[0]),
                                               fake_url(stage->fakes[1])});
}

const char *stage_open_at(struct stage *stage, const struct cell *cell,
                          const char *settings, const char *const urls[2])
{
    static char why[512];
    char config[CONFIG_BYTES];
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    llmgw_error *error;

    stage->cell = cell;
    configure(cell, settings, urls, config, sizeof config);
    options.config_json = (llmgw_str){config, strlen(config)};
    options.clock = virtual_time_clock();
    if (llmgw_gateway_open(&options, &stage->gateway, &error) != LLMGW_OK) {
        (void)snprintf(why, sizeof why, "configuration refused: %s: %s",
                       llmgw_error_param(error) ? llmgw_error_param(error) : "",
                       llmgw_error_message(error));
        llmgw_error_free(error);
        return why;
    }
    if (cell->mode == LOOP)
        (void)llmgw_loop_create(stage->gateway, &stage->loop);
    return NULL;
}

void stage_close(struct stage *stage)
{
    llmgw_loop_free(stage->loop);
    llmgw_gateway_close(stage->gateway);
    for (int i = 0; i < 2; i++)
        fake_stop(stage->fakes[i]);
    memset(stage, 0, sizeof *stage);
}

/* Who is asked to go on from where it breaks goes on there; who is asked
 * anew says it all. */
void stage_script(struct stage *stage, int which, const char *fault)
{
    struct fake *fake = stage->fakes[which];
    char answer[2048];
    char script[4096];

    fake_clear(fake);
    answer_words(answer, sizeof answer, stage->cell, which);
    script_rest(fake, stage->cell, 0);
    script_rest(fake, stage->cell, 1);
    if (fault && strcmp(fault, REFUSES_PREFILL) == 0)
        fault = NULL;
    if (fault && fault[0] == '@')
        (void)snprintf(script, sizeof script, "%s %s", answer, fault + 1);
    if (fault)
        fake_script(fake, "POST", fault[0] == '@' ? script : fault);
    fake_script(fake, "POST", answer);
}

size_t stage_asked(struct stage *stage, int which)
{
    size_t count = 0;

    for (size_t i = 0; i < fake_requests(stage->fakes[which]); i++) {
        struct fake_request one = fake_request(stage->fakes[which], i);

        count += one.method && strcmp(one.method, "POST") == 0;
    }
    return count;
}

/* where a tool call comes in one piece, there is a text before it */
const char *said_text(const struct cell *cell, int which)
{
    static char text[1024];
    int before[CONTENTS] = {WORDS, cell->wire->calls_whole ? THOUGHTS : 0,
                            WORDS - THOUGHTS};

    text[0] = '\0';
    say_words(text, sizeof text, which, 0, before[cell->content]);
    return text;
}

const char *said_reasoning(int which)
{
    static const char *const thoughts[] = {
        "**Weighing**\n\n", "Na\xc3\xafve first.", " Then \"why\"?",
        " \xf0\x9f\xa4\x94"}; /* the fake's own */
    static char text[2048];
    size_t len = 0;

    for (size_t i = 0; i < (size_t)(which ? THOUGHTS - 9 : THOUGHTS); i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%s",
                                thoughts[i % 4]);
    return text;
}

/* a number a piece of six bytes, all in all as many as an answer has words */
const char *said_args(int which)
{
    static char args[1024];
    size_t len = 1;

    args[0] = '{';
    for (int i = 0; i < WORDS / 2; i++)
        len +=
            (size_t)snprintf(args + len, sizeof args - len, "%s\"%c%02d\":%d",
                             i ? "," : "", which ? 'f' : 'p', i, 10000 + i);
    (void)snprintf(args + len, sizeof args - len, "}");
    return args;
}

size_t said_tokens(int which, int prompt)
{
    return prompt ? (which ? 2000 : 1000) : (which ? 70 : 60);
}

/* "p0 p1 p2 …", or "f0 …" of the second target */
static void say_words(char *out, size_t size, int which, int from, int to)
{
    size_t len = 0;

    for (int i = from; i < to; i++)
        len += (size_t)snprintf(out + len, size - len, "%s%c%d", i ? " " : "",
                                which ? 'f' : 'p', i);
}

static void answer_words(char *out, size_t size, const struct cell *cell,
                         int which)
{
    const char *text = said_text(cell, which);
    size_t len = (size_t)snprintf(out, size, "usage=%zu:%zu",
                                  said_tokens(which, 1), said_tokens(which, 0));

    if (*text)
        len += (size_t)snprintf(out + len, size - len, " text='%s'", text);
    if (cell->content == TOOL)
        len += (size_t)snprintf(out + len, size - len, " tools=1 args='%s'",
                                said_args(which));
    if (cell->content == REASONING)
        (void)snprintf(out + len, size - len, " reasoning=%d",
                       which ? THOUGHTS - 9 : THOUGHTS);
}

/* Who is asked to go on with the answer of either one says the rest of it:
 * the fake leaves out what it was given. */
static void script_rest(struct fake *fake, const struct cell *cell, int whose)
{
    const char *second = cell->row->second;
    char script[2048];
    size_t len = (size_t)snprintf(script, sizeof script, "with='%c0 %c1' ",
                                  whose ? 'f' : 'p', whose ? 'f' : 'p');

    if (second && strcmp(second, REFUSES_PREFILL) == 0)
        len += (size_t)snprintf(script + len, sizeof script - len,
                                "error=invalid_request");
    else
        len += (size_t)snprintf(script + len, sizeof script - len,
                                "usage=%d:%d text='%s'", CONTINUED_IN,
                                CONTINUED_OUT, said_text(cell, whose));
    if (cell->content == TOOL)
        (void)snprintf(script + len, sizeof script - len, " tools=1 args='%s'",
                       said_args(whose));
    fake_script(fake, "POST", script);
}

static void configure(const struct cell *cell, const char *settings,
                      const char *const urls[2], char *out, size_t size)
{
    struct setting list[MAX_SETTINGS];
    size_t count = take_settings(list, 0, baseline);
    char one[512], two[512], route[2048], beside[1024];
    int two_keys = settings && strcmp(settings, TWO_KEYS) == 0;

    count = take_settings(list, count, breaks[cell->policy]);
    count = take_settings(list, count, settings && !two_keys ? settings : "");
    count = take_settings(list, count, settings_given);
    put_settings(route, sizeof route, list, count, 0);
    put_settings(beside, sizeof beside, list, count, 1);
    put_provider(one, sizeof one, cell->wire, urls[0]);
    put_provider(two, sizeof two, cell->wire, urls[1]);
    (void)snprintf(out, size,
                   "{'environment':false,'providers':{'one':{%s,'api_keys':"
                   "['k1-a'%s]},'two':{%s,'api_key':'k2'}},'routes':{'smart':{"
                   "'targets':['one/%s','two/%s']%s}}%s}",
                   one, two_keys ? ",'k1-b'" : "", two, cell->wire->models[0],
                   cell->wire->models[1], route, beside);
    for (; *out; out++)
        if (*out == '\'')
            *out = '"';
}

/* a name that was there gets the new value */
static size_t take_settings(struct setting *list, size_t count,
                            const char *text)
{
    while (*text) {
        struct setting one = {.name = text};
        const char *end = text + strcspn(text, ";");
        size_t at = 0;

        one.name_len = (int)strcspn(text, "=");
        one.value = text + one.name_len + 1;
        one.value_len = (int)(end - one.value);
        while (at < count &&
               (list[at].name_len != one.name_len ||
                strncmp(list[at].name, one.name, (size_t)one.name_len) != 0))
            at++;
        if (at == MAX_SETTINGS)
            abort();
        list[at] = one;
        count += at == count;
        text = end + (*end == ';');
    }
    return count;
}

static void put_settings(char *out, size_t size, const struct setting *list,
                         size_t count, int beside)
{
    size_t len = 0;

    out[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        int slash = list[i].name[0] == '/';

        if (slash == beside)
            len += (size_t)snprintf(
                out + len, size - len, ",'%.*s':%.*s", list[i].name_len - slash,
                list[i].name + slash, list[i].value_len, list[i].value);
    }
}

static void put_provider(char *out, size_t size, const struct wire *wire,
                         const char *url)
{
    const char *mark = strchr(wire->provider, '$');

    (void)snprintf(out, size, "%.*s%s%s", (int)(mark - wire->provider),
                   wire->provider, url, mark + 1);
}
