/*
 * report_main.c - reports over entries made up here, to be reckoned again by
 * another (report_check.py).
 *
 *     llmgw-report entries
 *     llmgw-report csv|json GROUP STEP ZONE [TAG]    GROUP, STEP: numbers
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <llmgw/llmgw.h>

#include "account/entry.h"

#define COUNT 1500
#define HOUR  INT64_C(3600000000000)

static uint32_t turn = 2026;

static uint32_t draw(uint32_t below)
{
    turn = turn * 1664525 + 1013904223;
    return (turn >> 8) % below;
}

static const char *const providers[] = {"plain", "a,b", "say \"x\"", " lead",
                                        "l\xc3\xad\nne"};
static const char *const models[] = {"m", "=1+1", "vendor/m"};
static const char *const tags[] = {"", "team=x", "team=y,env=z", "env=z,env=z",
                                   "teams=x,team=\xc3\xa9t\xc3\xa9"};
static const char *const keys[] = {"", "k#1", "k#2"};

/** Around both changes of summer time, and by chance across the year. */
static int64_t draw_time(int i)
{
    static const int64_t from_h[] = {493320, 498360, 491000}; /* since 1970 */
    int64_t within_h = i % 3 == 2 ? 10000 : 96;

    return (from_h[i % 3] + draw((uint32_t)within_h)) * HOUR + draw(3600000);
}

static void draw_entry(int i, struct llmgw_entry *entry)
{
    memset(entry, 0, sizeof *entry);
    llmgw__usage_init(&entry->usage);
    entry->writer = 1;
    entry->id = (uint64_t)i + 1;
    entry->started_ns = draw_time(i);
    entry->state = (llmgw_entry_state)draw(4) + 1;
    entry->text[LLMGW__ENTRY_PROVIDER] = llmgw__str(providers[draw(5)]);
    entry->text[LLMGW__ENTRY_MODEL] = llmgw__str(models[draw(3)]);
    entry->text[LLMGW__ENTRY_ROUTE] = llmgw__str("r");
    entry->text[LLMGW__ENTRY_TAGS] = llmgw__str(tags[draw(5)]);
    entry->text[LLMGW__ENTRY_KEY] = llmgw__str(keys[draw(3)]);
    if (entry->state == LLMGW_ENTRY_OPEN)
        return;
    entry->settled_ns = entry->started_ns + 1;
    entry->has_usage = true;
    llmgw__usage_set(&entry->usage, LLMGW__INPUT_UNCACHED,
                     i < 9 ? INT64_C(9007199254740995) : draw(100000));
    llmgw__usage_set(&entry->usage, LLMGW__OUTPUT_TEXT, draw(10000));
    entry->usage.estimated = draw(5) == 0;
    if (draw(7) == 0)
        return;
    entry->cost.known = entry->delivered.known = true;
    entry->cost.pico = (int64_t)draw(1u << 24) * 1000000007;
    entry->delivered.pico = draw(2) ? entry->cost.pico : entry->cost.pico / 3;
    if (draw(6) == 0)
        entry->usage.provider_cost_pico = entry->cost.pico + draw(1000);
}

static void submit(llmgw_store_op *op, void *userdata)
{
    llmgw_status status = LLMGW_E_UNSUPPORTED;

    (void)userdata;
    if (llmgw_store_op_get_kind(op) == LLMGW_STORE_READ) {
        turn = 2026;
        status = LLMGW_OK;
        for (int i = 0; i < COUNT; i++) {
            struct llmgw_entry entry;

            draw_entry(i, &entry);
            if (llmgw_store_op_row(op, &entry))
                break;
        }
    }
    llmgw_store_complete(op, status);
}

static void print_text(const char *name, llmgw_str text)
{
    printf(",\"%s\":\"", name);
    for (size_t i = 0; i < text.len; i++)
        printf("\\u%04x", (unsigned char)text.data[i]); /* bytes */
    printf("\"");
}

static void print_money(const char *name, int32_t known, int64_t pico)
{
    if (known)
        printf(",\"%s\":%" PRId64, name, pico);
    else
        printf(",\"%s\":null", name);
}

static int32_t print_entry(const llmgw_entry *entry, void *userdata)
{
    int64_t billed = 0;
    int64_t delivered = 0;
    int32_t is_billed = llmgw_entry_billed(entry, &billed);
    int32_t is_delivered = llmgw_entry_delivered(entry, &delivered);

    (void)userdata;
    printf("{\"ns\":%" PRId64 ",\"state\":%d,\"estimated\":%d",
           llmgw_entry_started_ns(entry), (int)llmgw_entry_get_state(entry),
           (int)llmgw_entry_estimated(entry));
    print_text("provider", llmgw_entry_provider(entry));
    print_text("model", llmgw_entry_model(entry));
    print_text("route", llmgw_entry_route(entry));
    print_text("tags", llmgw_entry_tags(entry));
    print_text("key", llmgw_entry_key(entry));
    print_money("billed", is_billed, billed);
    print_money("delivered", is_delivered, delivered);
    printf(",\"prompt\":%" PRId64 ",\"completion\":%" PRId64 "}\n",
           entry->has_usage ? llmgw__usage_prompt(&entry->usage) : 0,
           entry->has_usage ? llmgw__usage_completion(&entry->usage) : 0);
    return 0;
}

static int32_t print(const char *data, size_t len, void *userdata)
{
    (void)userdata;
    return fwrite(data, 1, len, stdout) != len;
}

static llmgw_status print_report(llmgw_gateway *gateway, int argc, char **argv)
{
    llmgw_report_options options = LLMGW_REPORT_OPTIONS_INIT;

    if (argc < 5)
        return LLMGW_E_INVALID;
    options.group = (llmgw_ledger_group)strtol(argv[2], NULL, 10);
    options.step = (llmgw_report_step)strtol(argv[3], NULL, 10);
    options.time_zone = argv[4];
    options.tag_name = argc > 5 ? argv[5] : NULL;
    if (!strcmp(argv[1], "csv"))
        return llmgw_ledger_report_csv(gateway, &options, print, NULL);
    return llmgw_ledger_report_json(gateway, &options, print, NULL);
}

int main(int argc, char **argv)
{
    const llmgw_store store = {.size = sizeof store, .submit = submit};
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    llmgw_gateway *gateway;
    llmgw_status status;

    options.store = &store;
    options.config_json = llmgw_str_of("{\"providers\": {}}");
    status = llmgw_gateway_open(&options, &gateway, NULL);
    if (status == LLMGW_OK) {
        if (argc > 1 && !strcmp(argv[1], "entries"))
            status = llmgw_ledger_read(gateway, NULL, print_entry, NULL);
        else
            status = print_report(gateway, argc, argv);
        llmgw_gateway_close(gateway);
    }
    if (status != LLMGW_OK)
        fprintf(stderr, "%s\n", llmgw_status_text(status));
    return status == LLMGW_OK ? 0 : 1;
}
