/*
 * api/config_routes.c - the "routes" of a configuration.
 *
 * Memory: the snapshot's.
 */
#include <string.h>

#include "base/text.h"
#include "config_parts.h"
#include "schema/conduct_fields.h"

#define STICK_TAG     "tag:"
#define EXPLORE_PM    20
#define HYSTERESIS_PM 100
#define PLACE(member) LLMGW__FIELD(struct llmgw__route, member)

static bool read_route(struct llmgw__config *config,
                       const struct llmgw__json_at *at, const char *name);
static bool read_policy(struct llmgw__config *config,
                        const struct llmgw__json_at *at,
                        struct llmgw__route *route);
static bool read_stick(struct llmgw__config *config,
                       const struct llmgw__json_at *at,
                       struct llmgw__route *route);
static bool read_sla(const struct llmgw__json_at *at,
                     struct llmgw__route *route);

/* Both enums start at 0, words at 1. */
static const struct llmgw__field policy_fields[] = {
    {"policy",
     "ordered, weighted, round_robin, least_busy, latency, sticky, cheapest", 0,
     0, PLACE(policy), LLMGW__FIELD_WORD, -1},
    {"explore", NULL, 0, 500, PLACE(explore_pm), LLMGW__FIELD_SHARE, 0},
    {"hysteresis", NULL, 0, 1000, PLACE(hysteresis_pm), LLMGW__FIELD_SHARE, 0},
    {NULL, NULL, 0, 0, 0, 0, 0, 0},
};

bool llmgw__config_routes(struct llmgw__config *config,
                          const struct llmgw__json_at *top)
{
    struct llmgw__catalog *catalog = config->catalog;
    struct llmgw__json_at at = {0};

    if (top)
        at = llmgw__json_member(top, "routes");
    if (!at.value)
        return true;
    if (!llmgw__json_get_object(&at))
        return false;
    catalog->routes =
        llmgw__arena_array(&catalog->arena, (size_t)llmgw__json_size(&at) + 1,
                           sizeof *catalog->routes);
    if (!catalog->routes) {
        config->nomem = true;
        return false;
    }
    for (const cJSON *item = at.value->child; item; item = item->next) {
        struct llmgw__json_at one = llmgw__json_member(&at, item->string);

        if (!read_route(config, &one, item->string))
            return false;
    }
    return true;
}

static bool read_route(struct llmgw__config *config,
                       const struct llmgw__json_at *at, const char *name)
{
    static const char *const names[] = {"targets",
                                        "connect_ms",
                                        "first_ms",
                                        "gap_ms",
                                        "total_ms",
                                        "max_attempts",
                                        "min_tokens_per_s",
                                        "strict",
                                        "fallback_content",
                                        "region",
                                        "policy",
                                        "stick_to",
                                        "explore",
                                        "hysteresis",
                                        "sla",
                                        "gate",
                                        "hedge",
                                        NULL};
    struct llmgw__catalog *catalog = config->catalog;
    struct llmgw__route *route = &catalog->routes[catalog->route_count];
    struct llmgw__json_at strict;
    struct llmgw__json_at content;

    if (!llmgw__config_known(at, names, llmgw__conduct_fields))
        return false;
    if (!*name || !llmgw__str_printable(llmgw__str(name)))
        return llmgw__json_refuse(
            at, "a route's name must not be empty or have control characters");
    strict = llmgw__json_member(at, "strict");
    content = llmgw__json_member(at, "fallback_content");
    if (!llmgw__config_copy(config, name, &route->name) ||
        !llmgw__config_limits(at, &route->limits) ||
        !llmgw__config_conduct(at, &route->conduct) ||
        !read_policy(config, at, route) ||
        !llmgw__json_get_bool(&strict, &route->strict) ||
        !llmgw__json_get_bool(&content, &route->fallback_content) ||
        !llmgw__config_targets(config, at, route))
        return false;
    catalog->route_count++;
    return true;
}

static bool read_policy(struct llmgw__config *config,
                        const struct llmgw__json_at *at,
                        struct llmgw__route *route)
{
    static const char *const own[] = {"explore", "hysteresis"};

    route->explore_pm = EXPLORE_PM;
    route->hysteresis_pm = HYSTERESIS_PM;
    if (!llmgw__json_get_fields(at, policy_fields, route))
        return false;
    for (int i = 0; i < 2; i++) {
        struct llmgw__json_at one = llmgw__json_member(at, own[i]);

        if (one.value && route->policy != LLMGW__POLICY_CHEAPEST)
            return llmgw__json_refuse(&one, "given without policy cheapest");
    }
    return read_stick(config, at, route) && read_sla(at, route);
}

/** Also without the policy: a budget may ask for the cheapest. */
static bool read_sla(const struct llmgw__json_at *at,
                     struct llmgw__route *route)
{
    struct llmgw__json_at sla = llmgw__json_member(at, "sla");

    return !sla.value ||
           (llmgw__json_get_object(&sla) &&
            llmgw__config_known(&sla, NULL, llmgw__sla_fields) &&
            llmgw__json_get_fields(&sla, llmgw__sla_fields, &route->sla));
}

/** "conversation", "prefix", "tag:NAME". */
static bool read_stick(struct llmgw__config *config,
                       const struct llmgw__json_at *at,
                       struct llmgw__route *route)
{
    struct llmgw__json_at to = llmgw__json_member(at, "stick_to");
    const char *text = NULL;
    size_t tag = strlen(STICK_TAG);

    if (!llmgw__json_get_string(&to, &text))
        return false;
    if (!text)
        return true;
    if (route->policy != LLMGW__POLICY_STICKY)
        return llmgw__json_refuse(&to, "given without policy sticky");
    if (strcmp(text, "conversation") == 0)
        return true; /* as without it */
    if (strcmp(text, "prefix") == 0) {
        route->stick = LLMGW__STICK_PREFIX;
        return true;
    }
    if (strncmp(text, STICK_TAG, tag) != 0 || !text[tag] ||
        strpbrk(text, ",=") || !llmgw__str_printable(llmgw__str(text)))
        return llmgw__json_refuse(&to,
                                  "must be conversation, prefix, or tag:NAME");
    route->stick = LLMGW__STICK_TAG;
    return llmgw__config_copy(config, text + tag, &route->stick_tag);
}
