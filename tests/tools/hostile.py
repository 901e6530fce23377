#!/usr/bin/env python3
"""Attack the encoders: hostile.py PROGRAM [PART/PARTS]

Requests that no honest host writes go through llmgw-wire (encode --batch), in
every dialect: every member with every wrong value, members twice, cut and
damaged bytes, endless lists, garbage where base64 belongs. Each must be refused
by an error that names the member, or go out as strict JSON: UTF-8, no member
twice, no NaN. The same requests every time. Standard library only.
"""
import json
import os
import re
import subprocess
import sys

TARGETS = (('openai', '-', 'gpt-5'), ('openai', 'responses', 'gpt-5.6'),
           ('anthropic', '-', 'claude-haiku-4-5'),
           ('google', '-', 'gemini-2.5-pro'), ('mistral', '-', 'm'),
           ('deepseek', '-', 'm'))
# Wrong here, and told by the member that does not go with it any more; "llmgw"
# may be told to be strict.
TOLD_BY = {'tools': ('tool_choice',), 'functions': ('function_call',),
           'stream': ('stream_options',), 'logprobs': ('top_logprobs',),
           'top_logprobs': ('logprobs',), 'audio': ('modalities',),
           'modalities': ('audio',)}
KINDS = ('invalid_request', 'unsupported_parameter', 'request_too_large',
         'model_not_found')


class Raw:
    """Bytes that stand in a request as they are."""

    def __init__(self, text):
        self.bytes = text if isinstance(text, bytes) else text.encode()


def dump(value):
    """JSON, but for what is raw in it."""
    if isinstance(value, Raw):
        return value.bytes
    if isinstance(value, dict):
        return b'{' + b','.join(dump(name) + b':' + dump(member)
                                for name, member in value.items()) + b'}'
    if isinstance(value, list):
        return b'[' + b','.join(dump(item) for item in value) + b']'
    return json.dumps(value).encode()


PNG = 'data:image/png;base64,iVBORw0KGgo='
SCHEMA = {'type': 'object', 'required': ['a'], 'additionalProperties': False,
          'properties': {'a': {'type': ['string', 'null'], 'enum': ['x', 1]},
                         'b': {'anyOf': [{'$ref': '#/$defs/c'}]}},
          '$defs': {'c': {'type': 'array', 'items': {'type': 'number'}}}}
SOUND = {
    'model': 'model',
    'messages': [
        {'role': 'system', 'content': 'Be kind.', 'name': 's'},
        {'role': 'user', 'name': 'u', 'content': [
            {'type': 'text', 'text': 'Hi', 'cache_control': {
                'type': 'ephemeral'}},
            {'type': 'image_url', 'image_url': {'url': PNG,
                                                'detail': 'low'}}]},
        {'role': 'assistant', 'content': 'Hm.', 'reasoning_content': 'I see.',
         'reasoning_details': [
             {'type': 'reasoning.text', 'index': 0, 'text': 'I see.',
              'format': 'anthropic-claude-v1', 'signature': 'c2ln'},
             {'type': 'reasoning.encrypted', 'index': 1, 'data': 'eA==',
              'format': 'openai-responses-v1', 'id': 'rs'}],
         'extra_content': {'google': {'thought_signature': 'c2ln'}},
         'tool_calls': [
             {'id': 'c1', 'type': 'function', 'extra_content': {
                 'google': {'thought_signature': 'c2ln'}},
              'function': {'name': 'f', 'arguments': '{"a":"x"}'}},
             {'id': 'c2', 'type': 'custom',
              'custom': {'name': 'sh', 'input': 'ls'}}]},
        {'role': 'tool', 'tool_call_id': 'c2', 'content': 'a'},
        {'role': 'tool', 'tool_call_id': 'c1', 'is_error': True,
         'content': [{'type': 'text', 'text': 'b'}]},
        {'role': 'assistant', 'content': [
            {'type': 'text', 'text': 'x'},
            {'type': 'refusal', 'refusal': 'No.'}]},
        {'role': 'assistant', 'content': None, 'refusal': 'No.',
         'llmgw': {'family': 'gemini', 'content': [{'text': 'x'}]}},
        {'role': 'user', 'content': 'Go on'}],
    'tools': [
        {'type': 'function', 'function': {
            'name': 'f', 'description': 'F', 'parameters': SCHEMA,
            'strict': True}},
        {'type': 'custom', 'custom': {
            'name': 'sh', 'description': 'Run', 'format': {
                'type': 'grammar', 'grammar': {'syntax': 'regex',
                                               'definition': 'a'}}}}],
    'tool_choice': {'type': 'allowed_tools', 'allowed_tools': {
        'mode': 'auto', 'tools': [{'type': 'function',
                                   'function': {'name': 'f'}}]}},
    'parallel_tool_calls': False,
    'max_completion_tokens': 2000, 'temperature': 0.5, 'top_p': 0.5,
    'top_k': 4, 'frequency_penalty': 0, 'presence_penalty': 0, 'seed': 4,
    'stop': ['a', 'b'], 'n': 1, 'logit_bias': {'5': 1}, 'reasoning_effort': 'low', 'verbosity': 'low',
    'user': 'u', 'metadata': {'a': 'b'}, 'service_tier': 'auto',
    'store': False, 'stream': True, 'stream_options': {'include_usage': True},
    'modalities': ['text'], 'prediction': {'type': 'content',
                                           'content': 'x'},
    'prompt_cache_key': 'k', 'prompt_cache_options': {'mode': 'implicit'},
    'prompt_cache_retention': '24h',
    'moderation': {'model': 'm'},
    'llmgw': {'strict': False, 'tags': {'a': 'b'}, 'timeout_ms': 5,
              'anthropic_beta': ['b'], 'gemini': {
                  'safetySettings': [], 'generationConfig': {
                      'thinkingConfig': {'thinkingBudget': 1}}}},
}
OTHERS = (  # members that do not go with those above
    {'response_format': {'type': 'json_schema', 'json_schema': {
        'name': 'r', 'description': 'R', 'schema': SCHEMA, 'strict': True}}},
    {'functions': [{'name': 'f', 'parameters': SCHEMA}],
     'function_call': {'name': 'f'}, 'max_tokens': 5,
     'safety_identifier': 's'},
    {'logprobs': True, 'top_logprobs': 2},
    {'web_search_options': {}},
    {'tools': [{'type': 'web_search', 'filters': {'a': ['b']}}]},
    {'thinking': {'type': 'enabled', 'budget_tokens': 1024},
     'cache_control': {'type': 'ephemeral'}, 'reasoning': {'effort': 'low'},
     'output_config': {'effort': 'low'}, 'system': 'x', 'speed': 'fast',
     'mcp_servers': [], 'container': 'c', 'context_management': {}},
    {'modalities': ['audio', 'text'], 'audio': {'voice': 'v',
                                                'format': 'wav'}},
    {'messages': [{'role': 'user', 'content': [
        {'type': 'input_audio', 'input_audio': {'data': 'QQ==',
                                                'format': 'wav'}},
        {'type': 'file', 'file': {'filename': 'a.pdf', 'file_data':
                                  'data:application/pdf;base64,QQ=='}},
        {'type': 'file', 'file': {'file_id': 'f1'}}]}]},
    {'messages': [{'role': 'user', 'content': 'a'},
                  {'role': 'assistant', 'function_call': {
                      'name': 'f', 'arguments': '{}'}},
                  {'role': 'function', 'name': 'f', 'content': 'x'},
                  {'role': 'assistant', 'audio': {'id': 'a'}},
                  {'role': 'developer', 'content': 'x'}]},
    {'messages': [{'role': 'user', 'content': 'a'},
                  {'role': 'assistant', 'content': 'x', 'llmgw': {
                      'family': 'anthropic', 'content': [
                          {'type': 'text', 'text': 'x'}]},
                   'thinking_blocks': [{'type': 'thinking', 'thinking': 't',
                                        'signature': 's'}]},
                  {'role': 'user', 'content': 'b'}]},
)
DEEP = 120
WRONG = [None, True, False, 0, -1, 1.5, 2147483648, 9007199254740993,
         -9223372036854775809, Raw('1e400'), Raw('-1e-400'), Raw('-0'),
         Raw('1E5'), Raw('NaN'), Raw('01'), '', ' ', 'x', 'x' * 5000, '\x00',
         '\u2028', '"\\\n\t\x7f', '\U0001f600' * 20, Raw('"\\ud800"'),
         Raw('"\\udc00\\ud800x"'), Raw(b'"\xff"'), Raw(b'"\xc0\x80"'),
         Raw(b'"\xed\xa0\x80"'), Raw('"\\u0000"'), Raw('"\\x"'), Raw('"a\nb"'),
         [], {}, [None], [[]], [{}], {'': ''}, {'type': 5}, {'a': {'a': []}},
         ['x', 5, None], Raw('[' * DEEP + ']' * DEEP),
         Raw('{"a":' * DEEP + '1' + '}' * DEEP), Raw('[' * 5000),
         Raw('{"a":1,"a":2}'), Raw('{"type":"text","type":"text"}'),
         {'type': 'text', 'text': 'x'}, 'https://example.com/a b"c',
         'data:', 'data:;base64,', PNG + '\n', 'text', 'function']

NAMES = ['type', 'id', 'name', 'role', 'content', 'text', 'parts', 'input',
         'arguments', 'input_schema', 'parameters', 'strict', 'description',
         'signature', 'thought', 'thoughtSignature', 'cache_control',
         'prompt_cache_breakpoint', 'tool_use_id', 'call_id', 'output',
         'is_error', 'index', 'effort', 'format', 'title', 'enum', 'properties',
         'required', 'additionalProperties', '$ref', 'anyOf', 'nullable',
         'detail', 'source', 'annotations', 'reasoning', 'prefix', 'tool_calls',
         'function', 'function_call', 'user_id', 'mode', 'stream', 'include']


def places(value, path=()):
    """The path of every value inside."""
    if path:
        yield path
    if isinstance(value, dict):
        for name, member in value.items():
            yield from places(member, path + (name,))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from places(item, path + (i,))


def put(value, path, new):
    """A copy with another value at a place."""
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = put(copy[path[0]], path[1:], new)
    return copy


def bases():
    yield SOUND, list(places(SOUND))
    for members in OTHERS:
        base = dict({'model': 'model', 'messages': [
            {'role': 'user', 'content': 'Hi'}]}, **members)
        yield base, list(places(members))


def wrong_values():
    """Each member with each wrong value; and absent, and twice."""
    for base, paths in bases():
        for path in paths:
            for wrong in WRONG:
                yield path, dump(put(base, path, wrong))
            text = dump(put(base, path, Raw('@')))
            parent = base
            for step in path[:-1]:
                parent = parent[step]
            if isinstance(parent, dict):
                name = dump(path[-1])
                yield None, text.replace(b'@', b'1,' + name + b':1')


def smuggled():
    """Members where they do not belong, named like those the wires have."""
    for base, paths in bases():
        for path in [()] + paths:
            inside = base
            for step in path:
                inside = inside[step]
            for name in NAMES if isinstance(inside, dict) else ():
                for value in ('x', {'type': 'x'}):
                    if name not in inside:
                        yield None, dump(put(base, path,
                                             dict(inside, **{name: value})))


def damaged():
    """Bytes cut, changed, doubled and left out."""
    state = 5
    texts = [dump(base) for base, _ in bases()]
    for text in texts:
        for i in range(0, len(text), 1 + len(text) // 400):
            yield None, text[:i] or b' '
    for i in range(6000):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2 ** 64
        text = texts[i % len(texts)]
        at = (state >> 33) % len(text)
        byte = bytes([(state >> 20) % 256])
        length = (state >> 28) % 20
        yield None, (text[:at] + byte + text[at + 1:],
                     text[:at] + text[at + length:],
                     text[:at] + text[at:at + length] + text[at:],
                     text[:at] + b'"' + text[at:])[i // 7 % 4]


def chat(messages, **members):
    return dump(dict({'model': 'model', 'messages': messages}, **members))


def user(content):
    return {'role': 'user', 'content': content}


def large():
    """More of everything than anybody needs."""
    count = 10000
    call = {'type': 'function', 'function': {'name': 'f',
                                             'arguments': '{}'}}
    calls = [dict(call, id='c%d' % i) for i in range(5000)]
    results = [{'role': 'tool', 'tool_call_id': 'c%d' % i, 'content': 'x'}
               for i in range(5000)]
    turns = [turn for i in range(3000) for turn in (
        {'role': 'assistant', 'tool_calls': [calls[i]]}, results[i])]
    tool = {'type': 'function', 'function': {'name': 'f'}}
    tools = [{'type': 'function', 'function': {
        'name': 'f%d' % i, 'parameters': SCHEMA, 'strict': True}}
        for i in range(5000)]
    wide = {'type': 'object', 'properties': {
        'p%d' % i: {'type': 'string'} for i in range(5000)}}
    yield chat([user('x')] * count)
    yield chat([user('x'), {'role': 'assistant', 'content': 'y'}] * count)
    yield chat([{'role': 'system', 'content': 's'}] * count + [user('x')])
    yield chat([user('x'), {'role': 'system', 'content': 's'}] * 5000)
    yield chat([user([{'type': 'text', 'text': 'x'}] * count)])
    yield chat([user([{'type': 'image_url', 'image_url': {'url': PNG}}] *
                     3000)])
    yield chat([user([{'type': 'text', 'text': 'x', 'cache_control': {
        'type': 'ephemeral'}}] * 3000)])
    yield chat([user('x'), {'role': 'assistant', 'tool_calls': calls}] +
               results, tools=[tool])
    yield chat([user('x'), {'role': 'assistant', 'tool_calls': calls}] +
               results[::-1], tools=[tool])
    yield chat([user('x'), {'role': 'assistant', 'tool_calls': calls},
                user('y')], tools=[tool])
    yield chat([user('x')] + turns, tools=[tool])
    yield chat([user('x')], tools=tools, tool_choice='required')
    yield chat([user('x')], tools=[tool] * 5000)
    yield chat([user('x')], tools=tools, tool_choice={
        'type': 'allowed_tools', 'allowed_tools': {
            'mode': 'auto', 'tools': [{'type': 'function', 'function': {
                'name': 'f%d' % i}} for i in range(0, 5000, 2)]}})
    for schema in (wide, {'type': 'object', '$defs': wide['properties'],
                          'properties': {'a': {'$ref': '#/$defs/p7'}}},
                   {'enum': list(range(count))},
                   {'anyOf': [{'type': 'string'}] * 3000}):
        yield chat([user('x')], tools=[{'type': 'function', 'function': {
            'name': 'f', 'parameters': schema, 'strict': True}}])
        yield chat([user('x')], response_format={
            'type': 'json_schema', 'json_schema': {
                'name': 'f', 'schema': schema, 'strict': True}})
    yield chat([user('x' * (1 << 21))])
    yield chat([user('\n' * (1 << 18)), user('\\' * (1 << 18))])
    yield chat([user('x')], stop=['x'] * 5000)
    yield chat([user('x')], logit_bias={str(i): 1 for i in range(5000)})
    yield chat([user('x')], metadata={str(i): 'x' for i in range(5000)})
    yield chat([user('x')], **{'member%d' % i: i for i in range(5000)})
    yield chat([user('x')], llmgw={'tags': {'t%d' % i: 'x'
                                            for i in range(5000)}})
    yield chat([{'role': 'assistant', 'content': 'x', 'reasoning_details': [
        {'type': 'reasoning.text', 'text': 'x', 'signature': 's', 'index': i,
         'format': 'anthropic-claude-v1'} for i in range(3000)]}, user('x')])
    yield chat([{'role': 'assistant', 'content': 'x', 'reasoning_details': [
        {'type': 'reasoning.encrypted', 'data': 'x', 'id': 'r%d' % (i % 3),
         'format': 'openai-responses-v1'} for i in range(3000)]}, user('x')])


def deep(levels, inside):
    return Raw(b'{"type":"array","items":' * levels + inside + b'}' * levels)


def odd():
    """Structures that bend what the encoders walk through."""
    for data in ('', '=', '====', 'QQ', 'QQ=', 'Q===', 'Q', 'QQ==QQ==', '@@@@',
                 'Q Q==', 'Q\nQ==', 'QQ-_', '\u00e4\u00f6', '"', '\\',
                 '\x00', 'A' * 100001):
        for kind in ('image/png', 'application/pdf', 'text/plain', 'audio/wav',
                     'x' * 500, '', 'image/png;a=b', 'IMAGE/PNG'):
            url = 'data:%s;base64,%s' % (kind, data)
            yield chat([user([{'type': 'image_url',
                               'image_url': {'url': url}}])])
            yield chat([user([{'type': 'file', 'file': {
                'filename': 'a', 'file_data': url}}])])
        yield chat([user([{'type': 'input_audio', 'input_audio': {
            'data': data, 'format': 'wav'}}])])
        yield chat([user([{'type': 'file', 'file': {
            'filename': 'a.pdf', 'file_data': data}}])])
    yield chat([user([{'type': 'image_url', 'image_url': {'url': Raw(
        '"\\u0064ata:image/png;base64,\\u0051Q=="')}}])])
    for levels in (1, 50, 115, 120, 125, 130, 3000):
        for inside in (b'{"type":"string"}', b'{}', b'true', b'5',
                       b'{"$ref":"#"}', b'{"enum":[]}'):
            schema = deep(levels, inside)
            for top in (schema, {'type': 'object', 'properties': {
                    'a': schema}}):
                yield chat([user('x')], tools=[{
                    'type': 'function', 'function': {
                        'name': 'f', 'parameters': top, 'strict': True}}])
                yield chat([user('x')], response_format={
                    'type': 'json_schema', 'json_schema': {
                        'name': 'f', 'schema': top, 'strict': True}})
    refs = ['#', '#/', '#/$defs', '#/$defs/a', '#/$defs/b', '#/properties/a',
            'a', '', 'https://example.com/s', '#/$defs/~0~1%25',
            '#/$defs/a/' * 50, 5, None, {}]
    for ref, back in ((ref, back) for ref in refs for back in refs):
        schema = {'type': 'object', 'properties': {'a': {'$ref': ref}},
                  '$defs': {'a': {'$ref': back}, 'b': {'properties': {
                      'x': {'$ref': '#/$defs/a'}}}}}
        yield chat([user('x')], response_format={
            'type': 'json_schema', 'json_schema': {
                'name': 'f', 'schema': schema, 'strict': True}},
            tools=[{'type': 'function', 'function': {
                'name': 'f', 'parameters': schema, 'strict': True}}])
    bomb = {'type': 'object', 'properties': {'a': {'$ref': '#/$defs/d0'}},
            '$defs': {'d%d' % i: {'type': 'object', 'properties': {
                name: {'$ref': '#/$defs/d%d' % (i + 1)} for name in 'abcd'}}
                for i in range(30)}}
    yield chat([user('x')], response_format={
        'type': 'json_schema', 'json_schema': {'name': 'f', 'schema': bomb}},
        tools=[{'type': 'function', 'function': {'name': 'f',
                                                 'parameters': bomb}}])
    for arguments in ('', ' ', '{', '}', 'null', '5', '"x"', '[]', '{"a":1}x',
                      '{"a":NaN}', '\x00', '{"a":"\ud800"}',
                      '{"a":"\\ud800"}', '{"a":"\n"}', '[' * 3000,
                      '{"a":' * 120 + '1' + '}' * 120,
                      '{"a":' * 127 + '1' + '}' * 127, ' {"a" : 1 }\n',
                      '{"a":1e999}', '{"\\u0061":1}', '\ufeff{}'):
        for id_ in ('c', '', 'x' * 300, '\ud800', '\x00', 'a b/\u00e4'):
            yield chat([user('x'), {'role': 'assistant', 'tool_calls': [
                {'id': id_, 'type': 'function', 'function': {
                    'name': 'f', 'arguments': arguments}}]},
                {'role': 'tool', 'tool_call_id': id_, 'content': arguments}])
    for name in ('', ' ', 'a b', 'x' * 65, '\u00e4', '\ud800', 'a"b', '-', '1',
                 'a.b:c'):
        yield chat([user('x')], tools=[{'type': 'function', 'function': {
            'name': name}}], tool_choice={'type': 'function', 'function': {
                'name': name}})
        yield chat([dict(user('x'), name=name)])
    for texts in (['\ud800'], ['\x00', '\x1f'], ['\ufeff', '\ufffe'],
                  [''] * 3, [' ', '\n', '\u00a0'], ['\ud83d', '\ude00']):
        parts = [{'type': 'text', 'text': text} for text in texts]
        yield chat([user(parts)])
        yield chat([{'role': 'system', 'content': parts}, user('x')])
        yield chat([user('x'), {'role': 'assistant', 'content': parts},
                    user('y')], stop=texts[:4], user=texts[0])


def attacks():
    """(the damaged path or None, bytes), all of them, always the same."""
    yield from wrong_values()
    yield from smuggled()
    yield from damaged()
    for text in odd():
        yield None, text
    for text in large():
        yield None, text


def strict(members):
    names = [name for name, _ in members]
    if len(set(names)) != len(names):
        raise ValueError('a member twice in %s' % names[:20])
    return dict(members)


def no_number(word):
    raise ValueError('no number: %s' % word)


def fault(path, line):
    """What is wrong with an answer; None: nothing."""
    try:
        told = json.loads(line.decode('utf-8'), object_pairs_hook=strict,
                          parse_constant=no_number)
    except ValueError as problem:
        return 'not strict JSON: %s' % problem
    if 'error' not in told:
        return None if isinstance(told['body'], dict) else 'no JSON object'
    error = told['error']
    if error['kind'] not in KINDS:
        return 'kind %s' % error['kind']
    if len(error['message']) < 9 or '\n' in error['message']:
        return 'message %r' % error['message']
    named = re.split(r'[.\[]', error['param'] or '')[0]
    if not named and not error['message'].startswith((
            'the request is not valid JSON: ', 'unknown parameter: ')):
        return 'names no member: %s' % error['message']
    if path and named and path[0] not in (named, 'llmgw') and \
            named not in TOLD_BY.get(path[0], ()):
        return 'names %s in place of %s: %s' % (named, path[0],
                                                error['message'])
    return None


def run(program, jobs):
    batch = b''.join(b'%s %s %s %d\n%s\n' % (
        row.encode(), dialect.encode(), model.encode(), len(text), text)
        for (row, dialect, model), _, text in jobs)
    done = subprocess.run([program, 'encode', '--batch'], input=batch,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=250)
    return done.returncode, done.stdout.split(b'\n')[:-1], done.stderr


def main(program, part=0, parts=1):
    jobs = [(target, path, text) for i, (path, text) in enumerate(attacks())
            for target in TARGETS if i % parts == part]
    refused = failed = 0
    for start in range(0, len(jobs), 5000):
        some = jobs[start:start + 5000]
        code, lines, told = run(program, some)
        if code or len(lines) != len(some):
            target, _, text = some[min(len(lines), len(some) - 1)]
            print('exit code %d after %d of %d answers; then %s, %r\n%s' % (
                code, len(lines), len(some), target, text[:3000],
                told.decode('utf-8', 'replace')))
            return 1
        for (target, path, text), line in zip(some, lines):
            refused += line.startswith(b'{"error"')
            problem = fault(path, line)
            if problem:
                failed += 1
                if failed <= 200:
                    print('FAILS %s %s: %s\n    at %s: %r' % (
                        target[0], target[1], problem[:300], path,
                        text[:int(os.environ.get('SHOW', '300'))]))
    print('%d requests, %d refused, %d failed' % (len(jobs), refused, failed))
    return 1 if failed else 0


if __name__ == '__main__':
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], *(
        int(word) for word in (sys.argv[2:] or ['0/1'])[0].split('/'))))
