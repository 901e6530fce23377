/*
 * llmgw/config.h - the configuration of a gateway: what llmgw_gateway_open()
 * and llmgw_gateway_reload() read.
 *
 * SPDX-License-Identifier: MIT
 *
 * Configuration is JSON; every member is optional, an unknown one is refused
 * with its path:
 *
 *     {
 *       "environment": true,
 *       "providers": {
 *         "NAME": {
 *           "type": "ROW",                 default: NAME
 *           "dialect": "openai",           default: the row's
 *           "base_url": "https://…",       default: the row's
 *           "api_key": "…",
 *           "api_key_env": "VARIABLE",     default: the row's
 *           "api_keys": ["…", …],          in place of these two; up to 64
 *           "headers": {"name": "value"},
 *           "settings": {"name": "value"},
 *           "region": "eu",                where it is; default: the setting
 *                                          of that name
 *           "limits": {…}                  of each of its keys: failover.h
 *         }
 *       },
 *       "routes": {
 *         "NAME": {
 *           "targets": ["provider/model", {"target": "provider/model", …}],
 *           "region": "eu",                default: anywhere
 *           "max_attempts": 3, "connect_ms": …, "first_ms": …, "gap_ms": …,
 *           "total_ms": …, "min_tokens_per_s": …,
 *           "strict": false, "fallback_content": false,
 *           …policy, and how to go about failure: failover.h…
 *         }
 *       },
 *       "limits": {"max_attempts": 4, "connect_ms": 10000,
 *                  "first_ms": 120000, "gap_ms": 60000, "total_ms": 600000,
 *                  "min_tokens_per_s": 0,
 *                  "max_response_bytes": …, "max_frame_bytes": …},
 *       "failover": {…}, "breaker": {…}, "tag_limits": {…},   failover.h
 *       "tls": {"ca_file": "…", "ca_path": "…", "ca_pem": "…"},
 *       "proxy": "http://…",
 *       "ledger": {"max_entries": 100000, "path": "…", "url": "…", …},
 *       "budgets": {…},                                       budget.h
 *       "reasoning_state": {"max_bytes": 4194304},
 *       "manifest": {                      in place of the built-in prices
 *         "version": "2026-11-22",
 *         "models": [{
 *           "provider": "openai", "model": "gpt-4.1",
 *           "rates": {"in": "2", "cache_read": "0.5", "out": "8", …},
 *           "long": {"above": 200000, "rates": {…}},
 *           "context_window": 1047576, "max_output": 32768,
 *           "same_as": "…",                a name of the same model elsewhere
 *           "source": "…", "as_of": "2026-08-21"
 *         }],
 *         "url": "https://…",              a price list to be fetched
 *         "format": "litellm",             default: told by its shape
 *         "refresh_s": 86400               60 to a year
 *       }
 *     }
 *
 * Rates are decimal strings, USD per million tokens: in, cache_read,
 * cache_write, cache_write_long, out, reasoning, audio_in, audio_out,
 * image_in, image_out. What is left out is unknown, never 0; "long" may be an
 * array of tiers, ascending. "url" is where a list is fetched: see manifest.h;
 * what "region" is, and "*" for a target's provider, is told in models.h.
 *
 * A route asks its targets in the order of its policy until one answers, with
 * at most max_attempts attempts in all; when, how often and how soon is told in
 * failover.h. "strict" refuses a target that would have to change the request
 * in meaning.
 *
 * Keys of "api_keys" are shown in turn, the one first whose last use is
 * longest ago. One that is refused (401, 402, 403, 429) rests, and the call
 * goes on with another key of the same provider, which is a further attempt,
 * before it asks the next target. It rests until the time that the provider
 * has told, at most a day; where none was told: for a rate limit one second,
 * doubled up to about a minute each time it is met again, for all else five
 * minutes; a key that lacks a model rests for that model alone. A provider
 * with one key, or none, rests likewise. A target whose keys all rest is asked
 * when nobody else is left, with the key that is back first: no call is
 * refused because keys rest. What rests is known by provider name and a hash
 * of the key, and survives a reload.
 *
 * Where a provider has no key in the configuration, but a way of its own to
 * get credentials (identity of the machine, files, a token service), they are
 * fetched when they are needed: once for all calls of all threads, which wait
 * for it, and anew when less than five minutes of them are left, while calls
 * go on with the old ones. A fetch that failed is repeated after a second at
 * the earliest, doubled up to a minute; until then attempts at that provider
 * fail with its error. Time spent waiting is LLMGW_TIME_CREDENTIAL of an
 * attempt, and counts against total_ms only. on_credential of
 * llmgw_gateway_options comes before all of it.
 *
 * first_ms runs from an attempt's start to its first content. Where upstream
 * does not stream, that is the whole answer: the default then does not apply,
 * only a first_ms that was set. min_tokens_per_s is the slowest answer allowed,
 * once its content has begun: an attempt below it has failed, by a time limit.
 *
 * base_url is what stands before the wire's own path: with /v1 for the openai
 * dialect ("https://api.openai.com/v1"), without it for anthropic
 * ("https://api.anthropic.com"), gemini
 * ("https://generativelanguage.googleapis.com"), cohere
 * ("https://api.cohere.com") and ollama. "settings" are the dialect's
 * own: anthropic knows api_version, workspace_id, user_profile_id, and
 * server_tools, where "true" lets web_search_options become a search that the
 * provider runs and charges; openai knows api, which is "chat", "responses" or,
 * left out, chosen by the model; auth, "bearer" or the header that shows the
 * key; api_version, a query of every URL; deployment, the model's name there;
 * and, where base_url is left out (beside it: refused), the place of a service:
 * region, resource or account_id; ollama knows num_ctx, the tokens of a prompt
 * and its answer that it has room for; bedrock knows region, fips ("true": such
 * hosts), claude_api ("invoke", "converse" or "messages": what Claude is spoken
 * to on), model_base (whose model an ARN is: "anthropic.claude-sonnet-4-6") and
 * request_metadata ("true": metadata goes into the service's logs); vertex
 * knows project and location, which base_url may stand beside, and
 * vertex_structured_output ("true": the account may use Claude's grammars of
 * answers); without a project, api_key is one of express mode. Where neither
 * api_key nor api_key_env is given, OPENAI_ORG_ID and OPENAI_PROJECT_ID are
 * sent to openai, OPENAI_API_VERSION is the api_version of azure, and
 * GOOGLE_CLOUD_PROJECT the project of vertex, unless configured.
 *
 * Where a service takes more than a key, credentials are looked for as its own
 * libraries do. bedrock: settings access_key_id, secret_access_key,
 * session_token; the environment; a web identity; a profile (so the setting) of
 * ~/.aws; container, instance. vertex: settings credentials_json (its text),
 * credentials_file; the environment; gcloud's file; the metadata server. Region
 * and project stand there too. An API key goes before all of these.
 *
 * Answers that call tools may carry reasoning that the provider wants back
 * (signatures, encrypted reasoning). A host that sends such a message without
 * it gets it put back: it is kept in the gateway, by the ids of the tool calls,
 * among calls with the same tags, at most reasoning_state.max_bytes of it (4
 * MiB unless set; 0: none), the newest.
 *
 * "ledger" says where entries are kept, when the gateway is opened. Without
 * path and url in memory: the newest max_entries, of older ones the sums. path
 * is a SQLite file, made when it is not there, which several processes may use
 * at once. url is a PostgreSQL server ("postgresql://user@host/database") that
 * machines share: ledger, budgets, and whose breakers are open. While it is
 * away, entries wait in the file outbox (in memory, unless it is named), up to
 * outbox_max_bytes (64 MiB unless set), and no call fails for it. durability is
 * what entries survive: "process" (the default) the end of the process at any
 * instant, "power" also that of the machine. keep_days: of entries settled
 * longer ago only the sums are kept; 0 (the default): all are. libsqlite3 and
 * libpq are loaded when they are asked for.
 *
 * "environment" true (the default) adds every provider of the table whose
 * customary key variable is set (OPENAI_API_KEY, …), whose credentials are in
 * sight, or that needs no key, and that "providers" does not name. A model name
 * is a route's name (looked for first), or "provider/model" for any model of a
 * configured provider. A limit of 0 is "no limit".
 */
#ifndef LLMGW_CONFIG_H
#define LLMGW_CONFIG_H

#include <llmgw/base.h>
#include <llmgw/failover.h>

#endif
