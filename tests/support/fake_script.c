/*
 * support/fake_script.c - reads scenarios and tells which requests they fit.
 *
 * A scenario word is a row of the table below.
 */
#include <stdlib.h>
#include <string.h>

#include "support/fake_render.h"

typedef int (*take_fn)(struct fake_scenario *scenario, size_t where,
                       const char *value);

struct knob {
    const char *name;
    take_fn take;
    size_t where; /* offset of the member, or a number for `take` */
};

static int take_number(struct fake_scenario *s, size_t where, const char *v);
static int take_flag(struct fake_scenario *s, size_t where, const char *v);
static int take_text(struct fake_scenario *s, size_t where, const char *v);
static int take_cut(struct fake_scenario *s, size_t where, const char *v);
static int take_usage(struct fake_scenario *s, size_t where, const char *v);
static int take_wire(struct fake_scenario *s, size_t where, const char *v);
static int take_error(struct fake_scenario *s, size_t where, const char *v);
static int take_reasoning(struct fake_scenario *s, size_t where, const char *v);
static int take_before(struct fake_scenario *s, size_t where, const char *v);
static int take_after(struct fake_scenario *s, size_t where, const char *v);
static int take_at(struct fake_scenario *s, size_t where, const char *v);

#define MEMBER(name) offsetof(struct fake_scenario, name)

static const struct knob knobs[] = {
    /* clang-format off */
    { "times",            take_number,    MEMBER(times) },
    { "with",             take_text,      MEMBER(with) },
    { "status",           take_number,    MEMBER(status) },
    { "error",            take_error,     0 },
    { "retry_after",      take_number,    MEMBER(retry_after) },
    { "wire",             take_wire,      0 },
    { "chunks",           take_number,    MEMBER(chunks) },
    { "text",             take_text,      MEMBER(text) },
    { "reasoning",        take_reasoning, 0 },
    { "repeat",           take_number,    MEMBER(repeat) },
    { "reject_prefill",   take_flag,      MEMBER(reject_prefill) },
    { "tools",            take_number,    MEMBER(tools) },
    { "args",             take_text,      MEMBER(args) },
    { "finish",           take_text,      MEMBER(finish) },
    { "usage",            take_usage,     0 },
    { "cached",           take_number,    MEMBER(cached) },
    { "comments",         take_flag,      MEMBER(comments) },
    { "crlf",             take_flag,      MEMBER(crlf) },
    { "lf",               take_flag,      MEMBER(lf) },
    { "ascii",            take_flag,      MEMBER(ascii) },
    { "array",            take_flag,      MEMBER(array) },
    { "close",            take_flag,      MEMBER(close) },
    { "html",             take_flag,      MEMBER(html) },
    { "empty",            take_flag,      MEMBER(empty) },
    { "done_only",        take_flag,      MEMBER(done_only) },
    { "no_done",          take_flag,      MEMBER(no_done) },
    { "garbage_after",    take_number,    MEMBER(garbage_after) },
    { "cut",              take_cut,       0 },
    { "delay_us",         take_number,    MEMBER(delay_us) },
    { "first_delay_ms",   take_number,    MEMBER(first_delay_ms) },
    { "content_delay_ms", take_number,    MEMBER(content_delay_ms) },
    { "content_length",   take_number,    MEMBER(content_length) },
    { "chunked",          take_flag,      MEMBER(chunked) },
    { "drop_before",      take_before,    FAKE_DROP },
    { "reset_before",     take_before,    FAKE_RESET },
    { "stall_before",     take_before,    FAKE_STALL },
    { "drop_after",       take_after,     FAKE_DROP },
    { "reset_after",      take_after,     FAKE_RESET },
    { "stall_after",      take_after,     FAKE_STALL },
    { "end_after",        take_after,     FAKE_END },
    { "error_after",      take_after,     FAKE_ERROR },
    { "drop_at",          take_at,        FAKE_DROP },
    { "reset_at",         take_at,        FAKE_RESET },
    { "stall_at",         take_at,        FAKE_STALL },
    { "end_at",           take_at,        FAKE_END },
    /* clang-format on */
};

static char *next_word(const char **words, char **value);
static int set_ending(struct fake_scenario *s, size_t ending);
static int read_number(const char *text, int64_t *out);

const char *fake_scenario_parse(const char *words, struct fake_scenario *out)
{
    const char *problem = NULL;
    char *value;
    char *word;

    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < sizeof knobs / sizeof *knobs; i++)
        if (knobs[i].take == take_number)
            *(int64_t *)((char *)out + knobs[i].where) = FAKE_UNSET;
    out->cut = out->reasoning = out->usage_in = out->usage_out = FAKE_UNSET;
    out->ending_after = out->ending_at = FAKE_UNSET;
    while (!problem && (word = next_word(&words, &value))) {
        problem = "unknown word";
        for (size_t i = 0; i < sizeof knobs / sizeof *knobs; i++)
            if (strcmp(knobs[i].name, word) == 0)
                problem = knobs[i].take(out, knobs[i].where, value)
                              ? NULL
                              : knobs[i].name;
        free(word);
    }
    return problem;
}

void fake_scenario_clear(struct fake_scenario *scenario)
{
    free(scenario->text);
    free(scenario->args);
    free(scenario->with);
    free(scenario->finish);
    memset(scenario, 0, sizeof *scenario);
}

/* "name", "name=value" or "name='a value'"; owned by the caller, in one */
static char *next_word(const char **words, char **value)
{
    const char *at = *words + strspn(*words, " \n");
    size_t len = strcspn(at, "= \n");
    char *word;

    if (!*at)
        return NULL;
    if (at[len] == '=' && at[len + 1] && strchr("'\"", at[len + 1])) {
        const char *end = strchr(at + len + 2, at[len + 1]);

        *words = end ? end + 1 : at + strlen(at);
        word = fake_copy(at, (size_t)(*words - at) - (end ? 1 : 0));
        *value = word + len + 2;
    } else {
        *words = at + strcspn(at, " \n");
        word = fake_copy(at, (size_t)(*words - at));
        *value = word[len] == '=' ? word + len + 1 : NULL;
    }
    word[len] = '\0';
    return word;
}

static int take_number(struct fake_scenario *s, size_t where, const char *v)
{
    return read_number(v, (int64_t *)((char *)s + where));
}

static int take_flag(struct fake_scenario *s, size_t where, const char *v)
{
    *(int *)((char *)s + where) = 1;
    return v == NULL;
}

static int take_text(struct fake_scenario *s, size_t where, const char *v)
{
    char **member = (char **)((char *)s + where);

    if (!v)
        return 0;
    free(*member);
    *member = fake_copy(v, strlen(v));
    return 1;
}

static int take_cut(struct fake_scenario *s, size_t where, const char *v)
{
    (void)where;
    if (!v || strncmp(v, "random:", 7) != 0)
        return read_number(v, &s->cut) && s->cut > 0;
    s->cut = 0;
    return read_number(v + 7, &s->cut_seed);
}

static int take_usage(struct fake_scenario *s, size_t where, const char *v)
{
    char *in;
    int ok;

    (void)where;
    if (!v)
        return 0;
    if (strcmp(v, "none") == 0) {
        s->no_usage = 1;
        return 1;
    }
    in = fake_copy(v, strcspn(v, ":"));
    ok = v[strlen(in)] == ':' && read_number(in, &s->usage_in) &&
         read_number(v + strlen(in) + 1, &s->usage_out);
    free(in);
    return ok;
}

static int take_wire(struct fake_scenario *s, size_t where, const char *v)
{
    (void)where;
    s->wire = v ? fake_wire_named(v) : NULL;
    return s->wire != NULL;
}

static int take_error(struct fake_scenario *s, size_t where, const char *v)
{
    (void)where;
    s->error = v ? fake_error_named(v) : NULL;
    return s->error != NULL;
}

static int take_reasoning(struct fake_scenario *s, size_t where, const char *v)
{
    (void)where;
    s->reasoning = 3;
    return !v || read_number(v, &s->reasoning);
}

static int take_before(struct fake_scenario *s, size_t where, const char *v)
{
    s->before = 1;
    return set_ending(s, where) && !v;
}

static int take_after(struct fake_scenario *s, size_t where, const char *v)
{
    return set_ending(s, where) && read_number(v, &s->ending_after);
}

static int take_at(struct fake_scenario *s, size_t where, const char *v)
{
    return set_ending(s, where) && read_number(v, &s->ending_at);
}

/* one ending is enough */
static int set_ending(struct fake_scenario *s, size_t ending)
{
    if (s->ending != FAKE_FINISH)
        return 0;
    s->ending = (enum fake_ending)ending;
    return 1;
}

static int read_number(const char *text, int64_t *out)
{
    char *end;

    if (!text || *text < '0' || *text > '9')
        return 0;
    *out = (int64_t)strtoll(text, &end, 10);
    return *end == '\0';
}

struct fake_script *fake_script_make(const char *match, const char *words)
{
    struct fake_script *script = fake_alloc(sizeof *script);

    script->match = fake_copy(match, strlen(match));
    if (fake_scenario_parse(words, &script->scenario) != NULL) {
        fake_script_free(script);
        return NULL;
    }
    return script;
}

void fake_script_free(struct fake_script *script)
{
    fake_answer_release(script->answer);
    fake_scenario_clear(&script->scenario);
    fake_bytes_free(&script->body);
    fake_bytes_free(&script->headers);
    fake_bytes_free(&script->answer_key);
    free(script->match);
    free(script);
}

int fake_script_fits(const struct fake_script *script,
                     const struct fake_message *message)
{
    const struct fake_scenario *s = &script->scenario;
    const char *path = strchr(script->match, '/');
    size_t len = path ? strlen(path) : 0;
    size_t method = strcspn(script->match, " /");

    if (s->times != FAKE_UNSET && script->used >= s->times)
        return 0;
    if (method > 0 && (method != message->method.len ||
                       memcmp(script->match, message->method.data, method)))
        return 0;
    if (len > message->path.len ||
        (len > 0 && memcmp(path, message->path.data, len) != 0))
        return 0;
    return !s->with || fake_str_has(message->headers, s->with) ||
           fake_str_has(message->body, s->with);
}
