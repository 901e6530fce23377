#!/usr/bin/env python3
"""What the importers must make of price lists, computed in another way.

    price_lists.py litellm|models.dev|openrouter FILE

Prints the number of models, of tiers, and the sum of each rate over all of
them, pico-USD per token, to be compared with what test_import.c asserts. Reads
decimals, never floats.
"""
import json
import re
import sys
from decimal import ROUND_HALF_EVEN, Decimal

RATES = ['in', 'cache_read', 'cache_write', 'cache_write_long', 'out',
         'reasoning', 'audio_in', 'audio_out', 'image_in', 'image_out']

LITELLM = {
    'input_cost_per_token': 'in', 'output_cost_per_token': 'out',
    'cache_read_input_token_cost': 'cache_read',
    'input_cost_per_token_cache_hit': 'cache_read',
    'cache_creation_input_token_cost': 'cache_write',
    'cache_creation_input_token_cost_above_1hr': 'cache_write_long',
    'output_cost_per_reasoning_token': 'reasoning',
    'input_cost_per_audio_token': 'audio_in',
    'output_cost_per_audio_token': 'audio_out',
    'input_cost_per_image_token': 'image_in',
    'output_cost_per_image_token': 'image_out'}
MODELS_DEV = {
    'input': 'in', 'output': 'out', 'cache_read': 'cache_read',
    'cached_input': 'cache_read', 'cache_write': 'cache_write',
    'reasoning': 'reasoning', 'input_audio': 'audio_in',
    'output_audio': 'audio_out'}
OPENROUTER = {
    'prompt': 'in', 'completion': 'out', 'input_cache_read': 'cache_read',
    'input_cache_write': 'cache_write',
    'input_cache_write_1h': 'cache_write_long',
    'internal_reasoning': 'reasoning', 'audio': 'audio_in',
    'audio_output': 'audio_out', 'image': 'image_in',
    'image_token': 'image_in', 'image_output': 'image_out'}

OURS = {'litellm': {
    'openai': 'openai', 'anthropic': 'anthropic', 'gemini': 'google',
    'bedrock': 'bedrock', 'bedrock_converse': 'bedrock', 'azure': 'azure',
    'azure_ai': 'azure_foundry', 'deepseek': 'deepseek', 'mistral': 'mistral',
    'dashscope': 'dashscope', 'openrouter': 'openrouter', 'groq': 'groq',
    'xai': 'xai', 'together_ai': 'together', 'cohere': 'cohere',
    'cohere_chat': 'cohere', 'perplexity': 'perplexity',
    'cerebras': 'cerebras', 'moonshot': 'moonshot', 'zai': 'zai',
    'nvidia_nim': 'nvidia', 'cloudflare': 'cloudflare',
    'deepinfra': 'deepinfra', 'sambanova': 'sambanova'},
    'models.dev': {
    'openai': 'openai', 'anthropic': 'anthropic', 'google': 'google',
    'amazon-bedrock': 'bedrock', 'google-vertex': 'vertex',
    'google-vertex-anthropic': 'vertex', 'azure': 'azure',
    'azure-cognitive-services': 'azure_foundry', 'deepseek': 'deepseek',
    'mistral': 'mistral', 'alibaba': 'dashscope', 'openrouter': 'openrouter',
    'groq': 'groq', 'xai': 'xai', 'togetherai': 'together',
    'fireworks-ai': 'fireworks', 'cohere': 'cohere',
    'perplexity': 'perplexity', 'cerebras': 'cerebras',
    'moonshotai': 'moonshot', 'zai': 'zai', 'nvidia': 'nvidia',
    'huggingface': 'huggingface', 'cloudflare-workers-ai': 'cloudflare',
    'deepinfra': 'deepinfra'}}


def pico(value, power):
    """None: not known."""
    if value is None or Decimal(value) == -1:
        return None
    return int((Decimal(value) * 10 ** power).quantize(
        Decimal(1), rounding=ROUND_HALF_EVEN))


def rates(members, names, power):
    out = {}
    for key, value in members.items():
        if key in names and pico(value, power) is not None:
            out.setdefault(names[key], pico(value, power))
    return out


def litellm(lists):
    models = {}
    for key, m in lists.items():
        whose = m.get('litellm_provider', '')
        ours, prefix = OURS['litellm'].get(whose), whose
        if whose == 'bedrock_converse':
            prefix = 'bedrock'
        for begin, name in (('vertex_ai', 'vertex'),
                            ('fireworks_ai', 'fireworks')):
            if whose.startswith(begin):
                ours, prefix = name, begin
        if not ours:
            continue
        bare = not key.startswith(prefix + '/')
        model = key if bare else key[len(prefix) + 1:]
        base, tiers = rates(m, LITELLM, 12), {}
        for name, value in m.items():
            match = re.fullmatch(r'(.*)_above_(\d+)k_tokens', name)
            if match and match[1] in LITELLM:
                tiers.setdefault(int(match[2]) * 1000, {}).update(
                    rates({match[1]: value}, LITELLM, 12))
        for tier in m.get('tiered_pricing', []):
            if 'range' in tier:
                begin = int(tier['range'][0])
                into = tiers.setdefault(begin, {}) if begin else base
                for rate, value in rates(tier, LITELLM, 12).items():
                    into.setdefault(rate, value)
        useful = base or tiers or any(
            name in m and m[name] is not None for name in
            ('max_input_tokens', 'max_output_tokens', 'input_cost_per_request',
             'search_context_cost_per_query', 'supports_function_calling',
             'supports_vision', 'supports_pdf_input', 'supports_audio_input',
             'supports_response_schema', 'supports_reasoning',
             'supports_assistant_prefill'))
        if useful and ((ours, model) not in models or
                       models[ours, model][0] > bare):
            models[ours, model] = (bare, base, tiers)
    return models


def models_dev(lists):
    models = {}
    for whose, provider in lists.items():
        ours = OURS['models.dev'].get(whose)
        for model, m in provider['models'].items() if ours else ():
            cost = m.get('cost', {})
            tiers = {t['tier']['size']: rates(t, MODELS_DEV, 6)
                     for t in cost.get('tiers', [])}
            models.setdefault((ours, model), (
                False, rates(cost, MODELS_DEV, 6), tiers))
    return models


def openrouter(lists):
    models = {}
    for m in lists['data']:
        p = m['pricing']
        tiers = {o['min_prompt_tokens']: rates(o, OPENROUTER, 12)
                 for o in p.get('overrides', []) if 'utc_start' not in o}
        models['openrouter', m['id']] = (False, rates(p, OPENROUTER, 12),
                                         tiers)
    return models


def main():
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    with open(sys.argv[2], encoding='utf-8') as file:
        lists = json.load(file, parse_float=Decimal)
    models = {'litellm': litellm, 'models.dev': models_dev,
              'openrouter': openrouter}[sys.argv[1]](lists)
    tiers = [t for m in models.values() for t in m[2].values() if t]
    print(f'{len(models)} models, {len(tiers)} tiers')
    for rate in RATES:
        print(f'{sum(m[1].get(rate, 0) for m in models.values())} '
              f'{sum(t.get(rate, 0) for t in tiers)} {rate}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
