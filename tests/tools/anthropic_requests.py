#!/usr/bin/env python3
"""Say recorded requests of the Messages API again: anthropic_requests.py
PROGRAM

Every recorded request that was answered with 200 is put into OpenAI's form,
member by member, after the documentation of both; llmgw-wire encodes it for
the same model. What goes out must be the recorded request again.

Not told apart: a text and an array with one text in it; neighbours of one role
and one turn; members that are null, false where that is the default, or an
empty list. What OpenAI's form has no word for passes as it stands (PASSED).
Sampling parameters that the model's row or thinking forbids, and a default
temperature, are left out, and the recorded request is not asked for them.

KNOWN lists what goes out otherwise for a reason; the list only shrinks.
Without LLMGW_SHARED in the environment there is nothing to say: exit 77.
Standard library only.
"""
import base64
import json
import os
import subprocess
import sys

import corpus

PASSED = {'thinking', 'output_config', 'speed', 'inference_geo', 'container',
          'context_management', 'fallbacks', 'mcp_servers', 'diagnostics',
          'cache_control', 'output_format', 'temperature', 'top_p', 'top_k',
          'stream', 'max_tokens'}
KNOWN = { # recordings that go out otherwise, and why
    'anthropic-messages-81a9219853cc': 'a call without its result',
    'anthropic-messages-937d8760ed14': 'an answer stands first',
    'anthropic-messages-d3ee4505f820': 'a JPEG that is called a PNG',
}
SAMPLING = ('temperature', 'top_p', 'top_k')
CHOICES = {'auto': 'auto', 'any': 'required', 'none': 'none'}
MARK = 'cache_control'


class Unsaid(Exception):
    """OpenAI's form has no word for it."""


# --- into OpenAI's form ---

def only(thing, *names):
    more = set(thing) - set(names) - {'type', MARK}
    if any(thing[name] is not None for name in more):
        raise Unsaid(', '.join(sorted(more)))


def marked(part, block):
    if block.get(MARK):
        part[MARK] = block[MARK]
    return part


def source_url(source):
    if source['type'] == 'url':
        return source['url']
    if source['type'] == 'text':
        text = base64.b64encode(source['data'].encode()).decode()
        return 'data:text/plain;base64,' + text
    if source['type'] != 'base64':
        raise Unsaid('source ' + source['type'])
    return 'data:%s;base64,%s' % (source['media_type'], source['data'])


def part_of(block):
    kind = block['type']
    if kind == 'text':
        only(block, 'text')
        return marked({'type': 'text', 'text': block['text']}, block)
    if kind == 'image':
        only(block, 'source')
        return marked({'type': 'image_url', 'image_url': {
            'url': source_url(block['source'])}}, block)
    if kind != 'document' or block['source']['type'] == 'url':
        raise Unsaid(kind)
    only(block, 'source', 'title', 'citations', 'context')
    file = {'file_id': block['source']['file_id']} \
        if block['source']['type'] == 'file' else \
        {'file_data': source_url(block['source'])}
    if block.get('title'):
        file['filename'] = block['title']
    part = {'type': 'file', 'file': file}
    part.update((name, block[name]) for name in ('citations', 'context')
                if block.get(name) is not None)
    return marked(part, block)


def blocks_of(content):
    return [{'type': 'text', 'text': content}] if isinstance(content, str) \
        else content


def user_messages(content):
    parts = []
    for block in blocks_of(content):
        if block['type'] != 'tool_result':
            parts.append(part_of(block))
            continue
        only(block, 'tool_use_id', 'content', 'is_error')
        inside = block.get('content')
        message = {'role': 'tool', 'tool_call_id': block['tool_use_id'],
                   'content': inside if isinstance(inside, str) else
                   [part_of(one) for one in inside or []] or ''}
        if block.get('is_error'):
            message['is_error'] = True
        yield marked(message, block)
    if parts:
        yield {'role': 'user', 'content': parts}


def assistant_message(content):
    blocks = blocks_of(content)
    return {'role': 'assistant', 'content': None,
            'llmgw': {'family': 'anthropic', 'content': blocks}} \
        if any(block['type'] not in ('text', 'tool_use') or
               block.get('caller') or block.get('citations')
               for block in blocks) else rebuilt_message(blocks)


def rebuilt_message(blocks):
    """Text and calls, the breakpoint where the last one had it."""
    message = {'role': 'assistant'}
    texts = [part_of(block) for block in blocks if block['type'] == 'text']
    calls = [block for block in blocks if block['type'] == 'tool_use']
    if texts:
        message['content'] = texts
    if calls:
        message['tool_calls'] = [
            {'id': one['id'], 'type': 'function', 'function': {
                'name': one['name'], 'arguments': json.dumps(one['input'])}}
            for one in calls]
        marked(message, calls[-1])
    return message


def tool_of(tool):
    if tool.get('type') not in (None, 'custom'):
        return tool
    function = {'name': tool['name'], 'parameters': tool['input_schema']}
    for name in ('description', 'strict'):
        if tool.get(name) is not None:
            function[name] = tool[name]
    result = {'type': 'function', 'function': function}
    for name in ('defer_loading', 'allowed_callers', 'input_examples',
                 'eager_input_streaming'):
        if tool.get(name) is not None:
            result[name] = tool[name]
    return marked(result, tool)


def choice_of(choice):
    return CHOICES.get(choice['type']) or {
        'type': 'function', 'function': {'name': choice['name']}}


def request_of(body):
    messages = [{'role': 'system', 'content': [part_of(block)]}
                for block in blocks_of(body.get('system') or [])]
    for turn in body['messages']:
        if turn['role'] == 'assistant':
            messages.append(assistant_message(turn['content']))
        elif turn['role'] == 'user':
            messages.extend(user_messages(turn['content']))
        else:
            messages.append({'role': 'system', 'content': [
                part_of(block) for block in blocks_of(turn['content'])]})
    request = {name: body[name] for name in PASSED if name in body}
    request.update(model=body['model'], messages=messages,
                   llmgw={'pass_unknown': True})
    if body.get('stop_sequences'):
        request['stop'] = body['stop_sequences']
    if body.get('tools'):
        request['tools'] = [tool_of(tool) for tool in body['tools']]
    choice = body.get('tool_choice')
    if choice:
        request['tool_choice'] = choice_of(choice)
        if choice.get('disable_parallel_tool_use'):
            request['parallel_tool_calls'] = False
    return request


# --- and back ---

def encode(program, request):
    done = subprocess.run([program, 'encode', '--provider', 'anthropic'],
                          input=json.dumps(request).encode(),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=60)
    return json.loads(done.stdout.decode())


def is_idle(name, value):
    return value is None or value == [] or \
        (name in ('is_error', 'disable_parallel_tool_use', 'stream') and
         value is False) or (name == 'strict' and not value) or (name == 'type' and value == 'custom') or \
        (name == 'description' and value == '') or \
        (name == 'content' and value == '')


def plain(value, inside=True):
    """One form for what is the same."""
    if isinstance(value, list):
        return [plain(one, inside) for one in value]
    if not isinstance(value, dict):
        return value
    result = {}
    for name, one in value.items():
        free = name in ('input', 'input_schema', 'schema')
        if inside and name in ('content', 'system') and isinstance(one, str) \
                and one and value.get('type') != 'compaction':
            one = [{'type': 'text', 'text': one}]
        if not inside or free or not is_idle(name, one):
            result[name] = plain(one, inside and not free)
    return result


def turns(messages):
    """Neighbours of one role are one turn; results stand first."""
    result = []
    for turn in messages:
        content = turn.get('content') or []
        if result and result[-1]['role'] == turn['role']:
            result[-1]['content'] += content
        else:
            result.append({'role': turn['role'], 'content': list(content)})
    for turn in result:
        turn['content'].sort(key=lambda one: one['type'] != 'tool_result')
    return result


def comparable(body, sent):
    body = plain(body)
    body['messages'] = turns(body['messages'])
    for name in SAMPLING:
        if name not in sent:
            body.pop(name, None)
    if 'stream' not in body and body['max_tokens'] > 21333:
        body['stream'] = True
    if body.get('tool_choice') == {'type': 'auto'}:
        body.pop('tool_choice')
    return body


def differences(recorded, sent):
    wanted, got = comparable(recorded, sent), comparable(sent, sent)
    for name in sorted(set(wanted) | set(got)):
        if wanted.get(name) != got.get(name):
            yield '%s %s, sent %s' % (name, json.dumps(wanted.get(name)),
                                      json.dumps(got.get(name)))


def check(program, body):
    told = encode(program, request_of(body))
    if 'body' not in told:
        return ['refused: %s' % told['error']['message']]
    return list(differences(body, told['body']))


def bodies(shared):
    for name, path in sorted(corpus.recordings(shared, 'anthropic').items()):
        with open(path, encoding='utf-8') as file:
            recording = json.load(file)
        body = recording['request']['body']
        if recording['response']['status'] == 200 and \
                isinstance(body, dict) and 'messages' in body:
            yield name, body


def main(program):
    shared = os.environ.get('LLMGW_SHARED')
    if not shared:
        print('skipped: LLMGW_SHARED does not say where the recordings are')
        return 77
    said = failing = 0
    for name, body in bodies(shared):
        try:
            found = check(program, body)
        except Unsaid as problem:
            print('unsaid %s: %s' % (name, problem))
            continue
        said += 1
        if name in KNOWN:
            found = [] if found else ['%s no more' % KNOWN[name]]
        failing += bool(found)
        for text in found:
            print('FAILS %s %s' % (name, text))
    print('%d requests said again' % said)
    return 1 if failing or not said else 0


if __name__ == '__main__':
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
