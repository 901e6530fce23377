/*
 * api/config_targets.c - the "targets" and the "region" of a route.
 *
 * Memory: the snapshot's.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "catalog/resolve.h"
#include "catalog/same.h"
#include "config_parts.h"

/** The targets of a route, as they are read. */
struct targets {
    const char *region; /* they must be there; NULL: anywhere */
    struct llmgw__target *items;
    size_t count;
};

static bool read_target(struct llmgw__config *config,
                        const struct llmgw__json_at *at,
                        struct targets *targets);
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

static bool read_target(struct llmgw__config *config,
                        const struct llmgw__json_at *at,
                        struct targets *targets)
{
    struct llmgw__catalog *catalog = config->catalog;
    const struct llmgw__route *found = NULL;
    const char *name = NULL;
    llmgw_status status;

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
