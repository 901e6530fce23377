"""Requests of a host, systematically: each member in each of its forms, alone,
in pairs where members speak to each other, and mixed. The same every time.
"""
import itertools
import json

PNG = ('data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAA'
       'DUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==')
PDF = 'data:application/pdf;base64,JVBERi0xLjQKJSVFT0YK'
WAV = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA='
HI = [{'role': 'user', 'content': 'Hi'}]
EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']

NESTED = {
    'type': 'object',
    '$defs': {'node': {'type': 'object', 'properties': {
        'name': {'type': 'string', 'minLength': 1, 'pattern': '^[a-z]+$'},
        'next': {'$ref': '#/$defs/node'}}, 'required': ['name'],
        'additionalProperties': False}},
    'properties': {
        'list': {'type': 'array', 'minItems': 1, 'maxItems': 3,
                 'items': {'$ref': '#/$defs/node'}},
        'either': {'anyOf': [{'type': 'string', 'format': 'date-time'},
                             {'type': 'null'}]},
        'one': {'oneOf': [{'const': 'a'}, {'enum': ['b', 3, None]}]},
        'all': {'allOf': [{'type': 'object', 'properties': {}}]},
        'count': {'type': ['integer', 'null'], 'minimum': 0, 'maximum': 10,
                  'exclusiveMinimum': -1, 'multipleOf': 2, 'default': 4},
        'map': {'type': 'object',
                'additionalProperties': {'type': 'number'}},
        'any': True,
        'deep': {'type': 'object', 'properties': {'a': {
            'type': 'object', 'properties': {'b': {
                'type': 'array', 'items': {'type': 'boolean'}}}}}},
    },
    'required': ['list', 'either'],
    'additionalProperties': False,
}
STRICT = {'type': 'object', 'properties': {
    'city': {'type': 'string', 'description': 'Where'},
    'unit': {'type': 'string', 'enum': ['c', 'f']}},
    'required': ['city', 'unit'], 'additionalProperties': False}


def function(name, parameters=None, **more):
    told = {'name': name}
    if parameters is not None:
        told['parameters'] = parameters
    told.update(more)
    return {'type': 'function', 'function': told}


def custom(name, **more):
    return {'type': 'custom', 'custom': dict({'name': name}, **more)}


WEATHER = function('weather', STRICT, description='What it is like')
TOOLS = {
    'none said': [],
    'one': [WEATHER],
    'bare': [function('now')],
    'empty schema': [function('now', {})],
    'no properties': [function('now', {'type': 'object', 'properties': {}})],
    'strict': [function('weather', STRICT, strict=True)],
    'not strict': [function('weather', NESTED, strict=False)],
    'strict null': [function('weather', STRICT, strict=None)],
    'nested': [function('walk', NESTED, description='')],
    'nested strict': [function('walk', NESTED, strict=True)],
    'many': [function('f%d' % i, STRICT) for i in range(25)],
    'many strict': [function('f%d' % i, STRICT, strict=True)
                    for i in range(25)],
    'custom': [custom('sh')],
    'custom text': [custom('sh', description='Run',
                           format={'type': 'text'})],
    'custom grammar': [custom('sql', format={
        'type': 'grammar', 'grammar': {'syntax': 'lark',
                                       'definition': 'start: "a"'}})],
    'custom regex': [custom('hex', format={
        'type': 'grammar', 'grammar': {'syntax': 'regex',
                                       'definition': '[0-9a-f]+'}})],
    'both': [WEATHER, custom('sh')],
    'cached': [dict(WEATHER, cache_control={'type': 'ephemeral'})],
    'search': [{'type': 'web_search'}],
    'search and function': [WEATHER, {'type': 'web_search'}],
    'anthropic search': [{'type': 'web_search_20250305', 'name': 'web_search',
                          'max_uses': 2}],
}
CHOICES = {
    'none': 'none', 'auto': 'auto', 'required': 'required',
    'function': {'type': 'function', 'function': {'name': 'weather'}},
    'custom': {'type': 'custom', 'custom': {'name': 'sh'}},
    'allowed auto': {'type': 'allowed_tools', 'allowed_tools': {
        'mode': 'auto',
        'tools': [{'type': 'function', 'function': {'name': 'weather'}}]}},
    'allowed required': {'type': 'allowed_tools', 'allowed_tools': {
        'mode': 'required',
        'tools': [{'type': 'function', 'function': {'name': 'weather'}},
                  {'type': 'custom', 'custom': {'name': 'sh'}}]}},
}
FORMATS = {
    'text': {'type': 'text'},
    'object': {'type': 'json_object'},
    'schema': {'type': 'json_schema', 'json_schema': {'name': 'place',
                                                      'schema': STRICT}},
    'strict': {'type': 'json_schema', 'json_schema': {
        'name': 'place', 'description': 'A place', 'schema': STRICT,
        'strict': True}},
    'nested': {'type': 'json_schema', 'json_schema': {
        'name': 'walk', 'schema': NESTED, 'strict': True}},
    'loose': {'type': 'json_schema', 'json_schema': {
        'name': 'walk', 'schema': NESTED, 'strict': False}},
    'strict null': {'type': 'json_schema', 'json_schema': {
        'name': 'walk', 'schema': STRICT, 'strict': None}},
    'no schema': {'type': 'json_schema', 'json_schema': {'name': 'any'}},
    'array': {'type': 'json_schema', 'json_schema': {
        'name': 'list', 'schema': {'type': 'array',
                                   'items': {'type': 'string'}}}},
}
MEMBERS = {
    'temperature': [0, 0.5, 1, 2, None],
    'top_p': [0, 0.01, 0.9, 1, None],
    'top_k': [-1, 0, 1, 40],
    'frequency_penalty': [-2, 0, 1.5, 2, None],
    'presence_penalty': [-2, 0, 1.5, 2, None],
    'max_tokens': [1, 1000, 100000, None],
    'max_completion_tokens': [1, 1024, 30000, 2147483647, None],
    'n': [1, 2, 8, None],
    'seed': [0, 7, -1, 2147483648, 9007199254740993,
             -9223372036854775808, None],
    'stop': ['x', '\n', '', ['x'], ['a', 'b', 'c', 'd'], [' ', 'y'],
             ['a', 'b', 'c', 'd', 'e', 'f'], [], None],
    'logprobs': [True, False, None],
    'logit_bias': [{}, {'50256': -100, '11': 3}, None],
    'metadata': [{}, {'team': 'blue', 'user_id': 'u-1'}, None],
    'service_tier': ['auto', 'default', 'flex', 'scale', 'priority', 'fast',
                     None],
    'store': [True, False, None],
    'user': ['u-1', 'x' * 300],
    'safety_identifier': ['u-2', 'me@example.com'],
    'reasoning_effort': EFFORTS + [None],
    'verbosity': ['low', 'medium', 'high', None],
    'parallel_tool_calls': [True, False],
    'prompt_cache_key': ['k'],
    'prompt_cache_retention': ['in_memory', '24h'],
    'prompt_cache_options': [{'mode': 'implicit'}, {'mode': 'explicit',
                                                    'ttl': '30m'}],
    'prediction': [{'type': 'content', 'content': 'Hello'},
                   {'type': 'content',
                    'content': [{'type': 'text', 'text': 'Hello'}]}],
    'modalities': [['text'], ['text', 'audio'], ['audio'], ['image', 'text'],
                   None],
    'web_search_options': [{}, {'search_context_size': 'low'}, {
        'search_context_size': 'high', 'user_location': {
            'type': 'approximate', 'approximate': {
                'country': 'DE', 'city': 'Ulm', 'region': 'BW',
                'timezone': 'Europe/Berlin'}}}],
    'moderation': [{'model': 'omni-moderation-latest'}],
    'thinking': [{'type': 'enabled', 'budget_tokens': 2048},
                 {'type': 'disabled'}, {'type': 'adaptive'},
                 {'type': 'adaptive', 'display': 'omitted'}],
    'cache_control': [{'type': 'ephemeral'},
                      {'type': 'ephemeral', 'ttl': '1h'}],
    'inference_geo': ['us'],
    'container': ['container_1'],
    'output_config': [{'effort': 'low'}],
    'speed': ['fast', 'standard'],
    'stream': [True, False, None],
    'response_format': list(FORMATS.values()),
}
KNOWN = set(MEMBERS) | {
    'messages', 'tools', 'tool_choice', 'functions', 'function_call',
    'top_logprobs', 'stream_options', 'audio'}


def text(words, **more):
    return dict({'type': 'text', 'text': words}, **more)


def image(url, detail=None):
    told = {'url': url}
    if detail:
        told['detail'] = detail
    return {'type': 'image_url', 'image_url': told}


def sound(form):
    return {'type': 'input_audio', 'input_audio': {'data': WAV,
                                                   'format': form}}


def document(**told):
    return {'type': 'file', 'file': told}


PARTS = {
    'text': [text('a')],
    'texts': [text('a'), text(''), text('b')],
    'blank': [text(' ')],
    'image': [image(PNG)],
    'image low': [text('a'), image(PNG, 'low')],
    'image high': [image(PNG, 'high'), image(PNG, 'auto'), text('b')],
    'image by URL': [image('https://example.com/a.png')],
    'image by file URL': [image('gs://bucket/a.jpg')],
    'webp': [image(PNG.replace('png', 'webp'))],
    'svg': [image(PNG.replace('png', 'svg+xml'))],
    'wav': [sound('wav'), text('a')],
    'mp3': [sound('mp3')],
    'pdf': [document(filename='a.pdf', file_data=PDF)],
    'pdf unnamed': [document(file_data=PDF), text('a')],
    'pdf bare': [document(filename='a.pdf', file_data=PDF.split(',')[1])],
    'text file': [document(filename='a.txt',
                           file_data='data:text/plain;base64,SGk=')],
    'file id': [document(file_id='file-1')],
    'file by URL': [document(filename='a.pdf',
                             file_data='https://example.com/a.pdf')],
    'breakpoint': [text('a', prompt_cache_breakpoint={'mode': 'explicit'}),
                   text('b')],
    'cached': [text('a', cache_control={'type': 'ephemeral'}),
               dict(image(PNG), cache_control={'type': 'ephemeral',
                                               'ttl': '1h'})],
    'five cached': [text('a', cache_control={'type': 'ephemeral'})] * 5,
}


def call(id_, name='weather', arguments='{"city":"Ulm","unit":"c"}', **more):
    return dict({'id': id_, 'type': 'function', 'function': {
        'name': name, 'arguments': arguments}}, **more)


def calls(*made, **more):
    return dict({'role': 'assistant', 'tool_calls': list(made)}, **more)


def result(id_, content='12 degrees', **more):
    return dict({'role': 'tool', 'tool_call_id': id_, 'content': content},
                **more)


def user(content='Hi', **more):
    return dict({'role': 'user', 'content': content}, **more)


def said(content='Hello.', **more):
    return dict({'role': 'assistant', 'content': content}, **more)


def details(*entries):
    return [dict(entry, index=i) for i, entry in enumerate(entries)]


THOUGHT = {'type': 'reasoning.text', 'format': 'anthropic-claude-v1',
           'text': 'I see.', 'signature': 'c2ln'}
REDACTED = {'type': 'reasoning.encrypted', 'format': 'anthropic-claude-v1',
            'data': 'cmVk'}
SUMMARY = {'type': 'reasoning.summary', 'format': 'openai-responses-v1',
           'id': 'rs_1', 'summary': 'I saw.'}
SEALED = {'type': 'reasoning.encrypted', 'format': 'openai-responses-v1',
          'id': 'rs_1', 'data': 'c2VhbA=='}
GOOGLE = {'type': 'reasoning.encrypted', 'format': 'google-gemini-v1',
          'data': 'Z29v'}
SIGNED = {'google': {'thought_signature': 'c2ln'}}
BLOCKS = [
    ('anthropic', [{'type': 'thinking', 'thinking': 'I see.',
                    'signature': 'c2ln'},
                   {'type': 'text', 'text': 'Hello.'},
                   {'type': 'server_tool_use', 'id': 'srvtoolu_1',
                    'name': 'web_search', 'input': {'query': 'x'}},
                   {'type': 'web_search_tool_result',
                    'tool_use_id': 'srvtoolu_1', 'content': []}]),
    ('gemini', [{'text': 'I see.', 'thought': True},
                {'executableCode': {'language': 'PYTHON', 'code': '1'}},
                {'codeExecutionResult': {'outcome': 'OUTCOME_OK',
                                         'output': '1'}},
                {'text': 'Hello.', 'thoughtSignature': 'c2ln'}]),
]
SHELL = {'id': 'c9', 'type': 'custom', 'custom': {'name': 'sh',
                                                  'input': 'ls "a"\n'}}
HISTORIES = {
    'system': [{'role': 'system', 'content': 'Be kind.'}, user()],
    'developer': [{'role': 'developer', 'content': 'Be kind.'}, user()],
    'system parts': [{'role': 'system', 'name': 'boss', 'content': [
        text('Be kind.'), text('Be brief.', cache_control={
            'type': 'ephemeral'})]}, user()],
    'system late': [user(), said(), {'role': 'system', 'content': 'Stop.'},
                    user()],
    'system last': [user(), {'role': 'system', 'content': 'Stop.'}],
    'system alone': [{'role': 'system', 'content': 'Be kind.'}],
    'names': [user(name='Ann'), said(name='Bob'), user(name='Ann')],
    'turns': [user(), said(), user()],
    'answer first': [said(), user()],
    'prefill': [user(), said('{')],
    'same twice': [user(), user(), said(), said(), user()],
    'empty': [user('')],
    'null answer': [user(), said(None, refusal='No.'), user()],
    'refusal part': [user(), said([{'type': 'refusal', 'refusal': 'No.'}]),
                     user()],
    'refusal and text': [user(), said([text('Hm.'), {
        'type': 'refusal', 'refusal': 'No.'}], refusal='No.'), user()],
    'audio answer': [user(), {'role': 'assistant', 'audio': {'id': 'a_1'}},
                     user()],
    'call': [user(), calls(call('c1')), result('c1')],
    'call and text': [user(), calls(call('c1'), content='Let me see.'),
                      result('c1'), user()],
    'calls in order': [user(), calls(call('c1'), call('c2')), result('c1'),
                       result('c2')],
    'calls out of order': [user(), calls(call('c1'), call('c2'), call('c3')),
                           result('c3'), result('c1'), result('c2'), user()],
    'call unanswered': [user(), calls(call('c1'), call('c2')), result('c2'),
                        user()],
    'call last': [user(), calls(call('c1'))],
    'call twice the same': [user(), calls(call('c1')), result('c1'),
                            calls(call('c1')), result('c1')],
    'odd ids': [user(), calls(call('call:1/ä'), call('x' * 90)),
                result('x' * 90), result('call:1/ä')],
    'result failed': [user(), calls(call('c1')),
                      result('c1', 'no such city', is_error=True)],
    'result parts': [user(), calls(call('c1')),
                     result('c1', [text('12'), text('degrees')])],
    'result image': [user(), calls(call('c1')),
                     result('c1', [text('12'), image(PNG)])],
    'result pdf': [user(), calls(call('c1')), result('c1', [document(
        filename='a.pdf', file_data=PDF)])],
    'result empty': [user(), calls(call('c1')), result('c1', '')],
    'result object': [user(), calls(call('c1')),
                      result('c1', '{"degrees":12}')],
    'result list': [user(), calls(call('c1')), result('c1', '[1,2]')],
    'result cached': [user(), calls(call('c1')), result(
        'c1', [text('12', cache_control={'type': 'ephemeral'})])],
    'arguments broken': [user(), calls(call('c1', arguments='{"city":')),
                         result('c1')],
    'arguments empty': [user(), calls(call('c1', arguments='')),
                        result('c1')],
    'arguments no object': [user(), calls(call('c1', arguments='[1]')),
                            result('c1')],
    'custom call': [user(), calls(SHELL), result('c9', 'a')],
    'both calls': [user(), calls(call('c1'), SHELL), result('c9', 'a'),
                   result('c1')],
    'legacy call': [user(), {'role': 'assistant', 'content': None,
                             'function_call': {'name': 'weather',
                                               'arguments': '{}'}},
                    {'role': 'function', 'name': 'weather',
                     'content': '12'}],
    'reasoning text': [user(), said(reasoning_content='I see.'), user()],
    'reasoning signed': [user(), said(reasoning_content='I see.',
                                      reasoning_details=details(THOUGHT)),
                         user()],
    'reasoning redacted': [user(), said(
        reasoning_details=details(THOUGHT, REDACTED)), user()],
    'reasoning call': [user(), calls(call('c1'), reasoning_details=details(
        THOUGHT, REDACTED)), result('c1')],
    'reasoning sealed': [user(), said(reasoning_details=details(
        SUMMARY, SEALED)), user()],
    'reasoning sealed call': [user(), calls(
        call('c1'), reasoning_details=details(SUMMARY, SEALED)),
        result('c1')],
    'reasoning google': [user(), calls(
        call('c1'), reasoning_details=details(GOOGLE)), result('c1')],
    'reasoning of all': [user(), said(reasoning_details=details(
        THOUGHT, REDACTED, SUMMARY, SEALED, GOOGLE)), user()],
    'signed call': [user(), calls(call('c1', extra_content=SIGNED),
                                  call('c2')), result('c1'), result('c2')],
    'signed text': [user(), said(extra_content=SIGNED), user()],
    'cached turn': [user(cache_control={'type': 'ephemeral'}),
                    said(cache_control={'type': 'ephemeral'}), user()],
}
HISTORIES.update({
    'replay ' + family: [user(), said(llmgw={'family': family,
                                             'content': blocks}), user()]
    for family, blocks in BLOCKS})
EXTENSIONS = {
    'strict': {'strict': True},
    'tags': {'tags': {'team': 'blue'}},
    'beta': {'anthropic_beta': ['context-1m-2025-08-07']},
    'safety': {'gemini': {'safetySettings': [{
        'category': 'HARM_CATEGORY_HARASSMENT', 'threshold': 'BLOCK_NONE'}]}},
    'config': {'gemini': {'generationConfig': {
        'mediaResolution': 'MEDIA_RESOLUTION_LOW',
        'thinkingConfig': {'thinkingBudget': 512, 'includeThoughts': True},
        'imageConfig': {'aspectRatio': '1:1'}}}},
    'search': {'gemini': {'tools': [{'googleSearch': {}},
                                    {'urlContext': {}}]}},
    'code': {'gemini': {'tools': [{'codeExecution': {}}]}},
    'cached': {'gemini': {'cachedContent': 'cachedContents/1'}},
}


def alone():
    """Each member in each form, with nothing else."""
    yield 'least', {}
    for member, values in MEMBERS.items():
        for i, value in enumerate(values):
            yield '%s %d' % (member, i), {member: value}
    for name, tools in TOOLS.items():
        if tools:
            yield 'tools ' + name, {'tools': tools}
    for name, parts in PARTS.items():
        yield 'part ' + name, {'messages': [user(parts)]}
    for name, messages in HISTORIES.items():
        yield 'history ' + name, {'messages': messages}
    for name, extension in EXTENSIONS.items():
        yield 'extension ' + name, {'llmgw': extension}
    for voice, form in itertools.product(('alloy', {'id': 'voice_1'}),
                                         ('wav', 'mp3', 'pcm16', 'opus')):
        yield 'audio %s %s' % (voice, form), {
            'modalities': ['text', 'audio'],
            'audio': {'voice': voice, 'format': form}}
    for count in (0, 3, 20):
        yield 'top_logprobs %d' % count, {'logprobs': True,
                                          'top_logprobs': count}
    for i, options in enumerate(({'include_usage': True},
                                 {'include_usage': False},
                                 {'include_obfuscation': False}, {}, None)):
        yield 'stream_options %d' % i, {'stream': True,
                                        'stream_options': options}
    for name, choice in (('none', 'none'), ('auto', 'auto'),
                         ('named', {'name': 'weather'})):
        yield 'functions ' + name, {'functions': [WEATHER['function']],
                                    'function_call': choice}


def is_of(choice, tools):
    """Are there tools, and of the names that the choice tells?"""
    named = json.dumps(choice)
    names = {tool[tool['type']]['name'] for tool in tools
             if tool['type'] in tool}
    return bool(tools) and all(name in names for name in ('weather', 'sh')
                               if '"%s"' % name in named)


def pairs():
    """Members that speak to each other."""
    for (name, tools), (other, choice) in itertools.product(TOOLS.items(),
                                                            CHOICES.items()):
        for parallel in (None, False, True) if is_of(choice, tools) else ():
            more = {} if parallel is None else {'parallel_tool_calls':
                                                parallel}
            yield 'tools %s, choice %s, parallel %s' % (
                name, other, parallel), dict(more, tools=tools,
                                             tool_choice=choice)
    for (name, tools), (other, form) in itertools.product(TOOLS.items(),
                                                          FORMATS.items()):
        if tools:
            yield 'tools %s, format %s' % (name, other), {
                'tools': tools, 'response_format': form}
    for effort, (name, tools) in itertools.product(EFFORTS, TOOLS.items()):
        yield 'effort %s, tools %s' % (effort, name), dict(
            {'tools': tools} if tools else {}, reasoning_effort=effort,
            temperature=0.5, top_p=0.9, max_tokens=4096)
    for effort, (name, form) in itertools.product(EFFORTS, FORMATS.items()):
        yield 'effort %s, format %s' % (effort, name), {
            'reasoning_effort': effort, 'response_format': form,
            'stop': ['x'], 'logprobs': True}
    for name, messages in HISTORIES.items():
        for effort in (None, 'none', 'high'):
            yield 'history %s, effort %s' % (name, effort), {
                'messages': messages, 'reasoning_effort': effort,
                'tools': TOOLS['both'], 'stream': True}
        yield 'history %s, format' % name, {
            'messages': messages, 'response_format': FORMATS['strict']}


def mixed(count):
    """Members drawn at random, of which there is only one seed."""
    state = 20260812
    every = dict(MEMBERS, tools=[t for t in TOOLS.values() if t],
                 tool_choice=list(CHOICES.values()),
                 messages=list(HISTORIES.values()) +
                 [[user(parts)] for parts in PARTS.values()],
                 llmgw=list(EXTENSIONS.values()))

    def draw(below):
        nonlocal state
        state = (state * 6364136223846793005 + 1442695040888963407) % 2 ** 64
        return (state >> 33) % below

    for i in range(count):
        request = {}
        for member, values in every.items():
            if draw(5) == 0:
                request[member] = values[draw(len(values))]
        if not is_of(request.get('tool_choice'), request.get('tools', [])):
            request.pop('tool_choice', None)
        if 'max_tokens' in request:
            request.pop('max_completion_tokens', None)
        yield 'mixed %d' % i, request


def matrix():
    """(name, request): all of them; "model" is up to the caller."""
    for name, members in itertools.chain(alone(), pairs(), mixed(1500)):
        request = dict({'messages': HI}, **members)
        # null is told apart from absent by hosts, so it has to be taken
        yield name, json.loads(json.dumps(request))
