#!/usr/bin/env python3
"""Ask again, through llmgw-wire, what recorded chat requests asked for.

requests.py PROGRAM SET KNOWN

Every recorded request that was answered with status 200 must be taken, and
must go out as it was recorded, member by member, where a service speaks the
host's own dialect. What may differ is written down here: in RENAMED, ADDED,
IDLE and the functions beside them, or in the list of adjustments that the
program itself reports for it. The set "openai" is OpenAI's own recordings,
"compatible" those of all others, asked through their own row of the provider
table or through that of an unknown service; "responses" are recordings of the
Responses API, turned into chat requests here and back there by the library.
KNOWN lists what is not taken, or differs: "id  reason" a line; the list only
shrinks. Without LLMGW_SHARED in the environment: exit 77. Standard library
only.
"""
import csv
import json
import os
import subprocess
import sys

import responses_chat

SETS = ('openai', 'compatible', 'responses')
ROWS = ('openai', 'deepseek', 'mistral', 'dashscope', 'openrouter', 'groq',
        'xai', 'together', 'fireworks', 'ollama', 'llamacpp')

# One meaning under two names: as recorded -> as it may go out.
RENAMED = {
    'max_tokens': ('max_completion_tokens',),
    'max_completion_tokens': ('max_tokens',),
    'user': ('safety_identifier', 'user_id'),
    'functions': ('tools',),
    'function_call': ('tool_choice',),
    'seed': ('random_seed',),
    'reasoning_effort': ('thinking', 'reasoning', 'chat_template_kwargs',
                         'enable_thinking'),
}
# What is written whether the host asked or not.
ADDED = ('stream_options', 'context_length_exceeded_behavior',
         'reasoning_format')
# Values that ask for what happens anyway, and may be left out.
IDLE = {'n': 1, 'stream': False, 'store': False, 'temperature': 1, 'top_p': 1,
        'logprobs': False, 'parallel_tool_calls': True,
        'frequency_penalty': 0, 'presence_penalty': 0, 'tools': [],
        'service_tier': 'auto', 'tool_choice': 'auto', 'stop': []}
# Words that a service has for a value, and members it insists on.
WORDS = {('mistral', 'tool_choice', 'required'): 'any'}
INSISTED = {'deepseek': ('reasoning_content',)}
# Members of messages that say nothing to this endpoint.
SILENT = ('annotations', 'images', 'reasoning_content', 'reasoning',
          'reasoning_details', 'extra_content', 'refusal', 'audio')


def recordings(shared, wanted):
    """Every recorded request that was answered: (id, row, model, body)."""
    corpus = os.path.join(shared, 'corpus')
    with open(os.path.join(corpus, 'INDEX.tsv'), encoding='utf-8',
              newline='') as rows:
        listed = list(csv.DictReader(rows, delimiter='\t'))
    for row in sorted(listed, key=lambda row: row['id']):
        kind = 'responses' if wanted == 'responses' else 'chat'
        if row['endpoint_kind'] != kind or row['status'] != '200' or \
                (kind == 'chat' and
                 (row['provider'] == 'openai') != (wanted == 'openai')):
            continue
        path = os.path.join(corpus, row['provider'], row['id'] + '.json')
        with open(path, encoding='utf-8') as file:
            request = json.load(file)['request']
        body, url = request.get('body'), request.get('url') or ''
        if not isinstance(body, dict) or speaks_otherwise(row['provider'],
                                                          url):
            continue
        yield (row['id'],
               row['provider'] if row['provider'] in ROWS else 'compatible',
               body.get('model') or row['model'] or 'model', body)


def speaks_otherwise(provider, url):
    """Chat endpoints of a dialect of their own."""
    return (provider == 'cohere' and 'compatibility' not in url) or \
        (provider == 'ollama' and '/api/' in url)


# --- requests in another service's own form ---

def parts(body):
    for message in body.get('messages', []):
        content = message.get('content')
        if isinstance(content, list):
            yield from content or [{}]
        elif isinstance(content, dict):
            yield {}


def is_part(part):
    """Does the part have what its type says, as an object?"""
    kind = part.get('type')
    return kind in ('text', 'refusal') or (
        kind in ('image_url', 'input_audio', 'file') and
        isinstance(part.get(kind), dict))


def has_schema_name(body):
    """Is the schema, where there is one, in its place and named?"""
    form = body.get('response_format') or {}
    return form.get('type') != 'json_schema' or \
        bool(form.get('json_schema', {}).get('name'))


def is_choice(choice):
    return choice in (None, 'none', 'auto', 'required') or \
        (isinstance(choice, dict) and 'type' in choice)


def calls(body):
    for message in body.get('messages', []):
        yield from message.get('tool_calls') or []


def is_foreign(body):
    """May the host's surface refuse it? OpenAI itself would."""
    return not (all(map(is_part, parts(body))) and has_schema_name(body) and
                is_choice(body.get('tool_choice')) and
                all('type' in tool for tool in body.get('tools') or []) and
                all(call.get('id') for call in calls(body)) and
                isinstance(body.get('logprobs') or False, bool) and
                body.get('reasoning_effort') != 'default' and
                (body.get('stream') or 'stream_options' not in body))


def encode(program, requests):
    """What goes out for each (row, dialect, model, request)."""
    batch = []
    for row, dialect, model, request in requests:
        text = json.dumps(request).encode()
        batch += [('%s %s %s %d\n' % (row, dialect, model,
                                      len(text))).encode(), text, b'\n']
    done = subprocess.run([program, 'encode', '--batch'],
                          input=b''.join(batch), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=300)
    lines = done.stdout.decode().splitlines()
    if done.returncode != 0 or len(lines) != len(requests):
        sys.exit('exit code %d, %d lines for %d requests\n%s' % (
            done.returncode, len(lines), len(requests),
            done.stderr.decode()))
    return [json.loads(line) for line in lines]


# --- how a recorded request may look when it goes out ---

def same_role(recorded, sent):
    return recorded == sent or {recorded, sent} == {'system', 'developer'} \
        or (recorded, sent) == ('function', 'tool')


def compare(path, recorded, sent):
    """Every difference of two values, member by member."""
    if isinstance(recorded, dict) and isinstance(sent, dict):
        for name in recorded:
            if name not in sent:
                yield '%s.%s is lost' % (path, name)
            else:
                yield from compare('%s.%s' % (path, name), recorded[name],
                                   sent[name])
        for name in sent:
            if name not in recorded:
                yield '%s.%s is new' % (path, name)
    elif isinstance(recorded, list) and isinstance(sent, list) and \
            len(recorded) == len(sent):
        for i, pair in enumerate(zip(recorded, sent)):
            yield from compare('%s[%d]' % (path, i), *pair)
    elif recorded != sent:
        yield '%s: %.80r became %.80r' % (path, recorded, sent)


def compare_message(path, recorded, sent):
    recorded, sent = dict(recorded), dict(sent)
    if not same_role(recorded.pop('role'), sent.pop('role')):
        yield path + '.role is another'
    for name in SILENT:
        if name not in sent:
            recorded.pop(name, None)
    for name in [name for name in recorded if name not in sent and
                 recorded[name] in (None, [])]:
        del recorded[name]
    call = recorded.pop('function_call', None)
    if call:
        recorded['tool_calls'] = [{'type': 'function', 'function': call}]
        for one in sent.get('tool_calls', []):
            one.pop('id', None)
    if 'tool_call_id' in sent and 'tool_call_id' not in recorded:
        del sent['tool_call_id']
        recorded.pop('name', None)
    yield from compare(path, recorded, sent)


def compare_messages(row, recorded, sent):
    for message in sent:
        for name in INSISTED.get(row, ()):
            if not message.get(name):
                message.pop(name, None)
    if row == 'mistral':
        rename_ids(recorded, sent)
    if len(recorded) != len(sent):
        yield 'messages: %d became %d' % (len(recorded), len(sent))
        return
    for i, pair in enumerate(zip(recorded, sent)):
        yield from compare_message('messages[%d]' % i, *pair)


def rename_ids(recorded, sent):
    """Ids of nine letters or digits become others, call and result alike."""
    new = {}
    for mine, theirs in zip(recorded, sent):
        for call, other in zip(mine.get('tool_calls') or [],
                               theirs.get('tool_calls') or []):
            new[call['id']] = other['id']
            other['id'] = call['id']
        if mine.get('tool_call_id') in new and \
                new[mine['tool_call_id']] == theirs.get('tool_call_id'):
            theirs['tool_call_id'] = mine['tool_call_id']


def as_tools(name, value):
    if name == 'functions':
        return [{'type': 'function', 'function': one} for one in value]
    if name == 'function_call' and isinstance(value, dict):
        return {'type': 'function', 'function': value}
    return value


def chat_differences(row, body, sent, adjustments):
    """What a recorded body has that the one sent has not."""
    adjusted = {one['param'] for one in adjustments}
    used = set(ADDED) | {'model'}
    for name, value in body.items():
        if value is None or name in ('stream_options', 'model'):
            used.add(name)
            continue
        names = [other for other in (name,) + RENAMED.get(name, ())
                 if other in sent]
        if name in adjusted:
            used.update(names)
        elif not names:
            if IDLE.get(name, IDLE) != value:
                yield '%s is lost' % name
        elif name == 'messages':
            used.add(name)
            yield from compare_messages(row, value, sent['messages'])
        else:
            used.add(names[0])
            if not isinstance(value, (dict, list)):
                value = WORDS.get((row, name, value), value)
            if name == 'reasoning_effort':
                used.update(names)
            else:
                yield from compare(name, as_tools(name, value),
                                   sent[names[0]])
    for name in sent:
        if name not in used:
            yield '%s is new' % name


def ask_chat(row, model, body):
    request = dict(body, llmgw={'pass_unknown': True})
    request.setdefault('model', model)
    # one of them has a wire of its own too
    return row, 'openai' if row == 'ollama' else '-', model, request


def check_chat(row, body, result):
    if 'error' in result:
        if not is_foreign(body):
            yield 'refused: %(message)s (%(param)s)' % result['error']
        return
    yield from chat_differences(row, body, result['body'],
                                result['adjustments'])


def ask_responses(row, model, body):
    request = responses_chat.to_chat(body)
    return request and (row, 'responses', model, request)


def check_responses(row, body, result):
    if 'error' in result:
        yield 'refused: %(message)s (%(param)s)' % result['error']
        return
    adjusted = {one['param'] for one in result['adjustments']}
    yield from responses_chat.differences(body, result['body'], adjusted)


def read_known(path, wanted):
    known, part = {}, None
    for line in open(path, encoding='utf-8'):
        words = line.split(None, 1)
        if line.startswith('['):
            part = line.strip().strip('[]')
        elif len(words) == 2 and not line.startswith('#') and part == wanted:
            known[words[0]] = words[1].strip()
    return known


def main(program, wanted, known_path):
    shared = os.environ.get('LLMGW_SHARED')
    if not shared:
        print('skipped: LLMGW_SHARED does not say where the recordings are')
        return 77
    ask, check = ((ask_responses, check_responses)
                  if wanted == 'responses' else (ask_chat, check_chat))
    known = read_known(known_path, wanted)
    asked = [(name, row, body, ask(row, model, body))
             for name, row, model, body in recordings(shared, wanted)]
    asked = [one for one in asked if one[3]]
    results = encode(program, [request for _, _, _, request in asked])
    failing, names = 0, set()
    for (name, row, body, request), result in zip(asked, results):
        names.add(name)
        found = list(check(row, body, result))
        if found and name not in known:
            failing += 1
            print('FAILS %s (%s, %s)' % (name, row, request[2]))
            for text in found:
                print('    ' + text)
        elif not found and name in known:
            failing += 1
            print('AGREES, but is listed as differing: %s' % name)
    for name in sorted(set(known) - names):
        failing += 1
        print('no such recording: %s' % name)
    print('%d requests, %d listed as differing' % (len(names), len(known)))
    return 1 if failing else 0


if __name__ == '__main__':
    if len(sys.argv) != 4 or sys.argv[2] not in SETS:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
