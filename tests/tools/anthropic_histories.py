#!/usr/bin/env python3
"""Made-up histories, sent to the Messages API: anthropic_histories.py PROGRAM

Hosts write every kind of history; the service takes few. Requests are made at
random, always the same ones, and encoded with llmgw-wire. Each body must keep
the rules that the service is known to enforce, and under strict rules a
request must be refused if, and only if, something was adjusted without them.
Standard library only.
"""
import json
import random
import re
import subprocess
import sys

REQUESTS = 250
MODELS = ('claude-opus-5', 'claude-opus-4-8', 'claude-opus-4-7',
          'claude-sonnet-5-5', 'claude-haiku-4-5', 'claude-3-5-haiku-20241022')
LATE = ('claude-opus-5', 'claude-opus-4-8', 'claude-sonnet-5-5')
PREFILL = ('claude-haiku-4-5', 'claude-3-5-haiku-20241022')
TEXTS = ('A', 'words', ' \n', '', '\u00a0', 'caf\u00e9 \U0001f600', '"\\"')
IDS = ('c1', 'c2', 'c.1', 'c:1', 'call_\u00e9', 'c_1')
ARGUMENTS = ('{}', '', '{"a":[1]}', '[1]', '{"a":', ' ')
MARK = {'type': 'ephemeral'}
PNG = 'data:image/png;base64,iVBORw0KGgo='
PDF = 'data:application/pdf;base64,JVBERg=='


class Broken(Exception):
    """A rule of the service."""


# --- requests ---

def maybe(dice, thing, name, value, odds=0.15):
    if dice.random() < odds:
        thing[name] = value
    return thing


def part(dice, media):
    kind = dice.choice(('text', 'text', 'text', 'image', 'file')
                       if media else ('text',))
    if kind == 'image':
        one = {'type': 'image_url', 'image_url': {'url': PNG}}
        maybe(dice, one['image_url'], 'detail', 'low')
    elif kind == 'file':
        one = {'type': 'file', 'file': {'file_data': PDF, 'filename': 'f'}}
    else:
        one = {'type': 'text', 'text': dice.choice(TEXTS)}
    return maybe(dice, one, 'cache_control', MARK)


def content(dice, media):
    if dice.random() < 0.5:
        return dice.choice(TEXTS)
    return [part(dice, media) for _ in range(dice.randint(1, 3))]


def call(dice):
    return {'id': dice.choice(IDS), 'type': 'function',
            'function': {'name': 'f', 'arguments': dice.choice(ARGUMENTS)}}


def thinking(dice, message):
    kind = dice.choice(('details', 'blocks', 'foreign', 'text'))
    if kind == 'details':
        message['reasoning_details'] = [
            {'type': 'reasoning.text', 'index': 0, 'text': 'T',
             'signature': 'S', 'format': 'anthropic-claude-v1'},
            {'type': 'reasoning.encrypted', 'index': 1, 'data': 'D',
             'format': 'anthropic-claude-v1'}]
    elif kind == 'blocks':
        message['thinking_blocks'] = [
            {'type': 'thinking', 'thinking': '', 'signature': 'S'}]
    elif kind == 'foreign':
        message['reasoning_details'] = [
            {'type': 'reasoning.encrypted', 'index': 0, 'data': 'X',
             'format': 'google-gemini-v1'}]
    else:
        message['reasoning_content'] = 'unsigned'


def replay(dice, message):
    """The service's own blocks, with the calls of the message."""
    blocks = [{'type': 'text', 'text': dice.choice(TEXTS)},
              {'type': 'server_tool_use', 'id': 's', 'name': 'web_search',
               'input': {}}]
    if dice.random() < 0.7:
        blocks.append({'type': 'web_search_tool_result', 'tool_use_id': 's',
                       'content': []})
    blocks += [{'type': 'tool_use', 'id': one['id'], 'name': 'f', 'input': {}}
               for one in message.get('tool_calls') or []]
    message['llmgw'] = {'family': 'anthropic', 'content': blocks}


def assistant(dice, number):
    message = {'role': 'assistant', 'content': content(dice, False)}
    if dice.random() < 0.6:
        message['tool_calls'] = [call(dice)
                                 for _ in range(dice.randint(1, 3))]
    if dice.random() < 0.4:
        thinking(dice, message)
    if dice.random() < 0.15:
        for place, one in enumerate(message.get('tool_calls') or []):
            one['id'] = 'toolu_%d_%d' % (number, place) # as the service does
        replay(dice, message)
    return maybe(dice, message, 'cache_control', MARK)


def results(dice, message):
    calls = [one['id'] for one in message.get('tool_calls') or []]
    calls += [one for one in calls + ['lost'] if dice.random() < 0.1]
    dice.shuffle(calls)
    for id_ in calls:
        if dice.random() < 0.85:
            yield maybe(dice, maybe(dice, {
                'role': 'tool', 'tool_call_id': id_,
                'content': content(dice, True)}, 'is_error', True),
                'cache_control', MARK)


def other(dice):
    role = dice.choice(('user', 'user', 'user', 'system', 'developer'))
    message = {'role': role, 'content': content(dice, role == 'user')}
    return maybe(dice, maybe(dice, message, 'cache_control', MARK),
                 'name', 'n', 0.03)


def request(dice):
    messages = []
    for number in range(dice.randint(1, 7)):
        if dice.random() < 0.45:
            messages.append(assistant(dice, number))
            messages.extend(results(dice, messages[-1]))
        else:
            messages.append(other(dice))
    whole = {'model': dice.choice(MODELS), 'messages': messages,
             'max_tokens': 4000}
    maybe(dice, whole, 'tools', [{'type': 'function', 'function': {
        'name': 'f', 'description': 'F'}, 'cache_control': MARK}], 0.5)
    maybe(dice, whole, 'system', [{'type': 'text', 'text': 'S',
                                   'cache_control': MARK}], 0.2)
    maybe(dice, whole, 'reasoning_effort',
          dice.choice(('none', 'low', 'xhigh')), 0.3)
    return maybe(dice, whole, 'cache_control', MARK, 0.1)


# --- the rules of the service ---

def must(condition, what):
    if not condition:
        raise Broken(what)


def blocks_of(holder):
    value = holder.get('content')
    if isinstance(value, str):
        return [{'type': 'text', 'text': value}]
    return value


def check_text(block, replayed=False):
    if block['type'] == 'text':
        must(block['text'].strip() or (replayed and block['text']),
             'a text of nothing')


def check_result(block):
    inside = blocks_of(block)
    must(inside or 'content' not in block, 'an empty result with content')
    for one in inside or []:
        check_text(one)
        must(not block.get('is_error') or one['type'] == 'text',
             'an error that is no text')
    must(inside or not block.get('is_error'), 'an error without a text')


def check_marks(body):
    marks = json.dumps(body).count('"cache_control"')
    must(marks <= 4, '%d breakpoints' % marks)


def check_calls(turns):
    """Results answer the turn before: all of its calls, first, in order."""
    made = []
    seen = set()
    for turn in turns:
        if turn['role'] == 'system':
            must(not made, 'system text between a call and its result')
            continue
        blocks = blocks_of(turn)
        got = [one['tool_use_id'] for one in blocks
               if one['type'] == 'tool_result']
        if turn['role'] == 'user':
            must(got == made, 'calls %s, results %s' % (made, got))
            must(all(one['type'] == 'tool_result'
                     for one in blocks[:len(got)]), 'a result behind text')
        made = [one['id'] for one in blocks if one['type'] == 'tool_use']
        for id_ in made:
            must(re.match('^[a-zA-Z0-9_-]+$', id_), 'id %r' % id_)
            must(id_ not in seen, 'id %r twice' % id_)
            seen.add(id_)
    must(not made, 'calls without results')


def check_thinking(turn):
    """Signed, without a breakpoint, before what it led to."""
    kinds = [block['type'] for block in turn]
    for block in turn:
        if 'thinking' in block['type']:
            must(block.get('signature') or block.get('data'), 'unsigned')
            must('cache_control' not in block, 'thinking with a breakpoint')
    if 'server_tool_use' not in kinds: # else as it came
        first = [kind for kind in kinds if 'thinking' not in kind]
        must(kinds[len(kinds) - len(first):] == first, 'thinking is not first')


def is_answered(blocks):
    done = {one.get('tool_use_id') for one in blocks}
    return all(one['id'] in done for one in blocks
               if one['type'] == 'server_tool_use')


def check_turns(body):
    turns = body['messages']
    must(turns and turns[0]['role'] == 'user', 'the first turn')
    for before, turn in zip([{}] + turns, turns):
        blocks = blocks_of(turn)
        must(blocks, 'a turn of nothing')
        if turn['role'] == 'system':
            must(body['model'] in LATE, 'late system text')
            must(before.get('role') == 'user', 'system text after an answer')
        else:
            must(before.get('role') != turn['role'], 'equal neighbours')
        # as it came, beside a text that shows something
        replayed = any(one['type'] == 'server_tool_use' for one in blocks) \
            and any(one.get('text', '').strip() for one in blocks)
        for block in blocks:
            check_text(block, replayed)
            if block['type'] == 'tool_result':
                check_result(block)
        if turn['role'] == 'assistant':
            check_thinking(blocks)
        elif before.get('role') == 'assistant' and turn['role'] == 'user' \
                and not is_answered(blocks_of(before)) \
                and any(one['type'] == 'tool_result' for one in blocks):
            must(all(one['type'] == 'tool_result' for one in blocks),
                 'text while a program waits')


def check_end(body):
    last = body['messages'][-1]
    if last['role'] != 'assistant':
        return
    blocks = blocks_of(last)
    if any(one['type'] == 'server_tool_use' for one in blocks):
        return # paused
    must(body['model'] in PREFILL, 'a prefill')
    must(blocks[-1]['type'] != 'text' or
         blocks[-1]['text'] == blocks[-1]['text'].rstrip(), 'white end')
    must(body.get('thinking', {}).get('type') in (None, 'disabled'),
         'a prefill while thinking')


def check(body):
    for block in body.get('system') or []:
        if isinstance(block, dict):
            check_text(block)
    check_marks(body)
    check_turns(body)
    check_calls(body['messages'])
    check_end(body)


# --- the program ---

def encode(program, whole, strict):
    asked = dict(whole, llmgw={'strict': strict})
    done = subprocess.run([program, 'encode', '--provider', 'anthropic'],
                          input=json.dumps(asked).encode(),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=60)
    return json.loads(done.stdout.decode())


def problems(whole, loose, strict):
    """What is wrong with how a request is encoded."""
    if 'error' in loose:
        if loose['error']['kind'] not in ('invalid_request',
                                          'unsupported_parameter'):
            yield 'refused: %s' % loose['error']
        if 'error' not in strict:
            yield 'refused, but not under strict rules'
        return
    try:
        check(loose['body'])
    except Broken as rule:
        yield '%s: %s' % (rule, json.dumps(loose['body']))
    if bool(loose['adjustments']) != ('error' in strict):
        yield 'adjusted %s, under strict rules %s' % (
            loose['adjustments'], strict.get('error', 'sent'))


def good_body():
    return {'model': MODELS[0], 'messages': [
        {'role': 'user', 'content': 'A'},
        {'role': 'assistant', 'content': [
            {'type': 'thinking', 'thinking': '', 'signature': 'S'},
            {'type': 'text', 'text': 'B'},
            {'type': 'tool_use', 'id': 'c1', 'name': 'f', 'input': {}},
            {'type': 'tool_use', 'id': 'c2', 'name': 'f', 'input': {}}]},
        {'role': 'user', 'content': [
            {'type': 'tool_result', 'tool_use_id': 'c1', 'content': 'R'},
            {'type': 'tool_result', 'tool_use_id': 'c2', 'is_error': True,
             'content': [{'type': 'text', 'text': 'R'}]},
            {'type': 'text', 'text': 'C'}]},
        {'role': 'system', 'content': 'S'}]}


def is_noticed(damage):
    body = good_body()
    damage(body['messages'], [turn['content'] for turn in body['messages']])
    try:
        check(body)
    except Broken:
        return True
    return False


DAMAGES = (
    lambda turns, content: turns.pop(0),
    lambda turns, content: turns.pop(2),
    lambda turns, content: turns.append(dict(turns[3])),
    lambda turns, content: turns.insert(2, turns.pop(3)),
    lambda turns, content: turns.append({'role': 'assistant',
                                         'content': 'D'}),
    lambda turns, content: turns[3].update(content=' '),
    lambda turns, content: content[1].reverse(),
    lambda turns, content: content[1][0].pop('signature'),
    lambda turns, content: content[1][2].update(id='c2'),
    lambda turns, content: content[1][2].update(id='c.1'),
    lambda turns, content: content[2].reverse(),
    lambda turns, content: content[2].pop(0),
    lambda turns, content: content[2][1].pop('content'),
    lambda turns, content: content[2][1]['content'][0].update(type='image'),
    lambda turns, content: content[2].extend(
        {'type': 'text', 'text': 'D', 'cache_control': MARK}
        for _ in range(5)),
)


def main(program):
    dice = random.Random(20261122)
    failing = sent = 0
    check(good_body())
    for number, damage in enumerate(DAMAGES):
        if not is_noticed(damage):
            failing += 1
            print('FAILS: damage %d is not noticed' % number)
    for number in range(REQUESTS):
        whole = request(dice)
        loose = encode(program, whole, False)
        for text in problems(whole, loose, encode(program, whole, True)):
            failing += 1
            print('FAILS %d %s\n    %s' % (number, json.dumps(whole), text))
        sent += 'body' in loose
    print('%d requests, %d sent' % (REQUESTS, sent))
    return 1 if failing or sent * 2 < REQUESTS else 0


if __name__ == '__main__':
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
