/*
 * tools/wire_render.c - errors and ledger entries as JSON, in the words of the
 * goldens.
 */
#include "account/entry.h"
#include "wire_tool.h"

static int32_t add_entry(const llmgw_entry *entry, void *userdata);
static cJSON *raw_tree(const struct llmgw__usage *usage);
static int32_t add_usage(const llmgw_entry *entry, void *userdata);

static void add_text(cJSON *object, const char *name, const char *text)
{
    if (*text)
        cJSON_AddStringToObject(object, name, text);
    else
        cJSON_AddNullToObject(object, name);
}

cJSON *wire_error_tree(const struct llmgw__error *error)
{
    cJSON *tree = cJSON_CreateObject();

    cJSON_AddStringToObject(tree, "kind", llmgw_error_kind_name(error->kind));
    cJSON_AddStringToObject(tree, "type", llmgw__error_type(error->kind));
    cJSON_AddStringToObject(tree, "code", error->code);
    add_text(tree, "param", error->param);
    cJSON_AddStringToObject(tree, "message", error->message);
    cJSON_AddNumberToObject(tree, "http_status", error->http_status);
    cJSON_AddBoolToObject(tree, "retryable", error->retryable);
    cJSON_AddBoolToObject(tree, "failover", error->failover);
    if (error->retry_after_ms >= 0)
        cJSON_AddNumberToObject(tree, "retry_after_ms",
                                (double)error->retry_after_ms);
    else
        cJSON_AddNullToObject(tree, "retry_after_ms");
    cJSON_AddBoolToObject(tree, "breaker", error->breaker);
    cJSON_AddBoolToObject(tree, "rotate_key", error->rotate_key);
    if (error->partial_output)
        cJSON_AddTrueToObject(tree, "partial_output");
    cJSON_AddNumberToObject(tree, "upstream_status", error->upstream_status);
    add_text(tree, "request_id", error->request_id);
    add_text(tree, "raw_type", error->raw_type);
    add_text(tree, "raw_code", error->raw_code);
    return tree;
}

cJSON *wire_entries(llmgw_gateway *gateway)
{
    cJSON *entries = cJSON_CreateArray();

    (void)llmgw_ledger_read(gateway, NULL, add_entry, entries);
    return entries;
}

bool wire_usage(llmgw_gateway *gateway, struct llmgw__usage *sum)
{
    llmgw__usage_init(sum);
    return llmgw_ledger_read(gateway, NULL, add_usage, sum) == LLMGW_OK &&
           sum->known;
}

static int32_t add_usage(const llmgw_entry *entry, void *userdata)
{
    struct llmgw__usage *sum = userdata;

    if (entry->has_usage && sum->requests == 0)
        *sum = entry->usage; /* how it was served, too */
    else if (entry->has_usage)
        llmgw__usage_add(sum, &entry->usage);
    return 0;
}

static int32_t add_entry(const llmgw_entry *entry, void *userdata)
{
    cJSON *entries = userdata;
    cJSON *tree = cJSON_CreateObject();
    cJSON *raw;
    int64_t charge;

    if (!entry->has_usage) {
        cJSON_AddNullToObject(tree, "usage");
    } else {
        cJSON_AddItemToObject(tree, "usage", wire_usage_tree(&entry->usage));
        raw = raw_tree(&entry->usage);
        if (cJSON_GetArraySize(raw))
            cJSON_AddItemToObject(tree, "usage_raw", raw);
        else
            cJSON_Delete(raw);
        if (entry->usage.estimated)
            cJSON_AddItemToObject(tree, "usage_estimated",
                                  wire_estimated_tree(&entry->usage));
    }
    if (llmgw_entry_provider_cost(entry, &charge))
        cJSON_AddNumberToObject(tree, "cost_provider_pico", (double)charge);
    cJSON_AddItemToArray(entries, tree);
    return 0;
}

cJSON *wire_usage_tree(const struct llmgw__usage *usage)
{
    cJSON *tree = cJSON_CreateObject();
    cJSON *tools = cJSON_CreateObject();

    for (int i = 0; i < LLMGW__USAGE_CLASSES; i++)
        if (usage->count[i])
            cJSON_AddNumberToObject(tree, llmgw__usage_class_name(i),
                                    (double)usage->count[i]);
    cJSON_AddNumberToObject(tree, "requests", (double)usage->requests);
    for (int i = 0; i < LLMGW__USAGE_TOOLS; i++)
        if (usage->tools[i] > 0)
            cJSON_AddNumberToObject(tools, llmgw__usage_tool_name(i),
                                    (double)usage->tools[i]);
    if (cJSON_GetArraySize(tools))
        cJSON_AddItemToObject(tree, "tool_calls", tools);
    else
        cJSON_Delete(tools);
    return tree;
}

/** What the provider stated beside the classes; what it did not is left
 *  out. */
static cJSON *raw_tree(const struct llmgw__usage *usage)
{
    cJSON *tree = cJSON_CreateObject();

    for (int i = 0; i < LLMGW__USAGE_RAWS; i++)
        if (usage->raw[i] > 0 ||
            (usage->raw_whole && i != LLMGW__RAW_TOOL_USE_PROMPT))
            cJSON_AddNumberToObject(tree, llmgw__usage_raw_name(i),
                                    (double)usage->raw[i]);
    return tree;
}

cJSON *wire_estimated_tree(const struct llmgw__usage *usage)
{
    cJSON *tree = cJSON_CreateArray();

    for (int i = 0; i < LLMGW__USAGE_CLASSES; i++)
        if (usage->estimated & 1u << i)
            cJSON_AddItemToArray(
                tree, cJSON_CreateString(llmgw__usage_class_name(i)));
    return tree;
}
