#!/usr/bin/env python3
"""Does the API take what the gemini encoder writes?

gemini_shapes.py PROGRAM GOLDEN...

Every request of the goldens given, of the shared ones and of the list below is
encoded. Each member of the bodies, named by its path, must have been accepted
in a recorded request (status 200), or stand in DOCUMENTED with its source. A
request below that no longer brings a path of DOCUMENTED to light makes that
row unneeded, which fails too. Without LLMGW_SHARED in the environment there
are no recordings: exit 77. Standard library only.
"""
import glob
import json
import os
import re
import subprocess
import sys

# Paths that no recorded request has: where it is said that they are taken.
SDK = 'google-genai SDK 2.32 (2026-11), '
GUIDE = 'ai.google.dev, '
DOCUMENTED = {
    'continuationToken': GUIDE + '"Long decode"',
    'serviceTier': SDK + 'GenerateContentConfig',
    'generationConfig.frequencyPenalty': SDK + 'GenerationConfig',
    'generationConfig.presencePenalty': SDK + 'GenerationConfig',
    'generationConfig.logprobs': SDK + 'GenerationConfig',
    'generationConfig.responseLogprobs': SDK + 'GenerationConfig',
    'generationConfig.speechConfig': SDK + 'SpeechConfig',
    'generationConfig.speechConfig.voiceConfig': SDK + 'VoiceConfig',
    'generationConfig.speechConfig.voiceConfig.prebuiltVoiceConfig':
        SDK + 'PrebuiltVoiceConfig',
    'generationConfig.speechConfig.voiceConfig.prebuiltVoiceConfig.voiceName':
        SDK + 'PrebuiltVoiceConfig',
    'contents[].parts[].executableCode': SDK + 'Part; ours goes back',
    'contents[].parts[].codeExecutionResult': SDK + 'Part; ours goes back',
    'contents[].parts[].mediaResolution': SDK + 'Part',
    'contents[].parts[].mediaResolution.level': SDK + 'PartMediaResolution',
}
# The same for keywords of the older schema form.
SCHEMA_KEYWORDS = set('''type nullable title description enum format anyOf
    items minItems maxItems properties required propertyOrdering minimum
    maximum minLength maxLength pattern minProperties maxProperties
    '''.split()) # SDK, Schema; ai.google.dev, "Schema"

# The host's own JSON: not ours to check.
FREE = re.compile(r'\.(args|response|[a-z]*JsonSchema)$'
                  r'|^contents\[\]\.parts\[\]\.(executableCode|toolCall|'
                  r'codeExecutionResult|toolResponse)$')
SCHEMA = re.compile(r'\.(parameters|responseSchema)$')

USER = [{'role': 'user', 'content': 'Hi'}]
PIXEL = {'type': 'image_url',
         'image_url': {'url': 'data:image/png;base64,AAAA', 'detail': 'low'}}
FUNCTION = {'type': 'function', 'function': {
    'name': 'f', 'description': 'd', 'strict': True,
    'parameters': {'type': 'object', 'properties': {
        'a': {'type': 'string'}, 'b': {'type': ['integer', 'null']}}}}}
HISTORY = USER + [
    {'role': 'assistant', 'content': 'a', 'tool_calls': [
        {'id': 'c1', 'type': 'function',
         'function': {'name': 'f', 'arguments': '{}'}}],
     'images': [dict(PIXEL, extra_content={'google': {
         'thought_signature': 'S'}})],
     'extra_content': {'google': {'thought_signature': 'S'}}},
    {'role': 'tool', 'tool_call_id': 'c1', 'content': [
        {'type': 'text', 'text': 'r'}, PIXEL,
        {'type': 'image_url', 'image_url': {'url': 'https://a.test/b.png'}},
        {'type': 'input_audio', 'input_audio': {'data': 'AA==',
                                                'format': 'wav'}}]},
    {'role': 'user', 'content': [
        PIXEL, {'type': 'input_audio', 'input_audio': {'data': 'AA==',
                                                       'format': 'wav'}},
        {'type': 'image_url', 'image_url': {'url': 'https://a.test/b.png'}},
        {'type': 'file', 'file': {'filename': 'a.pdf', 'file_data': 'AA=='}},
        {'type': 'file', 'file': {
            'file_id': 'https://generativelanguage.googleapis.com/v1beta/'
                       'files/x', 'mime_type': 'video/mp4'}}]}]
MODELS = ('gemini-2.0-flash', 'gemini-2.5-pro', 'gemini-2.5-flash-image',
          'gemini-3-flash-preview', 'gemini-3-pro-image-preview',
          'gemini-3.7-flash', 'gemini-4-argon', 'gemma-3-27b-it')
# What each asks for beyond the messages; refused where a model cannot.
ASKED = [
    {'temperature': 1, 'top_p': 0.5, 'top_k': 3, 'max_tokens': 9,
     'stop': ['a'], 'seed': 1, 'service_tier': 'flex',
     'presence_penalty': 1, 'frequency_penalty': 1, 'logit_bias': {'1': 1},
     'user': 'u', 'metadata': {'a': 'b'}, 'store': True,
     'verbosity': 'low', 'parallel_tool_calls': False},
    {'n': 2}, {'logprobs': True, 'top_logprobs': 2},
    {'reasoning_effort': 'none'}, {'reasoning_effort': 'high'},
    {'response_format': {'type': 'json_object'}},
    {'response_format': {'type': 'json_schema', 'json_schema': {
        'name': 's', 'schema': FUNCTION['function']['parameters']}}},
    {'modalities': ['text', 'audio'],
     'audio': {'voice': 'Kore', 'format': 'pcm16'}},
    {'modalities': ['text', 'image']},
    {'web_search_options': {}},
    {'tools': [FUNCTION]},
    {'tools': [FUNCTION], 'web_search_options': {}},
    {'tools': [FUNCTION], 'tool_choice': 'required'},
    {'tools': [FUNCTION], 'tool_choice': {'type': 'function',
                                          'function': {'name': 'f'}}},
    {'tools': [{'type': 'custom', 'custom': {'name': 'c'}}]},
    {'llmgw': {'gemini': {'continuationToken': 'Q1Q='}}},
]


def requests(files):
    """(model, request) of goldens and of the list above."""
    for path in files:
        with open(path, encoding='utf-8') as file:
            golden = json.load(file)
        for case in golden.get('cases') or [golden]:
            case = dict(golden, **case)
            if case.get('dialect') == 'gemini' and \
                    case.get('provider') == 'google' and \
                    'messages' in (case.get('openai_request') or {}):
                yield case['model'], case['openai_request']
    for model in MODELS:
        system = [{'role': 'system', 'content': 'Be brief.'}]
        yield model, {'messages': system + HISTORY}
        for asked in ASKED:
            yield model, dict({'messages': USER}, **asked)


def encode(program, model, request):
    """The body; None: refused."""
    request = dict(request, model='google/' + model)
    request.pop('stream', None)
    request.pop('stream_options', None)
    done = subprocess.run(
        [program, 'encode', '--provider', 'google', '--model', model],
        input=json.dumps(request).encode('utf-8'), stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, timeout=60)
    if done.returncode != 0:
        sys.exit('exit code %d\n%s' % (done.returncode, done.stderr.decode()))
    return json.loads(done.stdout.decode('utf-8')).get('body')


def camel(name):
    return re.sub(r'_([a-z])', lambda match: match.group(1).upper(), name)


def schema_keywords(schema):
    """Of the older form: keywords, names of properties left out."""
    for name, value in schema.items():
        yield name
        inner = value.values() if name == 'properties' else \
            value if name == 'anyOf' else [value] if name == 'items' else []
        for one in inner:
            yield from schema_keywords(one)


def paths(value, path=''):
    """Paths of all members; ('older schema', keyword) within schemas."""
    if SCHEMA.search(path) and isinstance(value, dict):
        for keyword in schema_keywords(value):
            yield ('older schema', keyword)
    elif FREE.search(path):
        return
    elif isinstance(value, dict):
        for name, inner in value.items():
            member = (path + '.' if path else '') + camel(name)
            yield member
            yield from paths(inner, member)
    elif isinstance(value, list):
        for inner in value:
            yield from paths(inner, path + '[]')


def accepted(shared):
    """Paths in recorded requests that were answered."""
    found = set()
    pattern = os.path.join(shared, 'corpus', 'gemini',
                           'gemini-generateContent-*.json')
    for path in glob.glob(pattern):
        with open(path, encoding='utf-8') as file:
            recording = json.load(file)
        if recording['response']['status'] == 200:
            try:
                found.update(paths(recording['request']['body'] or {}))
            except AttributeError: # a schema that is none
                pass
    return found


def main(program, goldens):
    shared = os.environ.get('LLMGW_SHARED')
    if not shared:
        print('skipped: LLMGW_SHARED does not say where the recordings are')
        return 77
    goldens = goldens + sorted(
        glob.glob('%s/wire/golden/gemini/*.json' % shared))
    known = accepted(shared)
    sent, bodies, failing = {}, 0, 0
    for model, request in requests(goldens):
        body = encode(program, model, request)
        bodies += body is not None
        for path in paths(body or {}):
            sent.setdefault(path, (model, request))
    for path, where in sorted(sent.items(), key=str):
        if isinstance(path, tuple):
            taken = path[1] in SCHEMA_KEYWORDS
        else:
            taken = path in known or path in DOCUMENTED
        if not taken:
            failing += 1
            print('NOBODY HAS SEEN %s TAKEN: %s %.300s' % (
                path, where[0], json.dumps(where[1])))
    for path in sorted(DOCUMENTED):
        if path in known or path not in sent:
            failing += 1
            print('NEEDS NO DOCUMENT: %s' % path)
    print('%d bodies, %d paths sent, %d of them recorded' % (
        bodies, len(sent), len(set(sent) & known)))
    return 1 if failing or not bodies else 0


if __name__ == '__main__':
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2:]))
