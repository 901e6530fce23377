/*
 * account/entry_text.c - an entry as one line of JSON, and back, exactly.
 *
 * What is 0, or not known, is left out; members that are not known are passed
 * over: a newer library may have written them. The price note stands in it as
 * it is.
 *
 * Memory: none that stays but the entry.
 */
#include <stddef.h>
#include <string.h>

#include "base/alloc.h"
#include "base/jsondoc.h"
#include "base/jsonwrite.h"
#include "entry.h"
#include "schema/error.h"

#define MAX_LINE (1u << 20)

static const char *const text_names[LLMGW__ENTRY_TEXTS] = {
    [LLMGW__ENTRY_CALL_ID] = "call_id", [LLMGW__ENTRY_PROVIDER] = "provider",
    [LLMGW__ENTRY_MODEL] = "model",     [LLMGW__ENTRY_ROUTE] = "route",
    [LLMGW__ENTRY_TAGS] = "tags",       [LLMGW__ENTRY_KEY] = "key",
    [LLMGW__ENTRY_WHY] = "why",
};

static const char *const state_names[] = {NULL, "open", "answered", "failed",
                                          "cancelled"};

/** A number of an entry; one of a usage likewise. */
struct number {
    const char *name;
    size_t offset;
    size_t width;
    int64_t usual; /* left out */
};

#define OF_ENTRY(name, member, usual)                        \
    {                                                        \
        name, offsetof(struct llmgw_entry, member),          \
            sizeof(((struct llmgw_entry *)0)->member), usual \
    }
#define OF_USAGE(name, member, usual)                         \
    {                                                         \
        name, offsetof(struct llmgw__usage, member),          \
            sizeof(((struct llmgw__usage *)0)->member), usual \
    }

static const struct number entry_numbers[] = {
    OF_ENTRY("writer", writer, 0),
    OF_ENTRY("id", id, 0),
    OF_ENTRY("attempt", attempt, 0),
    OF_ENTRY("started_ns", started_ns, 0),
    OF_ENTRY("settled_ns", settled_ns, 0),
    OF_ENTRY("expires_ns", expires_ns, 0),
    {NULL, 0, 0, 0},
};

static const struct number usage_numbers[] = {
    OF_USAGE("requests", requests, 0),
    OF_USAGE("known", known, 0),
    OF_USAGE("estimated", estimated, 0),
    OF_USAGE("accepted_prediction", accepted_prediction, -1),
    OF_USAGE("rejected_prediction", rejected_prediction, -1),
    OF_USAGE("provider_cost_pico", provider_cost_pico, -1),
    OF_USAGE("regional", regional, 0),
    OF_USAGE("raw_whole", raw_whole, 0),
    OF_USAGE("reported", reported, 0),
    OF_USAGE("clamped", clamped, 0),
    {NULL, 0, 0, 0},
};

/* Costs that may be unknown, by name. */
static const struct {
    const char *name;
    size_t offset;
} costs[] = {
    {"cost_pico", offsetof(struct llmgw_entry, cost)},
    {"delivered_pico", offsetof(struct llmgw_entry, delivered)},
    {"reserved_pico", offsetof(struct llmgw_entry, reserved)},
};

/* Counts with names of their own. */
static const struct {
    size_t offset;
    int count;
    const char *(*name)(int index);
} counts[] = {
    {offsetof(struct llmgw__usage, count), LLMGW__USAGE_CLASSES,
     llmgw__usage_class_name},
    {offsetof(struct llmgw__usage, tools), LLMGW__USAGE_TOOLS,
     llmgw__usage_tool_name},
    {offsetof(struct llmgw__usage, raw), LLMGW__USAGE_RAWS,
     llmgw__usage_raw_name},
};
static const char *const count_names[] = {"classes", "tools", "raw"};

/* --- write --- */

static int64_t get_number(const void *from, const struct number *number)
{
    const char *at = (const char *)from + number->offset;
    int64_t value = 0;
    uint32_t small;

    switch (number->width) {
    case 1:
        return *(const uint8_t *)at;
    case 4:
        memcpy(&small, at, sizeof small);
        return small;
    default:
        memcpy(&value, at, sizeof value);
        return value;
    }
}

static void write_numbers(struct llmgw__jsonw *w, const void *from,
                          const struct number *numbers)
{
    for (; numbers->name; numbers++) {
        int64_t value = get_number(from, numbers);

        if (value != numbers->usual)
            llmgw__jsonw_member_int(w, numbers->name, value);
    }
}

static void write_counts(struct llmgw__jsonw *w,
                         const struct llmgw__usage *usage, size_t group)
{
    bool begun = false;

    for (int i = 0; i < counts[group].count; i++) {
        int64_t count;

        memcpy(&count,
               (const char *)usage + counts[group].offset +
                   (size_t)i * sizeof count,
               sizeof count);
        if (!count)
            continue;
        if (!begun)
            llmgw__jsonw_member_open(w, count_names[group], '{');
        begun = true;
        llmgw__jsonw_member_int(w, counts[group].name(i), count);
    }
    if (begun)
        llmgw__jsonw_close(w, '}');
}

static void write_usage(struct llmgw__jsonw *w, const struct llmgw_entry *entry)
{
    const struct llmgw__usage *usage = &entry->usage;
    const char *tier = llmgw__service_tier_name(usage->service_tier);

    llmgw__jsonw_member_open(w, "usage", '{');
    llmgw__jsonw_member_bool(w, "has", entry->has_usage);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        write_counts(w, usage, i);
    if (tier)
        llmgw__jsonw_member_z(w, "service_tier", tier);
    write_numbers(w, usage, usage_numbers);
    llmgw__jsonw_close(w, '}');
}

void llmgw__entry_render(const struct llmgw_entry *entry,
                         struct llmgw__buf *out)
{
    struct llmgw__jsonw w;

    llmgw__jsonw_init(&w, out);
    llmgw__jsonw_open(&w, '{');
    write_numbers(&w, entry, entry_numbers);
    llmgw__jsonw_member_z(&w, "state", state_names[entry->state]);
    if (entry->error_kind)
        llmgw__jsonw_member_int(&w, "error_kind", entry->error_kind);
    for (int i = 0; i < LLMGW__ENTRY_TEXTS; i++)
        if (entry->text[i].len)
            llmgw__jsonw_member_str(&w, text_names[i], entry->text[i]);
    for (size_t i = 0; i < sizeof costs / sizeof *costs; i++) {
        struct llmgw__cost cost;

        memcpy(&cost, (const char *)entry + costs[i].offset, sizeof cost);
        if (cost.known)
            llmgw__jsonw_member_int(&w, costs[i].name, cost.pico);
    }
    write_usage(&w, entry);
    if (entry->note) {
        llmgw__jsonw_key(&w, "note");
        llmgw__jsonw_raw(&w, entry->note->text);
    }
    llmgw__jsonw_close(&w, '}');
}

/* --- read --- */

static void set_number(void *into, const struct number *number, int64_t value)
{
    char *at = (char *)into + number->offset;
    uint32_t small = (uint32_t)value;

    switch (number->width) {
    case 1:
        *(uint8_t *)at = value != 0;
        return;
    case 4:
        memcpy(at, &small, sizeof small);
        return;
    default:
        memcpy(at, &value, sizeof value);
        return;
    }
}

/** Absent: the usual. @return false: no whole number */
static bool read_numbers(const struct llmgw__jdoc *doc, uint32_t object,
                         const struct number *numbers, void *into)
{
    for (; numbers->name; numbers++) {
        uint32_t node = llmgw__jdoc_get(doc, object, numbers->name);
        int64_t value = numbers->usual;

        if (node != LLMGW__JNONE && !llmgw__jdoc_int64(doc, node, &value))
            return false;
        set_number(into, numbers, value);
    }
    return true;
}

static bool read_counts(const struct llmgw__jdoc *doc, uint32_t object,
                        size_t group, struct llmgw__usage *usage)
{
    uint32_t parent = llmgw__jdoc_get(doc, object, count_names[group]);

    if (parent == LLMGW__JNONE)
        return true;
    for (int i = 0; i < counts[group].count; i++) {
        uint32_t node = llmgw__jdoc_get(doc, parent, counts[group].name(i));
        int64_t count = 0;

        if (node != LLMGW__JNONE && !llmgw__jdoc_int64(doc, node, &count))
            return false;
        memcpy((char *)usage + counts[group].offset + (size_t)i * sizeof count,
               &count, sizeof count);
    }
    return true;
}

static bool read_usage(const struct llmgw__jdoc *doc, uint32_t root,
                       struct llmgw_entry *entry)
{
    uint32_t object = llmgw__jdoc_get(doc, root, "usage");
    struct llmgw__jstr tier;
    uint32_t node;

    llmgw__usage_init(&entry->usage);
    if (object == LLMGW__JNONE ||
        llmgw__jdoc_type(doc, object) != LLMGW__JSON_OBJECT)
        return object == LLMGW__JNONE;
    node = llmgw__jdoc_get(doc, object, "has");
    if (node != LLMGW__JNONE && !llmgw__jdoc_bool(doc, node, &entry->has_usage))
        return false;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        if (!read_counts(doc, object, i, &entry->usage))
            return false;
    tier = llmgw__jdoc_get_string(doc, object, "service_tier");
    entry->usage.service_tier =
        (uint8_t)llmgw__service_tier_of(llmgw__str_n(tier.data, tier.len));
    return read_numbers(doc, object, usage_numbers, &entry->usage);
}

static bool read_state(const struct llmgw__jdoc *doc, uint32_t root,
                       struct llmgw_entry *entry)
{
    struct llmgw__jstr word = llmgw__jdoc_get_string(doc, root, "state");
    uint32_t node = llmgw__jdoc_get(doc, root, "error_kind");
    int64_t kind = 0;

    for (int i = LLMGW_ENTRY_OPEN; i <= LLMGW_ENTRY_CANCELLED; i++)
        if (word.data && llmgw__jstr_is(word, state_names[i]))
            entry->state = i;
    if (node != LLMGW__JNONE && !llmgw__jdoc_int64(doc, node, &kind))
        return false;
    entry->error_kind = kind > 0 && kind < INT32_MAX ? (int32_t)kind : 0;
    return entry->state != 0;
}

static bool read_costs(const struct llmgw__jdoc *doc, uint32_t root,
                       struct llmgw_entry *entry)
{
    for (size_t i = 0; i < sizeof costs / sizeof *costs; i++) {
        struct llmgw__cost cost = {0, false};
        uint32_t node = llmgw__jdoc_get(doc, root, costs[i].name);

        if (node != LLMGW__JNONE) {
            cost.known = true;
            if (!llmgw__jdoc_int64(doc, node, &cost.pico))
                return false;
        }
        memcpy((char *)entry + costs[i].offset, &cost, sizeof cost);
    }
    return true;
}

static llmgw_status read_texts(const struct llmgw__jdoc *doc, uint32_t root,
                               struct llmgw__arena *arena,
                               struct llmgw_entry *entry)
{
    for (int i = 0; i < LLMGW__ENTRY_TEXTS; i++) {
        struct llmgw__jstr text =
            llmgw__jdoc_get_string(doc, root, text_names[i]);
        llmgw_status status = LLMGW_OK;

        entry->text[i] = llmgw__str("");
        if (text.data)
            status = llmgw__jstr_text(text, arena, &entry->text[i]);
        if (status != LLMGW_OK)
            return status;
    }
    return LLMGW_OK;
}

static llmgw_status read_entry(const struct llmgw__jdoc *doc, uint32_t root,
                               struct llmgw__arena *arena,
                               struct llmgw_entry *entry)
{
    uint32_t note = llmgw__jdoc_get(doc, root, "note");
    llmgw_status status;

    if (!read_numbers(doc, root, entry_numbers, entry) ||
        !read_state(doc, root, entry) || !read_costs(doc, root, entry) ||
        !read_usage(doc, root, entry) || !entry->writer || !entry->id)
        return LLMGW_E_INVALID;
    status = read_texts(doc, root, arena, entry);
    if (status == LLMGW_OK && note != LLMGW__JNONE) {
        entry->note = llmgw__note_make(llmgw__jdoc_raw(doc, note));
        status = entry->note ? LLMGW_OK : LLMGW_E_NOMEM;
    }
    return status;
}

llmgw_status llmgw__entry_parse(llmgw_str line, struct llmgw_entry **out)
{
    struct llmgw_entry entry;
    struct llmgw__arena arena;
    struct llmgw__jdoc doc;
    llmgw_status status;

    *out = NULL;
    if (!line.len || line.len > MAX_LINE)
        return LLMGW_E_INVALID;
    memset(&entry, 0, sizeof entry);
    llmgw__arena_init(&arena, 1024, 0);
    status = llmgw__jdoc_parse(&doc, line, 0);
    if (status == LLMGW_OK) {
        status = llmgw__jdoc_type(&doc, 0) == LLMGW__JSON_OBJECT
                     ? read_entry(&doc, 0, &arena, &entry)
                     : LLMGW_E_INVALID;
        if (status == LLMGW_OK) {
            *out = llmgw__entry_copy(&entry);
            status = *out ? LLMGW_OK : LLMGW_E_NOMEM;
        }
        llmgw__note_drop(entry.note);
    }
    llmgw__jdoc_clear(&doc);
    llmgw__arena_clear(&arena);
    return status;
}
