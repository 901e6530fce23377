/*
 * provider/gemini_model.c - what a model's name tells about what it takes.
 *
 * The number after "gemini-" is the generation. Names without one
 * (gemini-flash-latest) are the vendor's aliases for the newest and count as
 * that. Source: Google's model pages and SDKs, 2026-11. Memory: none.
 */
#include "gemini.h"

static void read_collection(struct llmgw__gemini_model *model);
static uint16_t version_of(llmgw_str id);
static unsigned digits(const char **at, const char *end);
static bool contains(llmgw_str id, const char *word);
static uint8_t levels_of(const struct llmgw__gemini_model *model);

enum {
    VERSION_NEWEST = UINT16_MAX
};

void llmgw__gemini_model_read(struct llmgw__gemini_model *model,
                              const char *name)
{
    bool speech;

    *model = (struct llmgw__gemini_model){.id = llmgw__str(name)};
    read_collection(model);
    model->gemma = llmgw__str_starts(model->id, "gemma");
    model->version = model->gemma ? 0 : version_of(model->id);
    model->pro = contains(model->id, "-pro");
    model->image = contains(model->id, "-image");
    speech = contains(model->id, "-tts");
    model->thinks = model->version >= LLMGW__GEMINI_2_5 && !speech &&
                    !(model->image && model->version < LLMGW__GEMINI_3);
    model->no_prefill =
        model->version >= 306 ||
        (model->version == 305 && contains(model->id, "-flash-lite"));
    model->levels = levels_of(model);
}

/* "models/x" and "x" are the same; tuned models stand elsewhere. */
static void read_collection(struct llmgw__gemini_model *model)
{
    static const struct {
        const char *prefix;
        bool tuned;
    } collections[] = {
        {"models/", false},
        {"tunedModels/", true},
        {"endpoints/", true},
        {"publishers/google/models/", false},
    };

    for (size_t i = 0; i < sizeof collections / sizeof *collections; i++)
        if (llmgw__str_starts(model->id, collections[i].prefix)) {
            size_t len = strlen(collections[i].prefix);

            model->id.data += len;
            model->id.len -= len;
            model->tuned = collections[i].tuned;
            return;
        }
}

static uint16_t version_of(llmgw_str id)
{
    const char *end = id.data + id.len;
    const char *at = id.data + strlen("gemini-");
    unsigned major, minor = 0;

    if (!llmgw__str_starts(id, "gemini-") || at == end || *at < '0' ||
        *at > '9')
        return VERSION_NEWEST;
    major = digits(&at, end);
    if (at < end && *at == '.') {
        at++;
        minor = digits(&at, end);
    }
    return (uint16_t)(major * 100 + minor);
}

/* At most two: more are a date, and no version has as many. */
static unsigned digits(const char **at, const char *end)
{
    unsigned value = 0;

    for (int i = 0; i < 2 && *at < end && **at >= '0' && **at <= '9'; i++)
        value = value * 10 + (unsigned)(*(*at)++ - '0');
    return value;
}

static bool contains(llmgw_str id, const char *word)
{
    return llmgw__str_find(id, llmgw__str(word)) != SIZE_MAX;
}

/* First row that fits. */
static uint8_t levels_of(const struct llmgw__gemini_model *model)
{
    enum {
        LOW_HIGH = LLMGW__GEMINI_LOW | LLMGW__GEMINI_HIGH,
        THREE = LOW_HIGH | LLMGW__GEMINI_MEDIUM,
        FOUR = THREE | LLMGW__GEMINI_MINIMAL
    };
    static const struct {
        uint16_t from, to;
        const char *word;
        uint8_t levels;
    } rows[] = {
        {300, 300, "-pro", LOW_HIGH},
        {300, 399, "-image", LLMGW__GEMINI_MINIMAL | LLMGW__GEMINI_HIGH},
        {300, 399, "-flash-lite", FOUR},
        {300, 306, "-flash", FOUR},
        {300, VERSION_NEWEST, "", THREE},
    };

    if (!model->thinks)
        return 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (model->version >= rows[i].from && model->version <= rows[i].to &&
            contains(model->id, rows[i].word))
            return rows[i].levels;
    return 0;
}
