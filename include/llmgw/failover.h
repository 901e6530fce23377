/*
 * llmgw/failover.h - what a configuration, or a request, says of failure: whom
 * a route asks, how often, how soon, and how much may be asked.
 *
 * SPDX-License-Identifier: MIT
 *
 * --- how calls go about failure ---
 *
 * "failover" of a configuration (config.h) holds for every call. A route may
 * have the same members, beside its targets, and a request may have them in its
 * "llmgw" object: what a request says goes before its route, that before
 * "failover". Each member by itself, but "hedge" as a whole.
 *
 *     "retries": 1             tries of one target beyond the first, 0 to 8;
 *                              default: 1 where another target is left, else 2
 *     "backoff_ms": 500        the wait before the next try is drawn evenly
 *     "backoff_max_ms": 8000   from 0 to backoff_ms, doubled with each try up
 *                              to backoff_max_ms; both 1 to 3600000. What a
 *                              provider told (Retry-After) goes before it
 *     "when_limited": "go"     "go": a rate limit sends a call elsewhere, and
 *                              it waits only where nobody else is left;
 *                              "wait": it waits there, where that fits its time
 *     "when_open": "earliest"  every breaker is open: "earliest" asks the
 *                              target that is due first, "fail" nobody
 *     "gate": {                content is held back before it is handed over,
 *       "tokens": 20,          so that an attempt that fails meanwhile stays
 *       "ms": 300,             unseen: until there are so many tokens (by its
 *       "bytes": 1048576       bytes), so much time has passed since the first,
 *     }                        or it is so many bytes; 0: not by this. Default:
 *                              none is held; bytes as here
 *     "tools": "stream"        "whole": a tool call is handed over when it is
 *                              complete
 *     "on_break": "error"      a stream broke after content was handed over:
 *                              "error" ends the call with the answer so far and
 *                              an error of llmgw_error_partial_output();
 *                              "continue" has a target go on from there, and
 *                              where none can, or from within a tool call or
 *                              reasoning, does as "restart"; "restart" begins
 *                              anew (on_restart of llmgw_chat_options; without
 *                              it as "error"). An answer that is not streamed
 *                              to the host is begun anew in any case
 *     "continue_by": "prefill" where no target goes on from an answer that was
 *                              begun, "instruction" also asks for it in words
 *     "hedge": "off"           a second attempt beside a slow first one
 *     "max_cost_usd": "0.05"   most that the attempts of one call may cost
 *                              together: none is begun that might cost more
 *                              than is left, by its prompt and its max_tokens
 *                              (or all that the model can say); more than 0,
 *                              at most 9000000, up to 12 fraction digits
 *
 * "hedge" is "off", "shadow" ({"at_once": true}), "p95" ({"quantile": 0.75}),
 * "tail" ({"quantile": 0.95, "budget": 0.05}), or an object:
 *
 *     "after_ms": 2000         one of these three: after so long without
 *     "quantile": 0.75         content; after the target's own time to first
 *     "at_once": true          content, at that share of its answers (0.001 to
 *                              0.999); together with the first
 *     "budget": 0.25           share of the calls that may be hedged, 0 to 1;
 *                              with at_once 1
 *     "burst": 10              so many at once beyond that, 0 to 1000; with
 *                              at_once 1000
 *     "commit": "content"      who has the first content is handed over, or
 *                              ("answer") who has the first whole answer; the
 *                              other one is cancelled, and counted
 *
 * All attempts of a call, retries and hedges among them, are at most
 * max_attempts, and end with its total_ms. Tried again, or elsewhere, is what
 * failed before content was handed over in a way that may heal: connection,
 * time limit, 5xx, overload, rate limit, broken answer; elsewhere alone: quota,
 * key, unknown model, context length, a feature it lacks. Not when the request
 * itself is wrong; after content policy only with "fallback_content". When all
 * have failed, the call's error is the last that might heal, else the first.
 *
 * --- routes ---
 *
 *     "policy": "ordered"      as written; "weighted": drawn by weight;
 *                              "round_robin": by turns; "least_busy": who has
 *                              the fewest attempts under way; "latency": who
 *                              answers soonest; "sticky": always the same;
 *                              "cheapest": what an answer is likely to cost
 *     "stick_to": "conversation"   of sticky: by its first user message and
 *                              what precedes it; "prefix": by system messages
 *                              and tools; "tag:NAME": by the value of a tag
 *     "explore": 0.02          of cheapest: most of the calls, 0 to 0.5, that
 *                              are asked of another one first to learn what
 *                              it costs now, or how fast it is
 *     "hysteresis": 0.1        of cheapest: the one that was so far is left
 *                              for one that is cheaper by more than this
 *     "sla": {                 of cheapest: these come first…
 *       "first_ms": 2000,      …whose first content is there by then, and
 *       "tokens_per_s": 20,    whose answers are so fast,
 *       "quantile": 0.9        in this share of them, 0.001 to 0.999
 *     }
 *     "targets": ["provider/model", {
 *       "target": "provider/model",
 *       "weight": 1,           1 to 10000: of weighted and sticky
 *       "when": {              only for requests of which all of it holds
 *         "tags": {"team": "blue"},
 *         "tools": true, "images": false, "stream": true,
 *         "needs": ["vision"], they need: tools, vision, pdf, audio,
 *                              json_schema, reasoning
 *         "min_prompt_tokens": 0, "max_prompt_tokens": 8000   by its bytes
 *       },
 *       "limits": {…}          as below
 *     }]
 *
 * What an answer is likely to cost: the target's price for the tokens that it
 * usually counts for such a prompt, reads from its cache and writes to it, and
 * for an answer as long as usual; as often as it fails, what that costs and the
 * next one's answer. Who has no known price comes last. Who has missed the sla
 * comes behind all who meet it, the nearest first; of a target of which too
 * little is known (ten attempts) nothing is held against it. Each candidate's
 * reason has the figures. A target whose provider is "*" stands for all that
 * are configured and have the model.
 *
 * --- limits of our own ---
 *
 *     {"requests_per_minute": 60, "tokens_per_minute": 100000,
 *      "concurrent": 4}        0, or left out: no limit
 *
 * stand as "limits" at a provider (of each of its keys), and at a target of a
 * route. "tag_limits" of a configuration has them by tag: {"team=blue": {…},
 * "team=*": {…}}, the latter for each value. Whom a limit keeps out is asked
 * later, as "when_limited" says.
 *
 * --- breakers ---
 *
 * A target that fails is left alone for a while. "breaker" of a configuration
 * says when, or is false: never.
 *
 *     "failures": 3            in a row, 1 to 1000, …
 *     "window_ms": 60000       …within this time; or,
 *     "outcomes": 10           of the last so many, 1 to 32,
 *     "ratio": 0.5             this share has failed, 0.001 to 1
 *     "open_ms": 10000         so long, at first; doubled
 *     "max_open_ms": 300000    up to this; both 1 to 86400000
 *
 * Then the next call asks it, or, where another target is left, a copy of that
 * call does, behind it: a trial, which ends with its first content. No caller
 * waits for it; its entry has an id of its own, the call's tags and route.
 *
 * --- requests ---
 *
 * The "llmgw" object of a request may have the members of "failover", and
 * min_tokens_per_s (0: none) and "sla", besides its limits: {"llmgw": {
 * "retries": 0, "hedge": "p95", "max_cost_usd": "0.02"}}.
 */
#ifndef LLMGW_FAILOVER_H
#define LLMGW_FAILOVER_H

#include <llmgw/base.h>

#endif
