"""What recorded bytes say was used, in the classes of the ledger.

A second reading, made from the providers' documentation and independent of
the library: usage(recording) -> Usage, or None where none was reported.
Standard library only.
"""
import decimal

import reader

INPUTS = ('input_cached', 'input_cache_write_5m', 'input_cache_write_1h',
          'audio_in', 'image_in')
OUTPUTS = ('output_reasoning', 'audio_out', 'image_out')
TIERS = {'default': 'standard', 'standard': 'standard',
         'on_demand': 'standard', 'flex': 'flex', 'priority': 'priority',
         'fast': 'priority', 'batch': 'batch'}


class Usage:
    """Counts by class, tools by name, how it was served, what is charged."""

    def __init__(self):
        self.classes, self.tools = {}, {}
        self.tier, self.regional, self.stated = None, False, None

    def tool(self, name, count):
        if count and count > 0:
            self.tools[name] = self.tools.get(name, 0) + count

    def inclusive(self, prompt, completion, parts):
        """Counts where a whole contains its parts."""
        for whole, names, rest in ((prompt, INPUTS, 'input_uncached'),
                                   (completion, OUTPUTS, 'output_text')):
            left = whole
            for name in names:
                count = max(parts.get(name) or 0, 0)
                if whole is not None and whole >= 0:
                    count = min(count, left)
                    left -= count
                self.classes[name] = count
            self.classes[rest] = max(left or 0, 0)

    def exclusive(self, **counts):
        self.classes.update(counts)

    def whole(self):
        """As the ledger shows them: what is zero is left out."""
        found = {name: n for name, n in self.classes.items() if n}
        found['requests'] = 1
        if self.tools:
            found['tool_calls'] = dict(self.tools)
        return found


def first(*values):
    return next((value for value in values if value is not None), None)


# --- OpenAI's chat and what is like it ---

def chat(parts, provider):
    told, timings, tier = None, {}, None
    for part in parts:
        choices = part.get('choices') or [{}]
        told = part.get('usage') or (part.get('x_groq') or {}).get('usage') \
            or next((one['usage'] for one in choices if one.get('usage')),
                    None) or told
        timings = part.get('timings') or timings
        tier = part.get('service_tier') or tier
    if not told:
        return None
    inputs = told.get('prompt_tokens_details') or \
        told.get('prompt_token_details') or {}
    outputs = told.get('completion_tokens_details') or {}
    found = Usage()
    prompt, completion = told.get('prompt_tokens'), \
        told.get('completion_tokens')
    total = told.get('total_tokens')
    thought = first(outputs.get('reasoning_tokens'),
                    told.get('reasoning_tokens'))
    cached = first(inputs.get('cached_tokens'),
                   told.get('prompt_cache_hit_tokens'),
                   told.get('cached_tokens'), told.get('num_cached_tokens'),
                   told.get('cache_read_input_tokens'),
                   timings.get('cache_n'))
    if thought and completion is not None:
        beside = total == (prompt or 0) + completion + thought
        within = total == (prompt or 0) + completion
        if beside or (provider == 'xai' and not within):
            completion += thought
    if 'prompt_audio_seconds' in told and total > prompt + completion:
        prompt = total - completion # sound is in the total alone
    write = first(inputs.get('cache_write_tokens'),
                  inputs.get('cache_creation_input_tokens'),
                  told.get('cache_creation_input_tokens'))
    late = (inputs.get('cache_write_tokens_details') or {}) \
        .get('ttl_12h_tokens') or 0
    found.inclusive(prompt, completion, {
        'input_cached': cached, 'input_cache_write_5m': (write or 0) - late,
        'input_cache_write_1h': late, 'audio_in': inputs.get('audio_tokens'),
        'image_in': inputs.get('image_tokens'), 'output_reasoning': thought,
        'audio_out': outputs.get('audio_tokens'),
        'image_out': outputs.get('image_tokens')})
    found.tool('web_search', told.get('num_search_queries'))
    found.tier = TIERS.get(first(tier, told.get('service_tier')))
    found.stated = stated(told)
    return found


def stated(told):
    """Decimal USD: what the provider says it charges."""
    cost = first(told.get('cost'), told.get('estimated_cost'))
    if isinstance(cost, dict):
        cost = cost.get('total_cost')
    ticks = told.get('cost_in_usd_ticks')
    if ticks: # 0 where the charge is somebody else's
        return decimal.Decimal(ticks).scaleb(-10)
    return None if cost is None else decimal.Decimal(cost)


# --- OpenAI Responses ---

RUN_TOOLS = {'web_search_call': 'web_search',
             'file_search_call': 'file_search',
             'code_interpreter_call': 'code_interpreter'}


def responses(parts, provider):
    last = reader.responses_end(parts)
    told = (last or {}).get('usage')
    if not told:
        return None
    inputs = told.get('input_tokens_details') or \
        told.get('prompt_tokens_details') or {}
    outputs = told.get('output_tokens_details') or \
        told.get('completion_tokens_details') or {}
    late = (inputs.get('cache_write_tokens_details') or {}) \
        .get('ttl_12h_tokens') or 0
    found = Usage()
    found.inclusive(
        first(told.get('input_tokens'), told.get('prompt_tokens')),
        first(told.get('output_tokens'), told.get('completion_tokens')),
        {'input_cached': inputs.get('cached_tokens'),
         'input_cache_write_5m':
             (inputs.get('cache_write_tokens') or 0) - late,
         'input_cache_write_1h': late,
         'audio_in': inputs.get('audio_tokens'),
         'image_in': inputs.get('image_tokens'),
         'output_reasoning': outputs.get('reasoning_tokens'),
         'audio_out': outputs.get('audio_tokens'),
         'image_out': outputs.get('image_tokens')})
    for item in last.get('output') or []:
        if item.get('type') in RUN_TOOLS:
            found.tool(RUN_TOOLS[item['type']], 1)
    found.tier = TIERS.get(last.get('service_tier'))
    found.stated = stated(told)
    return found


# --- Anthropic ---

def messages(parts, provider):
    told = {}
    ends = [place for place, part in enumerate(parts)
            if part.get('type') == 'message_stop']
    for part in parts[:ends[0] + 1] if ends else parts: # of one message
        message = part.get('message') \
            if part.get('type') == 'message_start' else part
        told.update((name, value) for name, value in
                    ((message or {}).get('usage') or {}).items()
                    if value is not None)
        for name, theirs in (('input_tokens', 'inputTokenCount'),
                             ('output_tokens', 'outputTokenCount')):
            metrics = part.get('amazon-bedrock-invocationMetrics') or {}
            if name not in told and theirs in metrics:
                told[name] = metrics[theirs]
    if not told:
        return None
    # what is in no total
    steps = [step for step in told.get('iterations') or []
             if step.get('type') in ('compaction', 'advisor_message')]
    def count(name):
        return (told.get(name) or 0) + sum(step.get(name) or 0
                                           for step in steps)
    split = told.get('cache_creation') or {}
    late = split.get('ephemeral_1h_input_tokens') or 0
    late += sum((step.get('cache_creation') or {})
                .get('ephemeral_1h_input_tokens') or 0 for step in steps)
    thought = (told.get('output_tokens_details') or {}) \
        .get('thinking_tokens') or 0
    found = Usage()
    found.exclusive(
        input_uncached=count('input_tokens'),
        input_cached=count('cache_read_input_tokens'),
        input_cache_write_5m=count('cache_creation_input_tokens') - late,
        input_cache_write_1h=late, output_reasoning=thought,
        output_text=count('output_tokens') - thought)
    run = told.get('server_tool_use') or {}
    found.tool('web_search', run.get('web_search_requests'))
    found.tool('web_fetch', run.get('web_fetch_requests'))
    found.tier = TIERS.get(told.get('service_tier'))
    if told.get('speed') == 'fast':
        found.tier = 'priority'
    found.regional = told.get('inference_geo') == 'us'
    return found


def converse(parts, provider):
    whole = len(parts) == 1 and 'output' in parts[0]
    last = parts[0] if whole else next(
        (part['metadata'] for part in parts if 'metadata' in part), {})
    told = last.get('usage')
    if not told:
        return None
    late = sum(one.get('inputTokens') or 0
               for one in told.get('cacheDetails') or []
               if one.get('ttl') == '1h')
    found = Usage()
    found.exclusive(
        input_uncached=told.get('inputTokens') or 0,
        input_cached=first(told.get('cacheReadInputTokens'),
                           told.get('cacheReadInputTokenCount')) or 0,
        input_cache_write_5m=(first(told.get('cacheWriteInputTokens'),
                                    told.get('cacheWriteInputTokenCount'))
                              or 0) - late,
        input_cache_write_1h=late, output_text=told.get('outputTokens') or 0)
    tier = (last.get('serviceTier') or {}).get('type')
    found.tier = TIERS.get(tier)
    return found


# --- Google ---

MODALITIES = {'AUDIO': 'audio', 'IMAGE': 'image', 'VIDEO': 'image',
              'DOCUMENT': 'image'}
TRAFFIC = {'ON_DEMAND': 'standard', 'ON_DEMAND_FLEX': 'flex',
           'ON_DEMAND_PRIORITY': 'priority'}


def modal(details):
    found = {'audio': 0, 'image': 0}
    for one in details or []:
        if one.get('modality') in MODALITIES:
            found[MODALITIES[one['modality']]] += one.get('tokenCount') or 0
    return found


def gemini(parts, provider):
    told, cached, cached_parts, searches = None, 0, None, {}
    for part in parts:
        for one in part.get('candidates') or []:
            queries = (one.get('groundingMetadata') or {}) \
                .get('webSearchQueries')
            if queries is not None:
                searches[one.get('index', 0)] = len(queries)
        usage = part.get('usageMetadata') or {}
        if any(name.endswith('TokenCount') for name in usage):
            told = usage
            cached = usage.get('cachedContentTokenCount') or cached
            cached_parts = usage.get('cacheTokensDetails') or cached_parts
    if told is None:
        return None
    def count(name):
        return told.get(name) or 0
    thought, answer = count('thoughtsTokenCount'), \
        count('candidatesTokenCount')
    prompt = count('promptTokenCount') + count('toolUsePromptTokenCount')
    if thought and prompt + answer != count('totalTokenCount'):
        answer += thought
    inputs, outputs = modal(told.get('promptTokensDetails')), \
        modal(told.get('candidatesTokensDetails'))
    stored = modal(cached_parts)
    found = Usage()
    found.inclusive(prompt, answer, {
        'input_cached': cached,
        'audio_in': max(inputs['audio'] - stored['audio'], 0),
        'image_in': max(inputs['image'] - stored['image'], 0),
        'output_reasoning': thought, 'audio_out': outputs['audio'],
        'image_out': outputs['image']})
    found.tool('web_search', sum(searches.values()))
    found.tier = TIERS.get(told.get('serviceTier')) or \
        TIERS.get(TRAFFIC.get(told.get('trafficType')))
    return found


# --- Cohere, Ollama, embeddings ---

def cohere(parts, provider):
    last = parts[-1] if len(parts) == 1 else next(
        (part['delta'] for part in parts
         if part.get('type') == 'message-end'), {})
    told = last.get('usage') or {}
    billed, tokens = told.get('billed_units') or {}, told.get('tokens') or {}
    prompt = billed.get('input_tokens')
    cached = None
    if prompt is None and tokens.get('input_tokens') is not None:
        prompt, cached = tokens['input_tokens'], told.get('cached_tokens')
    completion = first(billed.get('output_tokens'),
                       tokens.get('output_tokens'))
    if prompt is None and completion is None:
        return None
    found = Usage()
    found.inclusive(int(prompt or 0), int(completion or 0), {
        'input_cached': int(cached or 0),
        'output_reasoning': int(tokens.get('reasoning_tokens') or 0)})
    return found


def ollama(parts, provider):
    last = next((part for part in parts if part.get('done')), {})
    if last.get('prompt_eval_count') is None and \
            last.get('eval_count') is None:
        return None
    found = Usage()
    found.inclusive(last.get('prompt_eval_count') or 0,
                    last.get('eval_count') or 0,
                    {'input_cached': last.get('prompt_eval_cached_count')})
    return found


def embeddings(parts, provider):
    whole = parts[0]
    told = whole.get('usage') or {}
    if isinstance(told, dict) and told.get('prompt_tokens') is not None:
        return chat([whole], provider)
    billed = (whole.get('meta') or {}).get('billed_units') or {}
    google = whole.get('usageMetadata') or {}
    tokens = first(told.get('total_tokens'), billed.get('input_tokens'),
                   whole.get('prompt_eval_count'),
                   google.get('promptTokenCount'))
    found = Usage()
    if 'predictions' in whole:
        tokens = sum(int(one['embeddings']['statistics']['token_count'])
                     for one in whole['predictions'])
    if tokens is None:
        return None
    found.exclusive(input_uncached=int(tokens or 0))
    found.stated = stated(told)
    return found


READERS = {'chat': chat, 'responses': responses, 'messages': messages,
           'converse': converse, 'generateContent': gemini, 'cohere': cohere,
           'ollama': ollama, 'embeddings': embeddings}


def usage(recording):
    """@return None: none was reported, or it is in nobody's form"""
    kind = reader.kind_of(recording)
    response = recording['response']
    if kind not in READERS or response['status'] >= 400:
        return None
    parts = [part for part in reader.records(response, exact=True)
             if isinstance(part, dict)]
    return READERS[kind](parts, recording['provider']) if parts else None


def family(recording):
    """The provider's row in a manifest."""
    return {'gemini': 'google'}.get(recording['provider'],
                                    recording['provider'])
