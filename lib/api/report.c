/*
 * api/report.c - totals and time series of the ledger: rows, CSV, JSON.
 *
 * Source: RFC 4180 (CSV), RFC 8259 (JSON).
 * Memory: the rows of a report, and one of them as text.
 */
#include "account/report.h"

#include <llmgw/ledger.h>

#include "base/arena.h"
#include "base/jsonwrite.h"
#include "base/zone.h"
#include "gateway.h"

#define USUAL_ROWS 1000000
#define JSON_EXACT (INT64_C(1) << 53) /* readers have doubles */

static llmgw_status make_report(llmgw_gateway *gateway,
                                const llmgw_report_options *options,
                                llmgw_report_fn fn, void *userdata);

llmgw_status llmgw_ledger_report(llmgw_gateway *gateway,
                                 const llmgw_report_options *options,
                                 llmgw_report_fn fn, void *userdata)
{
    llmgw_report_options taken = LLMGW_REPORT_OPTIONS_INIT;
    llmgw_status status;

    if (!gateway || !fn)
        return LLMGW_E_INVALID;
    status = llmgw__take_options(&taken, sizeof taken, options);
    if (status == LLMGW_OK)
        status = make_report(gateway, &taken, fn, userdata);
    return status;
}

static llmgw_status make_report(llmgw_gateway *gateway,
                                const llmgw_report_options *options,
                                llmgw_report_fn fn, void *userdata)
{
    llmgw_ledger_filter filter = LLMGW_LEDGER_FILTER_INIT;
    struct llmgw__report report = {
        .group = options->group,
        .step = options->step,
        .tag_name = options->tag_name,
        .filter = &filter,
        .max_rows = options->max_rows ? options->max_rows : USUAL_ROWS,
        .now_ns = llmgw__core_wall_ns(&gateway->core),
    };
    struct llmgw__arena arena;
    llmgw_status status;

    if (report.group < LLMGW_GROUP_ALL || report.group > LLMGW_GROUP_STATE ||
        report.step < LLMGW_STEP_NONE || report.step > LLMGW_STEP_MONTH)
        return LLMGW_E_INVALID;
    status = llmgw__take_options(&filter, sizeof filter, options->filter);
    if (status != LLMGW_OK)
        return status;
    llmgw__arena_init(&arena, 0, 0);
    if (options->time_zone)
        status = llmgw__zone_make(options->time_zone, &arena, &report.zone);
    if (status == LLMGW_OK)
        status =
            llmgw__ledger_report(&gateway->core.ledger, &report, fn, userdata);
    llmgw__arena_clear(&arena);
    return status;
}

/* --- totals: a report without a series --- */

struct totals {
    llmgw_total_fn fn;
    void *userdata;
};

static int32_t tell_total(const llmgw_report_row *row, void *userdata)
{
    const struct totals *totals = userdata;

    return totals->fn(row->total, totals->userdata);
}

llmgw_status llmgw_ledger_totals(llmgw_gateway *gateway,
                                 llmgw_ledger_group group,
                                 const llmgw_ledger_filter *filter,
                                 llmgw_total_fn fn, void *userdata)
{
    llmgw_report_options options = LLMGW_REPORT_OPTIONS_INIT;
    struct totals totals = {fn, userdata};

    if (!gateway || !fn)
        return LLMGW_E_INVALID;
    options.group = group;
    options.filter = filter;
    options.max_rows = UINT32_MAX;
    return make_report(gateway, &options, tell_total, &totals);
}

/* --- as text --- */

/** A text in the making: one row at a time. */
struct writing {
    llmgw_write_fn write;
    void *userdata;
    struct llmgw__buf buf;
    struct llmgw__buf scratch;
    struct llmgw__jsonw json; /* into buf */
    llmgw_status status;
    bool ended; /* the host wants no more */
};

enum kind {
    COLUMN_TIME,
    COLUMN_KEY,
    COLUMN_COUNT,
    COLUMN_MONEY
};

static const struct column {
    const char *name;
    uint8_t kind;
    uint8_t offset; /* in the row (times), else in its total */
} columns[] = {
    /* clang-format off */
    {"begin",             COLUMN_TIME,  offsetof(llmgw_report_row, begin)},
    {"end",               COLUMN_TIME,  offsetof(llmgw_report_row, end)},
    {"key",               COLUMN_KEY,   offsetof(llmgw_total, key)},
    {"entries",           COLUMN_COUNT, offsetof(llmgw_total, entries)},
    {"open",              COLUMN_COUNT, offsetof(llmgw_total, open)},
    {"failed",            COLUMN_COUNT, offsetof(llmgw_total, failed)},
    {"unpriced",          COLUMN_COUNT, offsetof(llmgw_total, unpriced)},
    {"estimated",         COLUMN_COUNT, offsetof(llmgw_total, estimated)},
    {"prompt_tokens",     COLUMN_COUNT, offsetof(llmgw_total, prompt_tokens)},
    {"completion_tokens", COLUMN_COUNT,
                                 offsetof(llmgw_total, completion_tokens)},
    {"billed_usd",        COLUMN_MONEY, offsetof(llmgw_total, cost)},
    {"delivered_usd",     COLUMN_MONEY, offsetof(llmgw_total, delivered)},
    /* clang-format on */
};

#define COLUMNS (sizeof columns / sizeof *columns)

static const void *cell_of(const llmgw_report_row *row,
                           const struct column *column)
{
    const void *whole = column->kind == COLUMN_TIME ? (const void *)row
                                                    : (const void *)row->total;

    return (const char *)whole + column->offset;
}

/** Hand over what there is. @return not 0: no more is wanted, or possible */
static int32_t flush(struct writing *writing)
{
    struct llmgw__buf *buf = &writing->buf;

    if (writing->status == LLMGW_OK)
        writing->status = buf->status;
    if (writing->status != LLMGW_OK || writing->ended)
        return 1;
    writing->ended = writing->write(buf->data, buf->len, writing->userdata);
    llmgw__buf_reset(buf);
    return writing->ended;
}

/** Keys may be what a host took for UTF-8. */
static llmgw_str in_utf8(struct writing *writing, llmgw_str text)
{
    struct llmgw__utf8_join join = {{0}, 0};
    llmgw_str out = text;

    if (llmgw__utf8_valid(text) == text.len)
        return text;
    writing->status = llmgw__utf8_push(&join, text, &writing->scratch, &out);
    return out;
}

static void add_csv_text(struct llmgw__buf *buf, llmgw_str text)
{
    bool quoted = false;

    for (size_t i = 0; i < text.len; i++)
        quoted |= strchr("\",\r\n ", text.data[i]) != NULL;
    if (quoted)
        llmgw__buf_add_char(buf, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '"')
            llmgw__buf_add_char(buf, '"');
        llmgw__buf_add_char(buf, text.data[i]);
    }
    if (quoted)
        llmgw__buf_add_char(buf, '"');
}

static int32_t write_csv_row(const llmgw_report_row *row, void *userdata)
{
    struct writing *writing = userdata;
    struct llmgw__buf *buf = &writing->buf;

    for (size_t i = 0; i < COLUMNS; i++) {
        const void *cell = cell_of(row, &columns[i]);
        char money[LLMGW_MONEY_TEXT];

        if (i > 0)
            llmgw__buf_add_char(buf, ',');
        if (columns[i].kind == COLUMN_COUNT)
            llmgw__buf_add_int(buf, *(const int64_t *)cell);
        else if (columns[i].kind == COLUMN_MONEY)
            llmgw__buf_add_z(buf, llmgw_money_text(cell, money));
        else
            add_csv_text(buf, in_utf8(writing, *(const llmgw_str *)cell));
    }
    llmgw__buf_add_z(buf, "\r\n");
    return flush(writing);
}

static void add_json_count(struct llmgw__jsonw *json, int64_t count)
{
    bool exact = count >= -JSON_EXACT && count <= JSON_EXACT;

    if (exact) {
        llmgw__jsonw_int(json, count);
        return;
    }
    llmgw__jsonw_str_open(json);
    llmgw__buf_add_int(json->buf, count);
    llmgw__jsonw_str_close(json);
}

static int32_t write_json_row(const llmgw_report_row *row, void *userdata)
{
    struct writing *writing = userdata;
    struct llmgw__jsonw *json = &writing->json;

    llmgw__jsonw_open(json, '{');
    for (size_t i = 0; i < COLUMNS; i++) {
        const void *cell = cell_of(row, &columns[i]);
        char money[LLMGW_MONEY_TEXT];

        llmgw__jsonw_key(json, columns[i].name);
        if (columns[i].kind == COLUMN_COUNT)
            add_json_count(json, *(const int64_t *)cell);
        else if (columns[i].kind == COLUMN_MONEY)
            llmgw__jsonw_z(json, llmgw_money_text(cell, money));
        else if (columns[i].kind == COLUMN_TIME && !row->end_ns)
            llmgw__jsonw_null(json);
        else
            llmgw__jsonw_str(json, in_utf8(writing, *(const llmgw_str *)cell));
    }
    llmgw__jsonw_close(json, '}');
    return flush(writing);
}

static void begin_csv(struct writing *writing)
{
    for (size_t i = 0; i < COLUMNS; i++) {
        llmgw__buf_add_z(&writing->buf, i > 0 ? "," : "");
        llmgw__buf_add_z(&writing->buf, columns[i].name);
    }
    llmgw__buf_add_z(&writing->buf, "\r\n");
}

static llmgw_status write_report(llmgw_gateway *gateway,
                                 const llmgw_report_options *options,
                                 struct writing *writing, bool json)
{
    llmgw_status status;

    if (!writing->write)
        return LLMGW_E_INVALID;
    llmgw__buf_init(&writing->buf, 0);
    llmgw__buf_init(&writing->scratch, 0);
    llmgw__jsonw_init(&writing->json, &writing->buf);
    if (json)
        llmgw__jsonw_open(&writing->json, '[');
    else
        begin_csv(writing);
    status = llmgw_ledger_report(
        gateway, options, json ? write_json_row : write_csv_row, writing);
    if (status == LLMGW_OK && json)
        llmgw__jsonw_close(&writing->json, ']');
    if (status == LLMGW_OK)
        (void)flush(writing);
    llmgw__buf_clear(&writing->buf);
    llmgw__buf_clear(&writing->scratch);
    return status == LLMGW_OK ? writing->status : status;
}

llmgw_status llmgw_ledger_report_csv(llmgw_gateway *gateway,
                                     const llmgw_report_options *options,
                                     llmgw_write_fn write, void *userdata)
{
    struct writing writing = {.write = write, .userdata = userdata};

    return write_report(gateway, options, &writing, false);
}

llmgw_status llmgw_ledger_report_json(llmgw_gateway *gateway,
                                      const llmgw_report_options *options,
                                      llmgw_write_fn write, void *userdata)
{
    struct writing writing = {.write = write, .userdata = userdata};

    return write_report(gateway, options, &writing, true);
}
