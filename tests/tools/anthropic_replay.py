#!/usr/bin/env python3
"""Send recorded answers of the Messages API back: anthropic_replay.py PROGRAM

Each recorded answer is decoded with llmgw-wire; the message that the host gets
goes into the history, with the results of its tools behind it in another
order; the history is encoded again. The assistant's turn in the body must hold
the recorded blocks: the same ones, in the same order, signatures, data and
texts byte by byte. The recording is folded here, after the documentation, not
by the library.

Intended differences, left out on both sides:
- texts of nothing but white space: an answer may have them, a request may not
- members that are null, empty citations, and a caller that is the model
  itself: they say what their absence says
- input that was cut off is no JSON: {"INVALID_JSON": text}
- what a refusal says is a text of its own at the end

Without LLMGW_SHARED in the environment there is nothing to send: exit 77.
Standard library only.
"""
import json
import os
import subprocess
import sys

import corpus
import reader

MODEL = 'claude-opus-4-8'
TURNS = 8 # answers in one history
GROWING = {'text_delta': 'text', 'thinking_delta': 'thinking',
           'signature_delta': 'signature', 'compaction_delta': 'content'}


def add_delta(block, delta):
    kind = delta['type']
    if kind == 'input_json_delta':
        block['json'] = block.get('json', '') + delta['partial_json']
    elif kind == 'citations_delta':
        block['citations'] = (block.get('citations') or []) + \
            [delta['citation']]
    elif kind in GROWING:
        name = GROWING[kind]
        block[name] = (block.get(name) or '') + (delta[name] or '')
        if delta.get('encrypted_content'):
            block['encrypted_content'] = delta['encrypted_content']


def close_block(block):
    text = block.pop('json', None)
    if text:
        try:
            block['input'] = json.loads(text)
        except ValueError:
            block['input'] = {'INVALID_JSON': text}
    return block


def message_of(recording):
    """The recorded message with all of its blocks; None: there is none."""
    parts = reader.records(recording['response'])
    if parts[0].get('type') == 'message':
        return parts[0]
    message, blocks = None, {}
    for part in parts:
        kind = part.get('type')
        if kind == 'message_start' and message is None:
            message = dict(part['message'])
        elif kind == 'content_block_start':
            blocks[part['index']] = dict(part['content_block'])
        elif kind == 'content_block_delta':
            add_delta(blocks[part['index']], part['delta'])
        elif kind == 'message_delta':
            message.update(part['delta'])
        elif kind == 'message_stop':
            message['content'] = list(message.get('content') or []) + \
                [close_block(blocks[i]) for i in sorted(blocks)]
            return message
    return None


def is_blank(block):
    return block.get('type') == 'text' and not (block.get('text') or
                                                '').strip()


def says_nothing(name, value):
    return value is None or (name == 'citations' and value == []) or \
        (name == 'caller' and value.get('type') == 'direct')


def squeeze(value):
    """Without what says no more than its absence does."""
    if isinstance(value, dict):
        return {name: squeeze(one) for name, one in value.items()
                if not says_nothing(name, one)}
    return [squeeze(one) for one in value] if isinstance(value, list) \
        else value


def blocks_of(content):
    if isinstance(content, str):
        content = [{'type': 'text', 'text': content}]
    return [squeeze(block) for block in content if not is_blank(block)]


def expected_blocks(message):
    blocks = blocks_of(message['content'])
    if message.get('stop_reason') == 'refusal':
        details = message.get('stop_details') or {}
        blocks.append({'type': 'text', 'text': details.get('explanation') or
                       'The model declined to answer.'})
    return blocks


def next_turn(message):
    """Results of the tools, the last first; or a word of the user."""
    calls = message.get('tool_calls') or []
    return [{'role': 'tool', 'tool_call_id': call['id'],
             'content': 'result of ' + call['id']}
            for call in reversed(calls)] or \
        [{'role': 'user', 'content': 'Go on.'}]


def encode(program, messages):
    request = {'model': MODEL, 'max_tokens': 99, 'messages': messages}
    done = subprocess.run([program, 'encode', '--provider', 'anthropic'],
                          input=json.dumps(request).encode(),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=60)
    sent = json.loads(done.stdout.decode())
    if 'body' not in sent:
        sys.exit('not encoded: %s' % sent)
    return sent['body']


def results_differ(turn, message):
    """The turn after it begins with the results, in the calls' order."""
    wanted = [(call['id'], 'result of ' + call['id'])
              for call in message.get('tool_calls') or []]
    content = turn['content'] if isinstance(turn['content'], list) else []
    got = [(block['tool_use_id'], block.get('content')) for block in content
           if block['type'] == 'tool_result']
    if wanted != got[:len(wanted)] or len(wanted) != len(got):
        yield 'results %s, got %s' % (wanted, got)


def differences(expected, got):
    if expected != got:
        yield 'blocks %s, got %s' % (json.dumps(expected, sort_keys=True),
                                     json.dumps(got, sort_keys=True))


def check(program, group):
    """Name -> differences, of the answers in one history."""
    messages = [{'role': 'user', 'content': 'Hi.'}]
    for _, _, message in group:
        messages += [message] + next_turn(message)
    turns = encode(program, messages)['messages']
    answers = [i for i, turn in enumerate(turns)
               if turn['role'] == 'assistant']
    if len(answers) != len(group):
        return {group[0][0]: ['%d turns of the assistant, got %d' %
                              (len(group), len(answers))]}
    found = {}
    for place, (name, expected, message) in zip(answers, group):
        found[name] = \
            list(differences(expected, blocks_of(turns[place]['content']))) + \
            list(results_differ(turns[place + 1], message))
    return {name: texts for name, texts in found.items() if texts}


def answers_of(program, paths):
    """(name, recorded blocks, message handed out) of all whole answers."""
    outputs = corpus.decode(program, sorted(paths.values()), None)
    for name, path in sorted(paths.items()):
        last = json.loads(outputs[path][-1])
        if 'response' not in last:
            continue
        with open(path, encoding='utf-8') as file:
            recorded = message_of(json.load(file))
        expected = expected_blocks(recorded)
        if expected: # else there is no turn
            yield name, expected, last['response']['choices'][0]['message']


def notices_damage(program, answers):
    """Of each kind of damage, whether it is seen."""
    for name, expected, message in answers:
        signed = [block for block in expected if block.get('signature')]
        if not signed or len(expected) < 2:
            continue
        changed = json.loads(json.dumps(expected))
        for block in changed:
            if 'signature' in block:
                block['signature'] = block['signature'][:-1]
        return all(check(program, [(name, wrong, message)])
                   for wrong in (changed, expected[::-1], expected[1:]))
    return False


def main(program):
    shared = os.environ.get('LLMGW_SHARED')
    if not shared:
        print('skipped: LLMGW_SHARED does not say where the recordings are')
        return 77
    answers = list(answers_of(program,
                              corpus.recordings(shared, 'anthropic')))
    failing = {}
    for at in range(0, len(answers), TURNS):
        failing.update(check(program, answers[at:at + TURNS]))
    for name, texts in sorted(failing.items()):
        print('FAILS %s' % name)
        for text in texts:
            print('    ' + text)
    if not notices_damage(program, answers):
        print('damage done on purpose is not noticed')
        failing['damage'] = []
    print('%d answers sent back' % len(answers))
    return 1 if failing or not answers else 0


if __name__ == '__main__':
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
