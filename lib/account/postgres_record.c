/*
 * account/postgres_record.c - what waits in an outbox: an operation of an entry
 * as one line of JSON, and as what is said to a server.
 *
 *     {"op": "open", "charges": […], "entry": {…}}
 *
 * Memory: the caller's arena.
 */
#ifdef LLMGW_WITH_POSTGRES

#include "postgres_record.h"

#include "base/jsondoc.h"
#include "base/jsonwrite.h"

llmgw_status llmgw__record_write(const llmgw_store_op *op,
                                 struct llmgw__buf *out)
{
    size_t count;
    const llmgw_store_charge *charge = llmgw_store_op_charges(op, &count);
    struct llmgw__jsonw w;

    llmgw__jsonw_init(&w, out);
    llmgw__jsonw_open(&w, '{');
    llmgw__jsonw_member_z(
        &w, "op",
        llmgw_store_op_get_kind(op) == LLMGW_STORE_OPEN ? "open" : "settle");
    llmgw__jsonw_member_open(&w, "charges", '[');
    for (; count; count--, charge++) {
        llmgw__jsonw_open(&w, '{');
        llmgw__jsonw_member_str(&w, "budget", charge->budget);
        llmgw__jsonw_member_int(&w, "bucket_s", charge->bucket_s);
        llmgw__jsonw_member_int(&w, "amount", charge->amount);
        llmgw__jsonw_member_int(&w, "lease", (int64_t)charge->lease);
        llmgw__jsonw_close(&w, '}');
    }
    llmgw__jsonw_close(&w, ']');
    llmgw__jsonw_key(&w, "entry");
    w.comma = false;
    llmgw__entry_render(llmgw_store_op_entry(op), out);
    w.comma = true;
    llmgw__jsonw_close(&w, '}');
    return out->status;
}

static bool read_charge(const struct llmgw__jdoc *doc, uint32_t node,
                        struct llmgw__arena *arena, llmgw_store_charge *out)
{
    struct llmgw__jstr budget = llmgw__jdoc_get_string(doc, node, "budget");
    int64_t lease = 0;

    if (!budget.data ||
        llmgw__jstr_text(budget, arena, &out->budget) != LLMGW_OK ||
        !llmgw__jdoc_int64(doc, llmgw__jdoc_get(doc, node, "bucket_s"),
                           &out->bucket_s) ||
        !llmgw__jdoc_int64(doc, llmgw__jdoc_get(doc, node, "amount"),
                           &out->amount) ||
        !llmgw__jdoc_int64(doc, llmgw__jdoc_get(doc, node, "lease"), &lease))
        return false;
    out->lease = (uint64_t)lease;
    return true;
}

#define MAX_CHARGES 64

static llmgw_status say_parsed(const struct llmgw__jdoc *doc,
                               struct llmgw__arena *arena,
                               struct llmgw__postgres_say *say)
{
    uint32_t list = llmgw__jdoc_get(doc, 0, "charges");
    struct llmgw__jstr kind = llmgw__jdoc_get_string(doc, 0, "op");
    uint32_t node = llmgw__jdoc_first(doc, list);
    llmgw_store_charge charges[MAX_CHARGES];
    struct llmgw_entry *entry;
    llmgw_status status;
    size_t count = 0;

    for (; node != LLMGW__JNONE; node = llmgw__jdoc_next(doc, list, node))
        if (count == MAX_CHARGES ||
            !read_charge(doc, node, arena, &charges[count++]))
            return LLMGW_E_INVALID;
    status = llmgw__entry_parse(
        llmgw__jdoc_raw(doc, llmgw__jdoc_get(doc, 0, "entry")), &entry);
    if (status != LLMGW_OK)
        return status;
    status =
        kind.data && llmgw__jstr_is(kind, "open")
            ? llmgw__postgres_say_open(entry, charges, count, arena, say)
            : llmgw__postgres_say_settle(entry, charges, count, arena, say);
    llmgw__entry_free(entry);
    return status;
}

llmgw_status llmgw__record_say(llmgw_str record, struct llmgw__arena *arena,
                               struct llmgw__postgres_say *say)
{
    struct llmgw__jdoc doc;
    llmgw_status status = llmgw__jdoc_parse(&doc, record, 0);

    if (status == LLMGW_OK)
        status = say_parsed(&doc, arena, say);
    llmgw__jdoc_clear(&doc);
    return status;
}

#endif
