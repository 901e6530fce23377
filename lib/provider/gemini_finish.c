/*
 * provider/gemini_finish.c - how an answer ends: finish reasons and failures.
 *
 * STOP also ends answers that call tools. Some reasons say that the model
 * botched its output: those are failures, another sample may do better.
 * Source: Google's SDK types (FinishReason), recorded answers.
 */
#include <stdio.h>

#include "gemini_reading.h"

struct ending_row {
    const char *name;
    const char *number; /* where all surfaces agree on one */
    uint8_t ending;
};

static const struct ending_row endings[] = {
    /* clang-format off */
    {"STOP",                      "1",  LLMGW__GEMINI_STOPPED},
    {"MAX_TOKENS",                "2",  LLMGW__GEMINI_CUT},
    {"CONTINUATION",              NULL, LLMGW__GEMINI_CONTINUES},
    {"SAFETY",                    "3",  LLMGW__GEMINI_FILTERED},
    {"RECITATION",                "4",  LLMGW__GEMINI_FILTERED},
    {"LANGUAGE",                  NULL, LLMGW__GEMINI_FILTERED},
    {"BLOCKLIST",                 NULL, LLMGW__GEMINI_FILTERED},
    {"PROHIBITED_CONTENT",        NULL, LLMGW__GEMINI_FILTERED},
    {"SPII",                      NULL, LLMGW__GEMINI_FILTERED},
    {"IMAGE_SAFETY",              NULL, LLMGW__GEMINI_FILTERED},
    {"IMAGE_PROHIBITED_CONTENT",  NULL, LLMGW__GEMINI_FILTERED},
    {"IMAGE_RECITATION",          NULL, LLMGW__GEMINI_FILTERED},
    {"MODEL_ARMOR",               NULL, LLMGW__GEMINI_FILTERED},
    {"MALFORMED_FUNCTION_CALL",   NULL, LLMGW__GEMINI_BOTCHED},
    {"TOO_MANY_TOOL_CALLS",       NULL, LLMGW__GEMINI_BOTCHED},
    {"NO_IMAGE",                  NULL, LLMGW__GEMINI_BOTCHED},
    {"IMAGE_OTHER",               NULL, LLMGW__GEMINI_BOTCHED},
    {"UNEXPECTED_TOOL_CALL",      NULL, LLMGW__GEMINI_UNASKED},
    {"OTHER",                     "5",  LLMGW__GEMINI_UNCLEAR},
    {"FINISH_REASON_UNSPECIFIED", "0",  LLMGW__GEMINI_UNCLEAR},
    /* clang-format on */
};

static void set_native(struct llmgw__gemini_choice *choice, llmgw_str name);
static void set_message(struct llmgw__error *error,
                        const struct llmgw__gemini_choice *choice,
                        struct llmgw__arena *scratch);

void llmgw__gemini_ended(struct llmgw__gemini_choice *choice, llmgw_str reason)
{
    if (choice->ending != LLMGW__GEMINI_OPEN)
        return;
    choice->ending = LLMGW__GEMINI_UNCLEAR;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        const struct ending_row *row = &endings[i];

        if (llmgw__str_is(reason, row->name) ||
            (row->number && llmgw__str_is(reason, row->number))) {
            choice->ending = row->ending;
            reason = llmgw__str(row->name);
            break;
        }
    }
    set_native(choice, reason);
}

void llmgw__gemini_blocked(struct llmgw__gemini_choice *choice,
                           llmgw_str reason)
{
    if (choice->ending != LLMGW__GEMINI_OPEN)
        return;
    choice->ending = LLMGW__GEMINI_FILTERED;
    set_native(choice, reason);
}

llmgw_finish_reason
llmgw__gemini_finish_of(const struct llmgw__gemini_choice *choice)
{
    bool calls = choice->calls > 0;

    switch ((enum llmgw__gemini_ending)choice->ending) {
    case LLMGW__GEMINI_STOPPED:
        if (!choice->any)
            return LLMGW_FINISH_NONE; /* now and then nothing comes at all */
        return calls ? LLMGW_FINISH_TOOL_CALLS : LLMGW_FINISH_STOP;
    case LLMGW__GEMINI_CUT:
    case LLMGW__GEMINI_CONTINUES: /* not followed */
        return LLMGW_FINISH_LENGTH;
    case LLMGW__GEMINI_FILTERED:
        return LLMGW_FINISH_CONTENT_FILTER;
    case LLMGW__GEMINI_UNASKED:
        return calls ? LLMGW_FINISH_TOOL_CALLS : LLMGW_FINISH_NONE;
    case LLMGW__GEMINI_UNCLEAR:
        if (!choice->visible)
            return LLMGW_FINISH_NONE;
        return calls ? LLMGW_FINISH_TOOL_CALLS : LLMGW_FINISH_STOP;
    case LLMGW__GEMINI_OPEN:
    case LLMGW__GEMINI_BOTCHED:
        break;
    }
    return LLMGW_FINISH_NONE;
}

llmgw_status llmgw__gemini_fail(struct llmgw__gemini_decoder *decoder,
                                const struct llmgw__decode *decode,
                                const struct llmgw__gemini_choice *choice)
{
    struct llmgw__error error;
    struct llmgw__chunk chunk = {
        .kind = LLMGW__CHUNK_ERROR, .choice = choice->index, .error = &error};

    if (decoder->failed)
        return LLMGW_OK;
    decoder->failed = true;
    llmgw__error_clear(&error);
    set_message(&error, choice, decode->scratch);
    llmgw__error_copy(error.raw_code, sizeof error.raw_code,
                      llmgw__str(choice->native));
    if (decode->head)
        error.upstream_status = decode->head->status;
    return decode->emit(decode->userdata, &chunk);
}

/* The provider's words, else what can be said of it. */
static void set_message(struct llmgw__error *error,
                        const struct llmgw__gemini_choice *choice,
                        struct llmgw__arena *scratch)
{
    struct llmgw__jstr raw = llmgw__gemini_kept(&choice->message, true);
    llmgw_str text = {NULL, 0};
    char own[96];

    if (raw.len > 0 && llmgw__jstr_text(raw, scratch, &text) == LLMGW_OK) {
        llmgw__error_set(error, LLMGW_KIND_MODEL_OUTPUT_INVALID, text);
        return;
    }
    (void)snprintf(own, sizeof own, "%s with finishReason %s",
                   choice->any ? "the answer ended" : "the answer is empty",
                   choice->native);
    llmgw__error_setz(error, LLMGW_KIND_MODEL_OUTPUT_INVALID, own);
}

/* Cut where it does not fit: all known ones do. */
static void set_native(struct llmgw__gemini_choice *choice, llmgw_str name)
{
    size_t len =
        name.len < sizeof choice->native ? name.len : sizeof choice->native - 1;

    if (len > 0)
        memcpy(choice->native, name.data, len);
    choice->native[len] = '\0';
}
