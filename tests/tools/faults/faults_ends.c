/*
 * faults/faults_ends.c - calls whose right end is none of an answer: nobody is
 * left to ask, they are cancelled, the proxy is in the way.
 */
#include <stdio.h>
#include <string.h>

#include <pthread.h>

#include "faults.h"
#include "virtual_time.h"

#define MS UINT64_C(1000000)

/* When a call is cancelled, and by whom. */
struct cancel {
    const char *first; /* script of the first target */
    int before;        /* it starts */
    uint64_t after_ms; /* it has started */
    int at_chunk;      /* twice, from inside the callback */
    int stop_at;       /* by the callback's value */
    int by_thread;     /* another one, at the tenth chunk */
};

static void all_fail(const struct cell *cell, const char *fault,
                     const char *settings, struct verdict *verdict);
static void judge_end(struct stage *stage, struct heard *heard,
                      llmgw_error_kind kind, struct verdict *verdict);
static void cancel_one(const struct cell *cell, const struct cancel *how,
                       struct verdict *verdict);
static void judge_cancel(struct stage *stage, struct heard *heard,
                         struct verdict *verdict);
static void trigger_elsewhere(void *userdata);
static void proxy_one(const struct cell *cell, const char *script,
                      struct verdict *verdict);

void run_all(const struct cell *cell, struct verdict *verdict)
{
    all_fail(cell, "status=503", "when_open='fail'", verdict);
    all_fail(cell, "status=503", "when_open='earliest'", verdict);
    all_fail(cell, "error=rate_limit retry_after=50", "total_ms=20000",
             verdict);
}

/* often enough for breakers to open, keys to rest */
static void all_fail(const struct cell *cell, const char *fault,
                     const char *settings, struct verdict *verdict)
{
    struct stage stage;
    const char *why = stage_open(&stage, cell, settings);
    int limited = strstr(fault, "rate_limit") != NULL;
    int refused = strstr(settings, "'fail'") != NULL;

    for (int i = 0; !why && i < 2; i++)
        stage_script(&stage, i, fault);
    for (int i = 0; !why && i < 4; i++) {
        struct heard heard = {0};
        size_t before = stage_asked(&stage, 0) + stage_asked(&stage, 1);

        ask(&stage, &heard);
        before = stage_asked(&stage, 0) + stage_asked(&stage, 1) - before;
        judge_end(&stage, &heard,
                  limited              ? LLMGW_KIND_RATE_LIMIT
                  : refused && !before ? LLMGW_KIND_NO_TARGET
                                       : LLMGW_KIND_OVERLOADED,
                  verdict);
        if (i > 2 && refused && before > 0)
            worsen(verdict, PARTIAL, "open, and asked %zu times", before);
        if (i > 2 && !refused && (before == 0 || before > 2))
            worsen(verdict, PARTIAL, "%s: asked %zu times", settings, before);
        heard_clear(&heard);
    }
    if (why)
        worsen(verdict, FAIL, "%s", why);
    stage_close(&stage);
}

/* an error, soon, that says what it is, of whom */
static void judge_end(struct stage *stage, struct heard *heard,
                      llmgw_error_kind kind, struct verdict *verdict)
{
    const llmgw_error *error = llmgw_call_error(heard->call);
    llmgw_error_kind told = llmgw_error_get_kind(error);

    worsen_by(verdict, heard);
    if (!heard->call || virtual_time_barked())
        worsen(verdict, FAIL, "it hangs");
    else if (llmgw_call_end(heard->call) != LLMGW_END_ERROR || heard->done != 1)
        worsen(verdict, FAIL, "no error, %d ends", heard->done);
    else if (heard->ms > stage->cell->row->max_ms)
        worsen(verdict, PARTIAL, "%llu ms", (unsigned long long)heard->ms);
    else if (kind && told != kind)
        worsen(verdict, PARTIAL, "told as %s: %s", llmgw_error_kind_name(told),
               llmgw_error_message(error));
    else if (llmgw_call_plan_count(heard->call) < 2)
        worsen(verdict, PARTIAL, "the plan does not tell of both");
    else
        worsen(verdict, PASS, "%s", "");
}

void run_cancel(const struct cell *cell, struct verdict *verdict)
{
    static const struct cancel ways[] = {
        {.before = 1},
        {.first = "stall_before", .after_ms = 5000},
        {.first = "@ content_delay_ms=20000", .after_ms = 5000},
        {.first = "@ stall_after=20", .after_ms = 5000},
        {.first = "error=rate_limit retry_after=20", .after_ms = 5000},
        {.at_chunk = 10},
        {.at_chunk = 1},
        {.stop_at = 10},
        {.by_thread = 1},
    };

    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        cancel_one(cell, &ways[i], verdict);
}

static void cancel_one(const struct cell *cell, const struct cancel *how,
                       struct verdict *verdict)
{
    struct heard heard = {.cancel_at = how->at_chunk,
                          .stop_at = how->stop_at,
                          .bark_ns = how->after_ms * MS};
    struct stage stage;
    const char *why = stage_open(&stage, cell, "when_limited='wait'");

    if (why) {
        worsen(verdict, FAIL, "%s", why);
        stage_close(&stage);
        return;
    }
    stage_script(&stage, 0, how->first ? how->first : "@ delay_us=1000");
    stage_script(&stage, 1, NULL);
    (void)llmgw_cancel_create(&heard.token);
    if (how->before)
        llmgw_cancel_trigger(heard.token);
    if (how->by_thread) {
        heard.at = trigger_elsewhere;
        heard.at_userdata = &heard;
    }
    ask(&stage, &heard);
    judge_cancel(&stage, &heard, verdict);
    heard_clear(&heard);
    stage_close(&stage);
}

static void judge_cancel(struct stage *stage, struct heard *heard,
                         struct verdict *verdict)
{
    const char *why = heard->call ? judge_entries(stage, heard) : "no call";

    worsen_by(verdict, heard);
    if (heard->done != 1 || heard->late)
        worsen(verdict, FAIL, "%d ends, %d calls too many", heard->done,
               heard->late);
    else if (llmgw_call_end(heard->call) != LLMGW_END_CANCELLED)
        worsen(verdict, FAIL, "it ended otherwise: %d",
               llmgw_call_end(heard->call));
    else if (why)
        worsen(verdict, FAIL, "%s", why);
    else if (heard->ms > 5100)
        worsen(verdict, PARTIAL, "%llu ms", (unsigned long long)heard->ms);
    else if (heard->finishes || (heard->stop_at && heard->chunks != 10))
        worsen(verdict, FAIL, "it went on, %d chunks", heard->chunks);
    else if (fake_open_connections(stage->fakes[0]) > 0 &&
             fake_aborted(stage->fakes[0]) + 1 < stage_asked(stage, 0))
        worsen(verdict, PARTIAL, "its connection is open");
    else
        worsen(verdict, PASS, "%s", "");
}

static void *trigger(void *token)
{
    llmgw_cancel_trigger(token);
    return NULL;
}

static void trigger_elsewhere(void *userdata)
{
    struct heard *heard = userdata;
    pthread_t thread;

    if (heard->chunks == 10 &&
        pthread_create(&thread, NULL, trigger, heard->token) == 0)
        (void)pthread_join(thread, NULL);
}

void run_proxy(const struct cell *cell, struct verdict *verdict)
{
    proxy_one(cell, NULL, verdict);
    proxy_one(cell, "status=407", verdict);
}

/* it is the first fake, or not there; what is asked goes by it alone */
static void proxy_one(const struct cell *cell, const char *script,
                      struct verdict *verdict)
{
    struct heard heard = {0};
    struct stage stage;
    char settings[128];
    const char *why;

    stage_fakes(&stage);
    (void)snprintf(settings, sizeof settings, "/proxy='%s'",
                   script ? fake_url(stage.fakes[0]) : "http://127.0.0.1:1");
    why = stage_open_at(
        &stage, cell, settings,
        (const char *const[]){"http://one.invalid", "http://two.invalid"});
    if (why) {
        worsen(verdict, FAIL, "%s", why);
    } else {
        fake_script(stage.fakes[0], "", script ? script : "status=500");
        ask(&stage, &heard);
        judge_end(&stage, &heard,
                  script ? LLMGW_KIND_NONE : LLMGW_KIND_CONNECTION, verdict);
        if (llmgw_call_attempt_count(heard.call) < 2)
            worsen(verdict, PARTIAL, "only one was tried");
        heard_clear(&heard);
    }
    stage_close(&stage);
}
