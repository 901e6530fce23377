/*
 * catalog/models_table.c - the compiled-in manifest, packed.
 *
 * Made from models.json by tests/tools/models_table.py: change that file and
 * run the script. Sorted by provider and model. Memory: constant data.
 */
#include "models_table.h"

#define NO LLMGW__NO_FEE

const char llmgw__models_version[] = "2026-11-15";

/* clang-format off */
const char *const llmgw__models_texts[] = {
    "anthropic",
    "TheKrush/PromptFuel releases; platform.claude.com model page",
    "2026-10-01",
    "",
    "{\"prices\":[{\"service_tier\":\"batch\",\"multiply\":\"1/2\"},{\"regional"
    "\":true,\"multiply\":\"11/10\"}],\"fees\":{\"web_fetch\":\"0\"}}",
    "pydantic/genai-prices prices/new_data/v2/data.json",
    "2026-08-21",
    "{\"prices\":[{\"service_tier\":\"batch\",\"multiply\":\"1/2\"}],\"fees\":{"
    "\"web_fetch\":\"0\"}}",
    "TheKrush/PromptFuel releases; platform.claude.com model page; "
    "kurofune/claudit v1.9.2; tier counts input+cache read+cache write; "
    "whole request billed at the long rate; long 1h write 1.00",
    "2026-10-25",
    "pydantic/genai-prices prices/new_data/v2/data.json; legacy",
    "{\"prices\":[{\"service_tier\":\"batch\",\"multiply\":\"1/2\"},{\"service_"
    "tier\":\"priority\",\"multiply\":\"2/1\"},{\"regional\":true,\"multiply\":"
    "\"11/10\"}],\"fees\":{\"web_fetch\":\"0\"}}",
    "2026-09-23",
    "TheKrush/PromptFuel releases; platform.claude.com model page (scheduled "
    "2026-09-01 increase cancelled); genai-prices snapshot says 3/15 from "
    "2026-09-01: wrong",
    "TheKrush/PromptFuel releases; platform.claude.com model page; cache "
    "read cut from 0.20 on 2026-10-07",
    "2026-10-16",
    "bedrock",
    "BerriAI/litellm model_prices_and_context_window.json; global; regional "
    "profiles +10%",
    "2026-08",
    "anomalyco/models.dev providers/",
    "2026-07-02",
    "cerebras",
    "anomalyco/models.dev providers/; no published cached rate: bill cached "
    "tokens at input rate",
    "glm-4.7",
    "cohere",
    "dashscope",
    "anomalyco/models.dev providers/; international (Singapore) USD; "
    "explicit cache read/write rates; implicit cache hit = 20% of input",
    "deepseek",
    "api-docs.deepseek.com quick_start/pricing (stored copies); peak Mon-Fri "
    "01:00-04:00,06:00-10:00 UTC except Chinese public holidays",
    "2026-11-15",
    "{\"prices\":[{\"days\":[\"mon\",\"tue\",\"wed\",\"thu\",\"fri\"],\"hours\""
    ":[\"01:00-04:00\",\"06:00-10:00\"],\"except\":[\"2026-10-01\",\"2026-10-02"
    "\",\"2026-10-05\",\"2026-10-06\",\"2026-10-07\",\"2027-01-01\"],\"multiply"
    "\":\"2/1\"}]}",
    "fireworks",
    "google",
    "{\"prices\":[{\"service_tier\":\"batch\",\"multiply\":\"1/2\"}],\"fees\":{"
    "\"web_search_unit\":\"request\"}}",
    "{\"prices\":[{\"service_tier\":\"batch\",\"multiply\":\"1/2\"},{\"service_"
    "tier\":\"flex\",\"multiply\":\"1/2\"},{\"service_tier\":\"priority\",\"mul"
    "tiply\":\"9/5\"}]}",
    "{\"prices\":[{\"service_tier\":\"batch\",\"multiply\":\"1/2\"},{\"service_"
    "tier\":\"priority\",\"multiply\":\"9/5\"}]}",
    "LiteLLM docs/discussions (BerriAI/litellm) discussion 39357; "
    "genai-prices v2; from 2027-01-01 that of the list before",
    "2026-10-07",
    "{\"prices\":[{\"until\":\"2027-01-01\",\"rates\":{\"in\":\"0.75\",\"cache_"
    "read\":\"0.075\",\"out\":\"3.75\"}},{\"service_tier\":\"batch\",\"multiply"
    "\":\"1/2\"},{\"service_tier\":\"flex\",\"multiply\":\"1/2\"},{\"service_ti"
    "er\":\"priority\",\"multiply\":\"9/5\"}]}",
    "LiteLLM docs/discussions (BerriAI/litellm) discussion 39357",
    "iyulab/TokenMeter releases v0.13.1",
    "2026-10-13",
    "{\"prices\":[{\"until\":\"2026-12-01\",\"rates\":{\"in\":\"2\",\"cache_rea"
    "d\":\"0.1\",\"out\":\"10\"}},{\"service_tier\":\"batch\",\"multiply\":\"1/"
    "2\"}]}",
    "groq",
    "llama-3.3-70b-instruct",
    "mistral",
    "iyulab/TokenMeter releases v0.15.0; sale price; list 1.36/4.18",
    "2026-11",
    "anomalyco/models.dev providers/; alias mistral-medium-latest",
    "moonshot",
    "openai",
    "{\"prices\":[{\"service_tier\":\"batch\",\"multiply\":\"1/2\"},{\"service_"
    "tier\":\"priority\",\"multiply\":\"7/4\"}]}",
    "{\"prices\":[{\"service_tier\":\"batch\",\"multiply\":\"1/2\"},{\"service_"
    "tier\":\"priority\",\"multiply\":\"2/1\"}]}",
    "{\"prices\":[{\"service_tier\":\"batch\",\"multiply\":\"1/2\"},{\"service_"
    "tier\":\"priority\",\"multiply\":\"17/10\"}]}",
    "{\"prices\":[{\"service_tier\":\"batch\",\"multiply\":\"1/2\"},{\"service_"
    "tier\":\"priority\",\"multiply\":\"5/3\"}]}",
    "{\"prices\":[{\"service_tier\":\"batch\",\"multiply\":\"1/2\"},{\"service_"
    "tier\":\"flex\",\"multiply\":\"1/2\"},{\"service_tier\":\"priority\",\"mul"
    "tiply\":\"2/1\"}]}",
    "{\"prices\":[{\"service_tier\":\"batch\",\"multiply\":\"1/2\"},{\"service_"
    "tier\":\"flex\",\"multiply\":\"1/2\"}]}",
    "{\"prices\":[{\"service_tier\":\"batch\",\"multiply\":\"1/2\"},{\"service_"
    "tier\":\"flex\",\"multiply\":\"1/2\"},{\"service_tier\":\"priority\",\"mul"
    "tiply\":\"2/1\"},{\"regional\":true,\"multiply\":\"11/10\"}]}",
    "{\"prices\":[{\"service_tier\":\"batch\",\"multiply\":\"1/2\"},{\"service_"
    "tier\":\"flex\",\"multiply\":\"1/2\"},{\"regional\":true,\"multiply\":\"11"
    "/10\"}]}",
    "pydantic/genai-prices prices/new_data/v2/data.json; long tier from "
    "models.dev 2026-07-02",
    "{\"prices\":[{\"service_tier\":\"batch\",\"multiply\":\"1/2\"},{\"service_"
    "tier\":\"flex\",\"multiply\":\"1/2\"},{\"service_tier\":\"priority\",\"mul"
    "tiply\":\"5/2\"},{\"regional\":true,\"multiply\":\"11/10\"}]}",
    "LiteLLM docs/discussions (BerriAI/litellm) discussion 42523 "
    "(input/output); cache columns DERIVED 0.1x / 1.25x; genai-prices of "
    "2026-08-21 still has 5/30: price was cut",
    "2026-09-22",
    "LiteLLM docs/discussions (BerriAI/litellm) discussion 39633; effort "
    "none not accepted; tools only via /v1/responses",
    "2026-09-05",
    "TheKrush/PromptFuel release v1.0.21",
    "TheKrush/PromptFuel release v1.0.22; amine123max/Codex-Manager 0.4.7 "
    "(citing developers.openai.com model page); effort low..max; tools only "
    "via /v1/responses",
    "LiteLLM docs/discussions (BerriAI/litellm) blog gpt-6-1-terra; "
    "PromptFuel v1.0.24; cache_write_long is the 12-hour cache write",
    "2026-10-27",
    "{\"prices\":[{\"service_tier\":\"batch\",\"multiply\":\"1/2\"},{\"service_"
    "tier\":\"flex\",\"multiply\":\"1/2\"},{\"service_tier\":\"priority\",\"mul"
    "tiply\":\"7/4\"}]}",
    "{\"prices\":[{\"service_tier\":\"batch\",\"multiply\":\"1/2\"},{\"service_"
    "tier\":\"flex\",\"multiply\":\"1/2\"},{\"service_tier\":\"priority\",\"mul"
    "tiply\":\"20/11\"}]}",
    "{\"prices\":[{\"service_tier\":\"batch\",\"multiply\":\"1/2\"}]}",
    "perplexity",
    "pydantic/genai-prices prices/new_data/v2/data.json; request fee = "
    "highest (search_context_size high); see usage.cost",
    "together",
    "xai",
    "anomalyco/models.dev providers/; rejects reasoning_effort",
    "docs.apiyi.com model pages (xAI list price); long tier: input 2x seen, "
    "output 2x DERIVED; xAI thresholds are inclusive (>=)",
    "2026-08-13",
    "zai",};

const uint32_t llmgw__models_rates[] = {
    10000000, 250000, 12500000, 20000000, 50000000, 1000000, 100000, 1250000,
    2000000, 5000000, 100000, 10000, 125000, 200000, 500000, 500000, 50000,
    625000, 1000000, 2500000, 5000000, 500000, 6250000, 10000000, 25000000,
    4000000, 200000, 5000000, 8000000, 20000000, 3000000, 300000, 3750000,
    6000000, 15000000, 2000000, 200000, 2500000, 4000000, 10000000, 2000000,
    100000, 2500000, 4000000, 10000000, 300000, 75000, 2500000, 60000, 15000,
    240000, 800000, 200000, 3200000, 350000, 750000, 2250000, 2750000, 2500000,
    10000000, 37500, 150000, 120000, 1000000, 5000000, 1200000, 6000000, 187500,
    234375, 1125000, 500000, 50000, 625000, 3000000, 2000000, 200000, 2500000,
    6000000, 2500000, 500000, 3125000, 7500000, 150000, 3000, 600000, 660000,
    22000, 1980000, 1740000, 145000, 3480000, 1400000, 140000, 4400000, 150000,
    14000, 600000, 3000000, 300000, 15000000, 300000, 30000, 2500000, 1000000,
    100000, 10000, 400000, 300000, 1250000, 125000, 10000000, 2500000, 250000,
    15000000, 250000, 25000, 1500000, 500000, 2000000, 200000, 12000000,
    4000000, 400000, 18000000, 1500000, 150000, 9000000, 300000, 30000, 2500000,
    1500000, 150000, 7500000, 4000000, 200000, 20000000, 150000, 50000, 80000,
    590000, 790000, 150000, 75000, 600000, 75000, 37500, 300000, 290000, 590000,
    300000, 30000, 900000, 100000, 500000, 50000, 1500000, 680000, 70000,
    2090000, 1500000, 7500000, 150000, 15000, 600000, 950000, 160000, 4000000,
    950000, 190000, 4000000, 2000000, 500000, 8000000, 400000, 100000, 1600000,
    100000, 25000, 400000, 2500000, 1250000, 10000000, 250000, 25000, 2000000,
    50000, 5000, 400000, 1750000, 175000, 14000000, 5000000, 500000, 22500000,
    750000, 75000, 4500000, 200000, 20000, 1250000, 5000000, 500000, 30000000,
    10000000, 1000000, 45000000, 200000, 20000, 250000, 1200000, 400000, 40000,
    500000, 1800000, 4000000, 400000, 5000000, 20000000, 8000000, 800000,
    10000000, 30000000, 2000000, 200000, 2500000, 12000000, 4000000, 400000,
    5000000, 18000000, 10000000, 1000000, 12500000, 50000000, 20000000, 2000000,
    25000000, 75000000, 100000, 10000, 125000, 500000, 200000, 20000, 250000,
    750000, 2000000, 200000, 2500000, 10000000, 4000000, 400000, 5000000,
    15000000, 2000000, 100000, 2500000, 10000000, 4000000, 200000, 5000000,
    15000000, 1000000, 50000, 1250000, 2500000, 5000000, 2000000, 100000,
    2500000, 7500000, 1100000, 275000, 4400000, 130000, 20000, 1000000, 1000000,
    3000000, 15000000, 2000000, 8000000, 880000, 880000, 1250000, 200000,
    2500000, 2500000, 400000, 5000000, 2000000, 500000, 6000000, 4000000,
    12000000, 1000000, 200000, 2000000, 2000000, 400000, 4000000, 1400000,
    260000, 4400000
};

/* model; rates; long rates; threshold; fees; context, output; provider,
 * source, as of, same as, terms; inclusive; can, cannot, refuses, reasons */
const struct llmgw__packed_model llmgw__models[] = {
    {"claude-fable-5-1", {31, 0}, {0, 0},
     0, NO, 10000, 1000000, 128000, 0, 1, 2, 3, 4, 0, 183, 72, 7, 5},
    {"claude-haiku-4-5", {31, 5}, {0, 0},
     0, NO, 10000, 200000, 64000, 0, 5, 6, 3, 7, 0, 247, 8, 0, 3},
    {"claude-haiku-5-5", {31, 10}, {31, 15},
     100000, NO, 10000, 1000000, 128000, 0, 8, 9, 3, 4, 0, 183, 72, 7, 4},
    {"claude-opus-5", {31, 20}, {0, 0},
     0, NO, 10000, 1000000, 128000, 0, 10, 6, 3, 11, 0, 183, 72, 7, 4},
    {"claude-opus-5-5", {31, 25}, {0, 0},
     0, NO, 10000, 1000000, 128000, 0, 1, 12, 3, 4, 0, 183, 72, 7, 5},
    {"claude-sonnet-4-6", {31, 30}, {0, 0},
     0, NO, 10000, 1000000, 128000, 0, 5, 6, 3, 4, 0, 183, 72, 0, 4},
    {"claude-sonnet-5", {31, 35}, {0, 0},
     0, NO, 10000, 1000000, 128000, 0, 13, 2, 3, 4, 0, 183, 72, 7, 4},
    {"claude-sonnet-5-5", {31, 40}, {0, 0},
     0, NO, 10000, 1000000, 128000, 0, 14, 15, 3, 4, 0, 183, 72, 7, 5},
    {"amazon.nova-2-lite-v1:0", {19, 45}, {0, 0},
     0, NO, NO, 1000000, 64000, 16, 17, 18, 3, 3, 0, 39, 136, 0, 2},
    {"amazon.nova-lite-v1:0", {19, 48}, {0, 0},
     0, NO, NO, 300000, 10000, 16, 19, 20, 3, 3, 0, 3, 168, 0, 0},
    {"amazon.nova-pro-v1:0", {19, 51}, {0, 0},
     0, NO, NO, 300000, 10000, 16, 19, 20, 3, 3, 0, 3, 168, 0, 0},
    {"gpt-oss-120b", {17, 54}, {0, 0},
     0, NO, NO, 131072, 40960, 21, 22, 20, 3, 3, 0, 49, 14, 0, 5},
    {"zai-glm-4.7", {17, 56}, {0, 0},
     0, NO, NO, 131072, 0, 21, 22, 20, 23, 3, 0, 49, 14, 0, 1},
    {"command-a-03-2025", {17, 58}, {0, 0},
     0, NO, NO, 256000, 8000, 24, 5, 6, 3, 3, 0, 129, 46, 0, 0},
    {"command-r7b-12-2024", {17, 60}, {0, 0},
     0, NO, NO, 128000, 4096, 24, 19, 20, 3, 3, 0, 129, 46, 0, 0},
    {"embed-v4.0", {1, 62}, {0, 0},
     0, NO, NO, 128000, 0, 24, 5, 6, 3, 3, 0, 0, 0, 0, 0},
    {"qwen3-coder-plus", {17, 63}, {0, 0},
     0, NO, NO, 1048576, 65536, 25, 26, 20, 3, 3, 0, 1, 142, 0, 0},
    {"qwen3-max", {17, 65}, {0, 0},
     0, NO, NO, 262144, 65536, 25, 26, 20, 3, 3, 0, 1, 142, 0, 0},
    {"qwen3.6-flash", {21, 67}, {0, 0},
     0, NO, NO, 1000000, 65536, 25, 26, 20, 3, 3, 0, 51, 140, 0, 3},
    {"qwen3.6-plus", {23, 70}, {23, 74},
     256000, NO, NO, 1000000, 65536, 25, 26, 20, 3, 3, 0, 35, 140, 0, 3},
    {"qwen3.7-max", {23, 78}, {0, 0},
     0, NO, NO, 1000000, 131072, 25, 26, 20, 3, 3, 0, 33, 142, 0, 3},
    {"qwen3.7-plus", {23, 70}, {23, 74},
     256000, NO, NO, 1000000, 131072, 25, 26, 20, 3, 3, 0, 35, 140, 0, 3},
    {"deepseek-flash", {19, 82}, {0, 0},
     0, NO, NO, 1000000, 384000, 27, 28, 29, 3, 30, 0, 163, 0, 0, 2},
    {"deepseek-v4-pro", {19, 85}, {0, 0},
     0, NO, NO, 1000000, 384000, 27, 28, 29, 3, 30, 0, 161, 14, 0, 2},
    {"accounts/fireworks/models/deepseek-v4-pro", {19, 88}, {0, 0},
     0, NO, NO, 1048576, 384000, 31, 5, 6, 3, 3, 0, 177, 14, 0, 2},
    {"accounts/fireworks/models/glm-5p2", {19, 91}, {0, 0},
     0, NO, NO, 1040000, 131072, 31, 5, 6, 3, 3, 0, 177, 14, 0, 2},
    {"accounts/fireworks/models/gpt-oss-120b", {19, 94}, {0, 0},
     0, NO, NO, 131072, 32768, 31, 5, 6, 3, 3, 0, 177, 14, 0, 2},
    {"accounts/fireworks/models/kimi-k3", {19, 97}, {0, 0},
     0, NO, NO, 1040000, 0, 31, 5, 6, 3, 3, 0, 177, 0, 0, 0},
    {"gemini-2.5-flash", {83, 100}, {0, 0},
     0, NO, 35000, 1048576, 65536, 32, 5, 6, 3, 33, 0, 63, 128, 0, 3},
    {"gemini-2.5-flash-lite", {83, 104}, {0, 0},
     0, NO, 35000, 1048576, 65536, 32, 5, 6, 3, 33, 0, 63, 128, 0, 3},
    {"gemini-2.5-pro", {19, 108}, {19, 111},
     200000, NO, 35000, 1048576, 65536, 32, 5, 6, 3, 33, 0, 63, 128, 0, 5},
    {"gemini-3.1-flash-lite", {83, 114}, {0, 0},
     0, NO, 14000, 1048576, 65536, 32, 5, 6, 3, 34, 0, 63, 128, 0, 2},
    {"gemini-3.1-pro-preview", {19, 118}, {19, 121},
     200000, NO, 14000, 1048576, 65536, 32, 5, 6, 3, 35, 0, 63, 128, 0, 5},
    {"gemini-3.5-flash", {19, 124}, {0, 0},
     0, NO, 14000, 1048576, 65536, 32, 5, 6, 3, 35, 0, 63, 128, 0, 5},
    {"gemini-3.5-flash-lite", {19, 127}, {0, 0},
     0, NO, 14000, 1000000, 65536, 32, 5, 6, 3, 34, 0, 63, 192, 0, 5},
    {"gemini-3.6-flash", {19, 130}, {0, 0},
     0, NO, 14000, 1048576, 65536, 32, 36, 37, 3, 38, 0, 63, 192, 0, 5},
    {"gemini-3.7-flash", {19, 130}, {0, 0},
     0, NO, 14000, 1048576, 65536, 32, 36, 37, 3, 38, 0, 63, 192, 0, 5},
    {"gemini-3.8-flash", {19, 130}, {0, 0},
     0, NO, 14000, 1048576, 65536, 32, 39, 37, 3, 38, 0, 63, 192, 0, 5},
    {"gemini-4-argon", {19, 133}, {0, 0},
     0, NO, NO, 1000000, 0, 32, 40, 41, 3, 42, 0, 63, 192, 0, 5},
    {"gemini-embedding-001", {1, 136}, {0, 0},
     0, NO, NO, 2048, 0, 32, 5, 6, 3, 3, 0, 0, 0, 0, 0},
    {"llama-3.1-8b-instant", {17, 137}, {0, 0},
     0, NO, NO, 131072, 131072, 43, 19, 20, 3, 3, 0, 1, 190, 0, 0},
    {"llama-3.3-70b-versatile", {17, 139}, {0, 0},
     0, NO, NO, 131072, 32768, 43, 19, 20, 44, 3, 0, 1, 190, 0, 0},
    {"openai/gpt-oss-120b", {19, 141}, {0, 0},
     0, NO, NO, 131072, 65536, 43, 19, 20, 3, 3, 0, 49, 142, 0, 5},
    {"openai/gpt-oss-20b", {19, 144}, {0, 0},
     0, NO, NO, 131072, 65536, 43, 19, 20, 3, 3, 0, 49, 142, 0, 5},
    {"qwen/qwen3-32b", {17, 147}, {0, 0},
     0, NO, NO, 131072, 40960, 43, 19, 20, 3, 3, 0, 33, 158, 0, 1},
    {"codestral-2508", {19, 149}, {0, 0},
     0, NO, NO, 256000, 0, 45, 5, 6, 3, 3, 0, 65, 138, 0, 0},
    {"mistral-embed", {1, 152}, {0, 0},
     0, NO, NO, 8192, 0, 45, 5, 6, 3, 3, 0, 0, 0, 0, 0},
    {"mistral-large-2512", {19, 153}, {0, 0},
     0, NO, NO, 262144, 262144, 45, 5, 6, 3, 3, 0, 67, 168, 0, 0},
    {"mistral-large-4", {19, 156}, {0, 0},
     0, NO, NO, 1000000, 0, 45, 46, 47, 3, 3, 0, 51, 128, 0, 0},
    {"mistral-medium-3-5", {17, 159}, {0, 0},
     0, NO, NO, 262144, 262144, 45, 48, 20, 3, 3, 0, 115, 136, 0, 1},
    {"mistral-small-2603", {19, 161}, {0, 0},
     0, NO, NO, 256000, 256000, 45, 5, 6, 3, 3, 0, 35, 136, 0, 1},
    {"kimi-k2.6", {19, 164}, {0, 0},
     0, NO, NO, 262144, 262144, 49, 5, 6, 3, 3, 0, 51, 12, 0, 1},
    {"kimi-k2.7-code", {19, 167}, {0, 0},
     0, NO, NO, 262144, 262144, 49, 5, 6, 3, 3, 0, 51, 12, 3, 5},
    {"kimi-k3", {19, 97}, {0, 0},
     0, NO, NO, 1048576, 0, 49, 5, 6, 3, 3, 0, 51, 12, 0, 2},
    {"gpt-4.1", {19, 170}, {0, 0},
     0, NO, NO, 1047576, 32768, 50, 5, 6, 3, 51, 0, 151, 40, 0, 0},
    {"gpt-4.1-mini", {19, 173}, {0, 0},
     0, NO, NO, 1047576, 32768, 50, 5, 6, 3, 51, 0, 151, 40, 0, 0},
    {"gpt-4.1-nano", {19, 176}, {0, 0},
     0, NO, NO, 1047576, 32768, 50, 5, 6, 3, 52, 0, 151, 40, 0, 0},
    {"gpt-4o", {19, 179}, {0, 0},
     0, NO, NO, 128000, 16384, 50, 5, 6, 3, 53, 0, 151, 40, 0, 0},
    {"gpt-4o-mini", {19, 141}, {0, 0},
     0, NO, NO, 128000, 16384, 50, 5, 6, 3, 54, 0, 151, 40, 0, 0},
    {"gpt-5", {19, 108}, {0, 0},
     0, NO, NO, 400000, 128000, 50, 5, 6, 3, 55, 0, 183, 8, 219, 5},
    {"gpt-5-mini", {19, 182}, {0, 0},
     0, NO, NO, 400000, 128000, 50, 5, 6, 3, 34, 0, 183, 8, 219, 5},
    {"gpt-5-nano", {19, 185}, {0, 0},
     0, NO, NO, 400000, 128000, 50, 5, 6, 3, 56, 0, 183, 8, 219, 5},
    {"gpt-5.1", {19, 108}, {0, 0},
     0, NO, NO, 400000, 128000, 50, 5, 6, 3, 55, 0, 183, 8, 0, 2},
    {"gpt-5.2", {19, 188}, {0, 0},
     0, NO, NO, 400000, 128000, 50, 5, 6, 3, 55, 0, 183, 8, 0, 2},
    {"gpt-5.4", {19, 111}, {19, 191},
     272000, NO, NO, 1050000, 128000, 50, 5, 6, 3, 57, 0, 183, 8, 0, 2},
    {"gpt-5.4-mini", {19, 194}, {0, 0},
     0, NO, NO, 400000, 128000, 50, 5, 6, 3, 57, 0, 183, 8, 0, 2},
    {"gpt-5.4-nano", {19, 197}, {0, 0},
     0, NO, NO, 400000, 128000, 50, 5, 6, 3, 58, 0, 183, 8, 0, 2},
    {"gpt-5.5", {19, 200}, {19, 203},
     272000, NO, NO, 1050000, 128000, 50, 59, 6, 3, 60, 0, 183, 8, 0, 2},
    {"gpt-5.6-luna", {23, 206}, {23, 210},
     272000, NO, NO, 1050000, 128000, 50, 5, 6, 3, 57, 0, 183, 8, 0, 2},
    {"gpt-5.6-sol", {23, 214}, {23, 218},
     272000, NO, NO, 1050000, 128000, 50, 61, 62, 3, 57, 0, 183, 8, 0, 2},
    {"gpt-5.6-terra", {23, 222}, {23, 226},
     272000, NO, NO, 1050000, 128000, 50, 5, 6, 3, 57, 0, 183, 8, 0, 2},
    {"gpt-6-astra", {23, 230}, {23, 234},
     272000, NO, NO, 1050000, 128000, 50, 63, 64, 3, 57, 0, 179, 0, 219, 5},
    {"gpt-6-luna", {23, 238}, {23, 242},
     272000, NO, NO, 1050000, 128000, 50, 65, 12, 3, 57, 0, 179, 0, 0, 2},
    {"gpt-6-sol", {23, 246}, {23, 250},
     272000, NO, NO, 1050000, 128000, 50, 65, 12, 3, 57, 0, 179, 0, 0, 2},
    {"gpt-6.1-sol", {23, 254}, {23, 258},
     272000, NO, NO, 1050000, 128000, 50, 66, 2, 3, 57, 0, 179, 0, 219, 5},
    {"gpt-6.1-terra", {31, 262}, {23, 267},
     272000, NO, NO, 1050000, 128000, 50, 67, 68, 3, 57, 0, 179, 0, 0, 2},
    {"o3", {19, 170}, {0, 0},
     0, NO, NO, 200000, 100000, 50, 5, 6, 3, 69, 0, 183, 8, 219, 5},
    {"o4-mini", {19, 271}, {0, 0},
     0, NO, NO, 200000, 100000, 50, 5, 6, 3, 70, 0, 183, 8, 219, 5},
    {"text-embedding-3-large", {1, 274}, {0, 0},
     0, NO, NO, 8192, 0, 50, 5, 6, 3, 71, 0, 0, 0, 0, 0},
    {"text-embedding-3-small", {1, 275}, {0, 0},
     0, NO, NO, 8192, 0, 50, 5, 6, 3, 71, 0, 0, 0, 0, 0},
    {"sonar", {17, 276}, {0, 0},
     0, 12000, NO, 128000, 0, 72, 73, 6, 3, 3, 0, 0, 169, 0, 0},
    {"sonar-pro", {17, 278}, {0, 0},
     0, 14000, NO, 200000, 8192, 72, 73, 6, 3, 3, 0, 2, 169, 0, 0},
    {"sonar-reasoning-pro", {17, 280}, {0, 0},
     0, 14000, NO, 128000, 0, 72, 73, 6, 3, 3, 0, 34, 137, 0, 0},
    {"meta-llama/Llama-3.3-70B-Instruct-Turbo", {17, 282}, {0, 0},
     0, NO, NO, 131072, 0, 74, 5, 6, 44, 3, 0, 129, 46, 0, 0},
    {"grok-4.20-0309-reasoning", {19, 284}, {19, 287},
     200000, NO, NO, 1000000, 0, 75, 76, 20, 3, 3, 1, 183, 8, 152, 5},
    {"grok-4.3", {19, 284}, {19, 287},
     200000, NO, NO, 1000000, 0, 75, 19, 20, 3, 3, 1, 183, 8, 152, 2},
    {"grok-4.5", {19, 290}, {0, 0},
     0, NO, NO, 500000, 0, 75, 5, 6, 3, 3, 0, 179, 8, 152, 5},
    {"grok-4.6", {19, 290}, {17, 293},
     200000, NO, NO, 500000, 0, 75, 77, 78, 3, 3, 1, 179, 8, 152, 5},
    {"grok-build-0.1", {19, 295}, {19, 298},
     200000, NO, NO, 256000, 0, 75, 19, 20, 3, 3, 1, 183, 8, 152, 5},
    {"glm-5.2", {19, 301}, {0, 0},
     0, NO, NO, 1000000, 131072, 79, 5, 6, 3, 3, 0, 49, 14, 0, 2},
    {"glm-5.3", {19, 301}, {0, 0},
     0, NO, NO, 1000000, 0, 79, 5, 6, 3, 3, 0, 33, 0, 0, 0},
};
/* clang-format on */

const size_t llmgw__models_count =
    sizeof llmgw__models / sizeof llmgw__models[0];
