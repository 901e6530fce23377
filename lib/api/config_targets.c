/*
 * api/config_targets.c - the "targets" and the "region" of a route; for which
 * requests each of them is, and how much it may be asked.
 *
 * Memory: the snapshot's.
 */
#include <stdio.h>
#include <string.h>

#include "account/entry.h"
#include "base/text.h"
#include "catalog/ability.h"
#include "catalog/resolve.h"
#include "catalog/same.h"
#include "config_parts.h"

#define MAX_WEIGHT 10000
#define MAX_COUNT  (UINT32_MAX - 1)
#define MAX_TAGS   ((size_t)4096) /* bytes in all, as calls have them */

#define WHEN(member)   LLMGW__FIELD(struct llmgw__when, member)
#define TARGET(member) LLMGW__FIELD(struct llmgw__target, member)

/* clang-format off */
static const struct llmgw__field when_fields[] = {
    {"tools", NULL, 0, 0, WHEN(tools), LLMGW__FIELD_FLAG, 0},
    {"images", NULL, 0, 0, WHEN(images), LLMGW__FIELD_FLAG, 0},
    {"stream", NULL, 0, 0, WHEN(stream), LLMGW__FIELD_FLAG, 0},
    {"min_prompt_tokens", NULL, 0, MAX_COUNT, WHEN(min_tokens),
     LLMGW__FIELD_NUMBER, 0},
    {"max_prompt_tokens", NULL, 1, MAX_COUNT, WHEN(max_tokens),
     LLMGW__FIELD_NUMBER, 0},
    {NULL, NULL, 0, 0, 0, 0, 0, 0},
};

static const struct llmgw__field target_fields[] = {
    {"weight", NULL, 1, MAX_WEIGHT, TARGET(weight), LLMGW__FIELD_NUMBER, 0},
    {NULL, NULL, 0, 0, 0, 0, 0, 0},
};
/* clang-format on */

/** The targets of a route, as they are read. */
struct targets {
    const char *region; /* they must be there; NULL: anywhere */
    struct llmgw__target *items;
    size_t count;
};

static bool read_target(struct llmgw__config *config,
                        const struct llmgw__json_at *at,
                        struct targets *targets);
static bool read_name(struct llmgw__config *config,
                      const struct llmgw__json_at *at, struct targets *targets);
static bool read_when(struct llmgw__config *config,
                      const struct llmgw__json_at *parent,
                      const struct llmgw__when **out);
static bool read_limits(struct llmgw__config *config,
                        const struct llmgw__json_at *parent,
                        const struct llmgw__quota **out);
static bool refuse_target(const struct llmgw__json_at *at, const char *name,
                          const char *region);
static bool take_targets(const struct llmgw__json_at *at,
                         const struct llmgw__route *from,
                         struct targets *targets);

bool llmgw__config_targets(struct llmgw__config *config,
                           const struct llmgw__json_at *parent,
                           struct llmgw__route *route)
{
    struct llmgw__json_at at = llmgw__json_member(parent, "targets");
    struct targets targets = {NULL, NULL, 0};
    int count;

    if ((at.value && !llmgw__json_get_array(&at)) ||
        !llmgw__config_text(config, parent, "region", &targets.region))
        return false;
    count = at.value ? llmgw__json_size(&at) : 0;
    if (count < 1)
        return llmgw__json_refuse(parent, "targets must name at least one");
    /* each may stand for all providers */
    targets.items = llmgw__arena_array(
        &config->catalog->arena,
        (size_t)count * (config->catalog->provider_count + 1),
        sizeof *targets.items);
    config->nomem = config->nomem || !targets.items;
    for (int i = 0; targets.items && i < count; i++) {
        struct llmgw__json_at one = llmgw__json_element(&at, i);

        if (!read_target(config, &one, &targets))
            return false;
    }
    route->targets = targets.items;
    route->target_count = targets.count;
    return targets.items != NULL;
}

/** Its name, or an object with its name and what holds of it on this route. */
static bool read_target(struct llmgw__config *config,
                        const struct llmgw__json_at *at,
                        struct targets *targets)
{
    static const char *const names[] = {"target", "when", "limits", NULL};
    struct llmgw__target own = {0};
    struct llmgw__json_at name;
    size_t from = targets->count;

    if (!cJSON_IsObject(at->value))
        return read_name(config, at, targets);
    name = llmgw__json_member(at, "target");
    if (!llmgw__config_known(at, names, target_fields) ||
        !llmgw__json_get_fields(at, target_fields, &own) ||
        !read_when(config, at, &own.when) ||
        !read_limits(config, at, &own.quota) ||
        !read_name(config, name.value ? &name : at, targets))
        return false;
    for (size_t i = from; i < targets->count; i++) {
        targets->items[i].weight = own.weight;
        targets->items[i].when = own.when;
        targets->items[i].quota = own.quota;
    }
    return true;
}

static bool read_name(struct llmgw__config *config,
                      const struct llmgw__json_at *at, struct targets *targets)
{
    struct llmgw__catalog *catalog = config->catalog;
    const struct llmgw__route *found = NULL;
    const char *name = NULL;
    llmgw_status status;

    if (cJSON_IsObject(at->value))
        return llmgw__json_refuse(at, "target must be given");
    if (!llmgw__json_get_string(at, &name))
        return false;
    if (!name)
        return llmgw__json_refuse(at, "a target is \"provider/model\"");
    status = llmgw__catalog_targets(catalog, llmgw__str(name), targets->region,
                                    &catalog->arena, &found);
    if (status == LLMGW_OK)
        return take_targets(at, found, targets);
    config->nomem = status == LLMGW_E_NOMEM;
    return refuse_target(at, name, targets->region);
}

static bool refuse_target(const struct llmgw__json_at *at, const char *name,
                          const char *region)
{
    char after[128];

    if (name[0] != '*' || name[1] != '/' || !name[2])
        return llmgw__config_refuse(
            at, "", name, " is not provider/model of a configured provider");
    (void)snprintf(after, sizeof after,
                   ": no configured provider%s%.40s is known to have it",
                   region ? " in region " : "", region ? region : "");
    return llmgw__config_refuse(at, "", name, after);
}

/* One that is named, and is elsewhere, is a mistake; those that "*" stands for
 * are there. */
static bool take_targets(const struct llmgw__json_at *at,
                         const struct llmgw__route *from,
                         struct targets *targets)
{
    for (size_t i = 0; i < from->target_count; i++) {
        const struct llmgw__target *target = &from->targets[i];

        if (targets->region &&
            !llmgw__provider_is_in(target->provider, targets->region))
            return llmgw__config_refuse(
                at, "", target->id,
                " is not in the route's region, as far as is known: the "
                "provider's \"region\" says where it is");
        targets->items[targets->count++] = *target;
    }
    return true;
}

/* --- for which requests --- */

/** One more "a=b". @return false: refused, or no memory (the buffer's) */
static bool add_tag(const struct llmgw__json_at *at, const cJSON *item,
                    struct llmgw__buf *tags)
{
    size_t start = tags->len + (tags->len > 0);
    const char *value = NULL;

    if (at->value != item)
        return llmgw__json_refuse(at, "member given twice");
    if (!llmgw__json_get_string(at, &value))
        return false;
    if (tags->len)
        llmgw__buf_add_char(tags, ',');
    llmgw__buf_add_z(tags, item->string);
    llmgw__buf_add_char(tags, '=');
    llmgw__buf_add_z(tags, value);
    llmgw__buf_add_char(tags, '\0');
    if (tags->status == LLMGW_E_NOMEM)
        return false;
    if (tags->status != LLMGW_OK || strchr(item->string, ',') ||
        strchr(value, ',') || !llmgw__tags_valid(tags->data + start))
        return llmgw__json_refuse(
            at, "must be 1 to 256 bytes, name and value, without commas and "
                "equals signs, and at most 4096 in all");
    tags->len--; /* the zero */
    return true;
}

/** {"a": "b"} becomes "a=b", as calls have them. */
static bool read_tags(struct llmgw__config *config,
                      const struct llmgw__json_at *parent, const char **out)
{
    struct llmgw__json_at at = llmgw__json_member(parent, "tags");
    struct llmgw__buf tags;
    bool good = llmgw__json_get_object(&at);

    llmgw__buf_init(&tags, MAX_TAGS);
    for (const cJSON *item = at.value ? at.value->child : NULL; good && item;
         item = item->next) {
        struct llmgw__json_at one = llmgw__json_member(&at, item->string);

        good = add_tag(&one, item, &tags);
    }
    config->nomem = config->nomem || tags.status == LLMGW_E_NOMEM;
    if (good && tags.len) {
        *out = llmgw__arena_dup(&config->catalog->arena, llmgw__buf_str(&tags));
        config->nomem = config->nomem || !*out;
    }
    llmgw__buf_clear(&tags);
    return good && !config->nomem;
}

static bool read_needs(const struct llmgw__json_at *parent, uint8_t *out)
{
    struct llmgw__json_at at = llmgw__json_member(parent, "needs");
    int count;

    if (at.value && !llmgw__json_get_array(&at))
        return false;
    count = at.value ? llmgw__json_size(&at) : 0;
    for (int i = 0; i < count; i++) {
        struct llmgw__json_at one = llmgw__json_element(&at, i);
        const char *name = NULL;
        unsigned bit = 0;

        if (!llmgw__json_get_string(&one, &name))
            return false;
        while (llmgw__ability_names[bit] &&
               strcmp(llmgw__ability_names[bit], name) != 0)
            bit++;
        if (!llmgw__ability_names[bit])
            return llmgw__config_refuse(&one, "no ability ", name, " is known");
        *out |= (uint8_t)(1u << bit);
    }
    return true;
}

static bool read_when(struct llmgw__config *config,
                      const struct llmgw__json_at *parent,
                      const struct llmgw__when **out)
{
    static const char *const names[] = {"tags", "needs", NULL};
    struct llmgw__json_at at = llmgw__json_member(parent, "when");
    struct llmgw__json_at most = llmgw__json_member(&at, "max_prompt_tokens");
    struct llmgw__when *when;

    if (!at.value)
        return true;
    if (!llmgw__config_known(&at, names, when_fields))
        return false;
    when = llmgw__arena_zalloc(&config->catalog->arena, sizeof *when);
    config->nomem = config->nomem || !when;
    if (!when)
        return false;
    when->tools = when->images = when->stream = -1;
    if (!llmgw__json_get_fields(&at, when_fields, when) ||
        !read_tags(config, &at, &when->tags) || !read_needs(&at, &when->needs))
        return false;
    if (when->max_tokens && when->max_tokens < when->min_tokens)
        return llmgw__json_refuse(&most, "must be at least min_prompt_tokens");
    *out = when;
    return true;
}

static bool read_limits(struct llmgw__config *config,
                        const struct llmgw__json_at *parent,
                        const struct llmgw__quota **out)
{
    struct llmgw__json_at at = llmgw__json_member(parent, "limits");
    struct llmgw__quota *quota;

    if (!at.value)
        return true;
    quota = llmgw__arena_zalloc(&config->catalog->arena, sizeof *quota);
    config->nomem = config->nomem || !quota;
    *out = quota;
    return quota && llmgw__config_quota(&at, quota);
}
