/*
 * support/wires.h - a provider for each wire that the fake speaks, so that a
 * flow test can ask on all of them.
 */
#ifndef LLMGW_TEST_WIRES_H
#define LLMGW_TEST_WIRES_H

enum {
    WIRES = 7
};

/** Members of "providers" for caller_open(), all at URL number n ("1"). The
 *  keys are "oai", "ant", … and so begin the names of the models below. */
#define WIRES_AT(n)                                                 \
    "'oai':{'type':'openai','base_url':'$" n "/v1','api_key':'k'}," \
    "'ant':{'type':'anthropic','base_url':'$" n "','api_key':'k'}," \
    "'goo':{'type':'google','base_url':'$" n "','api_key':'k'},"    \
    "'res':{'type':'openai','base_url':'$" n "/v1','api_key':'k',"  \
    "'settings':{'api':'responses'}},"                              \
    "'bed':{'type':'bedrock','base_url':'$" n "','api_key':'k',"    \
    "'settings':{'region':'us-east-1'}},"                           \
    "'coh':{'type':'cohere','base_url':'$" n "/v2','api_key':'k'}," \
    "'oll':{'type':'ollama','base_url':'$" n "'}"

/** A model of each, and what the fake calls its wire. */
static const struct wire_model {
    const char *wire, *model;
} wire_models[WIRES] = {
    {"openai", "oai/gpt-4.1"},
    {"anthropic", "ant/claude-sonnet-4-5"},
    {"gemini", "goo/gemini-2.5-flash"},
    {"responses", "res/gpt-5"},
    {"bedrock", "bed/us.amazon.nova-pro-v1:0"},
    {"cohere", "coh/command-a-reasoning-08-2025"},
    {"ollama", "oll/qwen3:8b"},
};

#endif
