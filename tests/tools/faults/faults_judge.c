/*
 * faults/faults_judge.c - is that the whole answer, and well got?
 *
 * What a scorecard calls pass: the answer is whole, byte for byte, as handed
 * over, as told at the end and as the fake said it; one end; the books of the
 * fakes and the ledger agree on who was asked, who answered and for how much;
 * and it was got within the tries and the time that the scenario allows.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "faults.h"
#include "virtual_time.h"

/* of all attempts of an answer that was continued */
enum {
    MOST_IN = 5000,
    MOST_OUT = 150
};

struct entries {
    size_t count, answered, open, unsettled;
    int64_t requests;
    int64_t prompt, completion;
    char provider[16], model[64];
};

static char why_text[240];

static const char *judge_streamed(const struct heard *heard,
                                  const llmgw_response *response);
static const char *judge_whole(const struct stage *stage,
                               const llmgw_response *response, int *served);
static const char *judge_served(const struct stage *stage,
                                const struct heard *heard, int served);
static const char *judge_conduct(struct stage *stage, const struct heard *heard,
                                 int served);
static const char *judge_tries(struct stage *stage, const struct row *row);
static void judge_error_row(struct stage *stage, struct heard *heard,
                            struct verdict *verdict);
static llmgw_str args_of(const llmgw_response *response);
static int same(llmgw_str text, const char *data, size_t len);
static int says(llmgw_str text, const char *expected);
static const char *judge_continued(int64_t in, int64_t out);
static int continued(const struct heard *heard);
static const char *because(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

void worsen(struct verdict *verdict, enum result result, const char *format,
            ...)
{
    va_list values;

    if (result <= verdict->result)
        return;
    verdict->result = result;
    va_start(values, format);
    (void)vsnprintf(verdict->why, sizeof verdict->why, format, values);
    va_end(values);
}

void worsen_by(struct verdict *verdict, const struct heard *heard)
{
    size_t attempts = llmgw_call_attempt_count(heard->call);

    if (attempts > verdict->attempts)
        verdict->attempts = attempts;
    if (heard->ms > verdict->ms)
        verdict->ms = heard->ms;
}

void judge(struct stage *stage, struct heard *heard, struct verdict *verdict)
{
    const struct cell *cell = stage->cell;
    const char *why;
    int served = -1;

    worsen_by(verdict, heard);
    if (!heard->call || virtual_time_barked()) {
        worsen(verdict, FAIL, "it hangs");
    } else if (cell->row->error != LLMGW_KIND_NONE ||
               llmgw_call_end(heard->call) != LLMGW_END_RESPONSE) {
        judge_error_row(stage, heard, verdict);
    } else if ((why = judge_answer(stage, heard, &served))) {
        worsen(verdict, FAIL, "%s", why);
    } else if ((why = judge_conduct(stage, heard, served))) {
        worsen(verdict, PARTIAL, "%s", why);
    } else {
        worsen(verdict, PASS, "%s", "");
    }
}

/* the call ended with an error, or it should have */
static void judge_error_row(struct stage *stage, struct heard *heard,
                            struct verdict *verdict)
{
    const struct cell *cell = stage->cell;
    const struct row *row = cell->row;
    const llmgw_error *error = llmgw_call_error(heard->call);
    llmgw_error_kind kind = llmgw_error_get_kind(error);
    const char *why = judge_error(stage, heard);

    if (why)
        worsen(verdict, FAIL, "%s", why);
    else if (row->error == LLMGW_KIND_NONE)
        worsen(verdict, SAFE, "%s", llmgw_error_message(error));
    else if (row->error != kind &&
             !(kind == LLMGW_KIND_INVALID_REQUEST &&
               strstr(llmgw_error_message(error), "filter")))
        worsen(verdict, SAFE, "the reason is told as %s",
               llmgw_error_kind_name(kind));
    else if ((why = judge_tries(stage, row)))
        worsen(verdict, PARTIAL, "%s", why);
    else
        worsen(verdict, PASS, "%s", "");
    if (heard->ms > row->max_ms + row->max_ms / 10)
        worsen(verdict, FAIL, "an error, but after %llu ms",
               (unsigned long long)heard->ms);
}

const char *judge_answer(struct stage *stage, struct heard *heard, int *served)
{
    const llmgw_response *response = llmgw_call_response(heard->call);
    const char *why = NULL;

    if (heard->done != 1)
        return because("%d ends", heard->done);
    if (llmgw_call_end(heard->call) != LLMGW_END_RESPONSE)
        return because("no answer: %s",
                       llmgw_error_message(llmgw_call_error(heard->call)));
    if (!heard->unstreamed)
        why = judge_streamed(heard, response);
    if (!why)
        why = judge_whole(stage, response, served);
    if (!why)
        why = judge_served(stage, heard, *served);
    return why ? why : judge_entries(stage, heard);
}

/* what was handed over is what is told at the end */
static const char *judge_streamed(const struct heard *heard,
                                  const llmgw_response *response)
{
    if (heard->late)
        return because("%d chunks after the end", heard->late);
    if (heard->finishes != 1 || heard->usages != 1)
        return because("%d finishes, %d usages", heard->finishes,
                       heard->usages);
    if (heard->finish != llmgw_response_finish_reason(response, 0))
        return "another finish reason was handed over";
    if (!same(llmgw_response_text(response), heard->text, heard->text_len))
        return because("text handed over: %zu bytes, told: %zu",
                       heard->text_len, llmgw_response_text(response).len);
    if (!same(llmgw_response_reasoning(response, 0), heard->reasoning,
              heard->reasoning_len))
        return because("reasoning handed over: %zu bytes, told: %zu",
                       heard->reasoning_len,
                       llmgw_response_reasoning(response, 0).len);
    if (heard->starts != (int)llmgw_response_tool_call_count(response, 0) ||
        !same(args_of(response), heard->args, heard->args_len))
        return because("arguments handed over: %zu bytes, told: %zu",
                       heard->args_len, args_of(response).len);
    return NULL;
}

/* it is one fake's whole answer, and nothing else */
static const char *judge_whole(const struct stage *stage,
                               const llmgw_response *response, int *served)
{
    enum content content = stage->cell->content;
    llmgw_str text = llmgw_response_text(response);
    llmgw_str reasoning = llmgw_response_reasoning(response, 0);
    llmgw_finish_reason right =
        content == TOOL ? LLMGW_FINISH_TOOL_CALLS : LLMGW_FINISH_STOP;

    if (llmgw_response_finish_reason(response, 0) != right)
        return because("finish reason %d",
                       llmgw_response_finish_reason(response, 0));
    for (*served = 0; *served < 2; ++*served) {
        if (says(text, said_text(stage->cell, *served)) &&
            says(reasoning,
                 content == REASONING ? said_reasoning(*served) : "") &&
            says(args_of(response), content == TOOL ? said_args(*served) : ""))
            break;
    }
    if (*served == 2)
        return because("nobody said that: %zu bytes of text, %zu of "
                       "reasoning, %zu of arguments",
                       text.len, reasoning.len, args_of(response).len);
    return NULL;
}

/* model and usage are those of who answered */
static const char *judge_served(const struct stage *stage,
                                const struct heard *heard, int served)
{
    const llmgw_response *response = llmgw_call_response(heard->call);
    const llmgw_usage *usage = llmgw_response_usage(response);
    int64_t in = llmgw_usage_count(usage, LLMGW_USAGE_PROMPT);
    int64_t out = llmgw_usage_count(usage, LLMGW_USAGE_COMPLETION);

    if (in < 0 || out < 0)
        return "no usage";
    if (continued(heard))
        return judge_continued(in, out);
    if (!says(llmgw_response_model(response),
              stage->cell->wire->models[served]))
        return because("%.*s is said to have answered, not %s",
                       (int)llmgw_response_model(response).len,
                       llmgw_response_model(response).data,
                       stage->cell->wire->models[served]);
    if (in != (int64_t)said_tokens(served, 1) ||
        out != (int64_t)said_tokens(served, 0))
        return because("usage %lld + %lld, not %zu + %zu", (long long)in,
                       (long long)out, said_tokens(served, 1),
                       said_tokens(served, 0));
    return NULL;
}

/* usage is that of both: what was asked for the rest is told, what was said
 * before it may be an estimate */
static const char *judge_continued(int64_t in, int64_t out)
{
    if (in <= CONTINUED_IN || in > MOST_IN || out <= CONTINUED_OUT ||
        out > MOST_OUT)
        return because("usage %lld + %lld of two attempts", (long long)in,
                       (long long)out);
    return NULL;
}

/* an attempt had begun the answer, and failed; nobody was told to forget it */
static int continued(const struct heard *heard)
{
    const llmgw_call *call = heard->call;
    size_t count = llmgw_call_attempt_count(call);

    if (heard->restarts || heard->unstreamed)
        return 0;
    for (size_t i = 0; i < count; i++) {
        const llmgw_attempt *one = llmgw_call_attempt(call, i);

        if (llmgw_attempt_end(one) == LLMGW_END_ERROR &&
            llmgw_attempt_ns(one, LLMGW_TIME_CONTENT) > 0)
            return 1;
    }
    return 0;
}

static int32_t count_entry(const llmgw_entry *entry, void *userdata)
{
    struct entries *all = userdata;
    const llmgw_usage *usage = llmgw_entry_usage(entry);
    llmgw_str provider = llmgw_entry_provider(entry);
    llmgw_str model = llmgw_entry_model(entry);

    all->count++;
    all->requests += llmgw_entry_requests(entry);
    all->open += llmgw_entry_get_state(entry) == LLMGW_ENTRY_OPEN;
    all->unsettled += llmgw_entry_settled_ns(entry) == 0;
    if (llmgw_entry_get_state(entry) != LLMGW_ENTRY_ANSWERED)
        return 0;
    all->answered++;
    all->prompt = llmgw_usage_count(usage, LLMGW_USAGE_PROMPT);
    all->completion = llmgw_usage_count(usage, LLMGW_USAGE_COMPLETION);
    (void)snprintf(all->provider, sizeof all->provider, "%.*s",
                   (int)provider.len, provider.data);
    (void)snprintf(all->model, sizeof all->model, "%.*s", (int)model.len,
                   model.data);
    return 0;
}

const char *judge_entries(struct stage *stage, struct heard *heard)
{
    llmgw_ledger_filter filter = LLMGW_LEDGER_FILTER_INIT;
    size_t answered = llmgw_call_end(heard->call) == LLMGW_END_RESPONSE;
    size_t attempts = 0;
    struct entries all = {0};

    filter.call_id = llmgw_call_id(heard->call);
    if (llmgw_ledger_read(stage->gateway, &filter, count_entry, &all))
        return "the ledger cannot be read";
    if (all.open || all.unsettled)
        return because("%zu entries are open", all.open);
    if (all.answered != answered)
        return because("%zu entries are answered", all.answered);
    for (size_t i = 0; i < llmgw_call_attempt_count(heard->call); i++)
        attempts += llmgw_attempt_end(llmgw_call_attempt(heard->call, i)) !=
                    LLMGW_END_NONE;
    if (all.count != attempts)
        return because("%zu attempts, %zu entries", attempts, all.count);
    return heard->goes_on ? NULL : judge_ledger(stage);
}

const char *judge_ledger(struct stage *stage)
{
    size_t asked = stage_asked(stage, 0) + stage_asked(stage, 1);
    struct entries all = {0};

    if (llmgw_ledger_read(stage->gateway, NULL, count_entry, &all))
        return "the ledger cannot be read";
    if (all.open || all.unsettled)
        return because("%zu entries are open", all.open);
    if ((size_t)all.requests != asked)
        return because("%zu requests came, %lld are entered", asked,
                       (long long)all.requests);
    return NULL;
}

const char *judge_error(struct stage *stage, struct heard *heard)
{
    const llmgw_error *error = llmgw_call_error(heard->call);
    size_t handed = heard->text_len + heard->reasoning_len + heard->args_len;

    if (llmgw_call_end(heard->call) == LLMGW_END_RESPONSE)
        return because("taken for a success, of %zu bytes", handed);
    if (heard->done != 1)
        return because("%d ends", heard->done);
    if (llmgw_call_end(heard->call) == LLMGW_END_CANCELLED)
        return virtual_time_barked() ? "it hangs" : "cancelled by nobody";
    if (!error || llmgw_error_get_kind(error) == LLMGW_KIND_NONE ||
        !llmgw_error_message(error)[0])
        return "an error that says nothing";
    if (stage_asked(stage, 0) + stage_asked(stage, 1) == 0)
        return because("nobody was asked: %s", llmgw_error_message(error));
    if (heard->finishes || heard->late)
        return "an error, but a finish was handed over";
    if (handed && !llmgw_error_partial_output(error))
        return because("%zu bytes were handed over, and that is not said",
                       handed);
    if (handed && !same(llmgw_response_text(llmgw_call_response(heard->call)),
                        heard->text, heard->text_len))
        return "the part that is told is not what was handed over";
    return judge_entries(stage, heard);
}

static const char *judge_conduct(struct stage *stage, const struct heard *heard,
                                 int served)
{
    const struct row *row = stage->cell->row;

    if (heard->ms > row->max_ms)
        return because("%llu ms, not %llu", (unsigned long long)heard->ms,
                       (unsigned long long)row->max_ms);
    if (heard->ms < row->min_ms)
        return because("%llu ms: it did not wait",
                       (unsigned long long)heard->ms);
    if (row->served_by >= 0 && row->served_by != served &&
        !(served == 0 && continued(heard)))
        return because("target %d answered", served + 1);
    return judge_tries(stage, row);
}

static const char *judge_tries(struct stage *stage, const struct row *row)
{
    for (int i = 0; i < 2; i++)
        if (stage_asked(stage, i) > row->tries[i])
            return because("target %d was asked %zu times", i + 1,
                           stage_asked(stage, i));
    return NULL;
}

static llmgw_str args_of(const llmgw_response *response)
{
    return llmgw_response_tool_call_arguments(response, 0, 0);
}

static int same(llmgw_str text, const char *data, size_t len)
{
    return text.len == len && (len == 0 || memcmp(text.data, data, len) == 0);
}

static int says(llmgw_str text, const char *expected)
{
    return same(text, expected, strlen(expected));
}

static const char *because(const char *format, ...)
{
    va_list values;

    va_start(values, format);
    (void)vsnprintf(why_text, sizeof why_text, format, values);
    va_end(values);
    return why_text;
}
