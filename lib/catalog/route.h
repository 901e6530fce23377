/*
 * catalog/route.h - targets, and the routes that lead to them.
 */
#ifndef LLMGW_CATALOG_ROUTE_H
#define LLMGW_CATALOG_ROUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/conduct.h"

struct llmgw__provider; /* catalog.h */
struct llmgw__price;    /* price.h */

/** How much may be asked: per minute, and at a time; 0: no limit. */
struct llmgw__quota {
    uint32_t requests; /* a minute */
    uint32_t concurrent;
    uint64_t tokens; /* a minute, prompt and answer */
};

/** For which requests a target of a route is; all that is said must hold. */
struct llmgw__when {
    const char *tags;    /* "a=b,c=d": it has these; NULL: any */
    int8_t tools;        /* 1: it offers tools, 0: it does not, -1: any */
    int8_t images;       /* likewise: has images */
    int8_t stream;       /* likewise: is streamed */
    uint8_t needs;       /* LLMGW__CAN_…: it needs all of these */
    uint64_t min_tokens; /* of its prompt, as far as bytes tell */
    uint64_t max_tokens; /* 0: any */
};

/** Provider + model: what is routed to, priced, limited. */
struct llmgw__target {
    const struct llmgw__provider *provider;
    const char *model;
    const char *id; /* "provider/model", stable over reloads */
    const struct llmgw__price *price; /* NULL: not in the manifest */
    const struct llmgw__when *when;   /* of a route's; NULL: always */
    const struct llmgw__quota *quota; /* of a route's; NULL: none */
    uint32_t weight;                  /* of a route's; 0: as 1 */
};

/** Time limits, ms; 0: inherit; LLMGW_NO_LIMIT: none. */
struct llmgw__limits {
    uint32_t connect_ms; /* DNS, TCP, TLS */
    uint32_t first_ms;   /* attempt's start to first content */
    uint32_t gap_ms;     /* between two pieces of an answer */
    uint32_t total_ms;   /* the whole call */
    uint32_t max_attempts;
    uint32_t min_rate; /* tokens a second of an answer under way */
};

/** In what order the targets of a route are asked. */
enum llmgw__policy {
    LLMGW__POLICY_ORDERED,
    LLMGW__POLICY_WEIGHTED,
    LLMGW__POLICY_ROUND_ROBIN,
    LLMGW__POLICY_LEAST_BUSY,
    LLMGW__POLICY_LATENCY,
    LLMGW__POLICY_STICKY,
    LLMGW__POLICY_CHEAPEST
};

/** What a sticky route sticks by. */
enum llmgw__stick {
    LLMGW__STICK_CONVERSATION, /* its first user message, and what precedes */
    LLMGW__STICK_PREFIX,       /* system messages and tools */
    LLMGW__STICK_TAG           /* the value of a tag */
};

/** When breakers open, and for how long. */
struct llmgw__breaker_setting {
    uint32_t failures;  /* in a row */
    uint32_t window_ms; /* within this, or all since the last success where
                           calls are rarer */
    uint32_t outcomes;  /* under concurrency: of the last so many */
    uint32_t ratio_pm;  /* this share failed, per mille */
    uint32_t open_ms;   /* at a time, in the first minute; then doubled */
    uint32_t max_open_ms;
    bool off; /* nothing opens by itself */
};

/** A quota of all calls with a tag. */
struct llmgw__tag_quota {
    const char *tag; /* "team=blue"; "team=*": each value has its own */
    struct llmgw__quota quota;
};

/** A public model name that stands for targets. */
struct llmgw__route {
    const char *name;
    const struct llmgw__target *targets;
    size_t target_count;
    struct llmgw__limits limits;
    struct llmgw__conduct conduct;
    uint8_t policy;        /* enum llmgw__policy */
    uint8_t stick;         /* enum llmgw__stick */
    const char *stick_tag; /* its name, of LLMGW__STICK_TAG */
    /* of LLMGW__POLICY_CHEAPEST, as sla is of all where cost comes first */
    struct llmgw__sla sla;
    uint16_t explore_pm;    /* share of the calls that may ask another first */
    uint16_t hysteresis_pm; /* the cheapest is left for one cheaper by more */
    bool strict;            /* refuse every adjustment */
    bool fallback_content;  /* content-policy refusals may go on */
};

#endif
