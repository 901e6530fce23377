#!/usr/bin/env python3
"""Recorded gemini answers go back as the history of the next request.

gemini_turns.py PROGRAM

Each recorded answer with calls or thought signatures is decoded, its message
appended to a history with the results of its calls, and that encoded again:
the model's turn must say what the recorded parts said. What differs on
purpose, because OpenAI's message has one text and calls after it:

* thoughts are not sent back, nor are parts in which there is nothing;
* text is one part before the calls, with the signature of the last text part,
  which in streams is an empty one; without text that signature is dropped;
* a call has an id, made where none came; the prefix default_api is cut;
* from generation 3 on the first call of an unsigned turn is signed with the
  words for foreign history.

Answers with parts that are not shown go back part by part, and a response to
a call that has no id there says none. Without
LLMGW_SHARED in the environment there is nothing to decode: exit 77. Standard
library only.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

import corpus
import reader

FOREIGN = 'skip_thought_signature_validator'
SHOWN = {'text', 'functionCall', 'thought', 'thoughtSignature'}
PREFIXES = ('default_api:', 'default_api.')


def parts_of(recording):
    """All parts of the only candidate, in order; none: no such answer."""
    parts, finish = [], None
    try:
        records = reader.records(recording['response'])
    except ValueError: # bytes that no documentation describes
        return []
    for record in records:
        if not isinstance(record, dict) or record.get('error'):
            return []
        candidates = record.get('candidates') or []
        if any(one.get('index') for one in candidates):
            return []
        for one in candidates:
            parts += (one.get('content') or {}).get('parts') or []
            finish = one.get('finishReason') or finish
    pieces = any('partialArgs' in (part.get('functionCall') or {})
                 for part in parts)
    return parts if finish and not pieces else []


def is_empty(part):
    return part.get('thought') or not [
        name for name, value in part.items() if value not in ('', None)]


def bare(name):
    for prefix in PREFIXES:
        if name.startswith(prefix):
            return name[len(prefix):]
    return name


def is_signed_generation(model):
    """Does the model check signatures?"""
    found = re.match(r'gemini-(\d+)', model)
    return 'image' not in model and not model.startswith('gemma') and (
        not found or int(found.group(1)) >= 3)


def expected_parts(parts, model):
    """The model's turn, as this file's head describes it."""
    parts = [part for part in parts if not is_empty(part)]
    if any(set(part) - SHOWN for part in parts):
        return parts
    text, signature, turn = '', None, []
    for part in parts:
        if 'functionCall' in part:
            call = part['functionCall']
            turn.append({'functionCall': {
                'id': call.get('id'), 'name': bare(call['name']),
                'args': call.get('args') or {}}})
            if part.get('thoughtSignature'):
                turn[-1]['thoughtSignature'] = part['thoughtSignature']
        else:
            text += part.get('text') or ''
            signature = part.get('thoughtSignature') or signature
    if turn and is_signed_generation(model):
        turn[0].setdefault('thoughtSignature', FOREIGN)
    if text:
        turn.insert(0, {'text': text})
        if signature:
            turn[0]['thoughtSignature'] = signature
    return turn


def run(program, words, text):
    done = subprocess.run([program] + words, input=text.encode('utf-8'),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=60)
    if done.returncode not in (0, 3):
        sys.exit('exit code %d\n%s' % (done.returncode, done.stderr.decode()))
    return [json.loads(line) for line in
            done.stdout.decode('utf-8').split('\n') if line]


def options_of(parts):
    """Tools of the provider's own make parts that are not shown."""
    opaque = any(set(part) - SHOWN for part in parts)
    return {'gemini': {'tools': [{'codeExecution': {}}]}} if opaque else {}


def decode(program, recording, parts):
    """The message that a host is handed; None: an error."""
    stream = bool(recording['stream'])
    request = {'model': 'm', 'messages': [{'role': 'user', 'content': 'Hi'}],
               'stream': stream, 'llmgw': options_of(parts)}
    with tempfile.NamedTemporaryFile('w', suffix='.json') as file:
        json.dump(request, file)
        file.flush()
        words = ['decode', '--provider', 'google', '--request', file.name,
                 '--cut', '37'] + (['--stream'] if stream else [])
        last = run(program, words, reader.body_of(recording['response']))[-1]
    if 'response' not in last:
        return None
    return last['response']['choices'][0]['message']


def encode(program, model, messages, parts):
    request = {'model': 'google/' + model, 'messages': messages,
               'llmgw': options_of(parts)}
    line = run(program, ['encode', '--provider', 'google', '--model', model],
               json.dumps(request))[0]
    return line['body'] if 'body' in line else line


def results_of(message):
    """The last call's result first: order does not matter."""
    return [{'role': 'tool', 'tool_call_id': call['id'],
             'content': 'result of ' + call['function']['name']}
            for call in reversed(message.get('tool_calls') or [])]


def turn_differences(expected, got):
    if expected == got:
        return
    if len(expected) != len(got):
        yield '%d parts, got %d' % (len(expected), len(got))
    for want, have in zip(expected, got):
        if 'functionCall' in want and want['functionCall'].get('id') is None:
            want = json.loads(json.dumps(want))
            want['functionCall']['id'] = have.get('functionCall', {}).get('id')
        if want != have:
            yield '%.300r, got %.300r' % (want, have)


def result_differences(message, turn, content):
    """One Content, a response for each call, by its id if that was sent."""
    sent = [part['functionCall'].get('id') for part in turn
            if 'functionCall' in part]
    got = sorted((part['functionResponse'].get('id'),
                  part['functionResponse']['name'],
                  part['functionResponse']['response']['output'])
                 for part in content['parts'])
    want = sorted((call['id'] if call['id'] in sent else None,
                   call['function']['name'],
                   'result of ' + call['function']['name'])
                  for call in message['tool_calls'])
    if content['role'] != 'user' or got != want:
        yield 'responses %r, got %r' % (want, got)


def check(program, recording, before):
    """Differences of one recording, which follows another one's turn.
    @return them, and this turn's messages; messages None: an error"""
    parts = parts_of(recording)
    model = recording['model'] or 'gemini-3-flash-preview'
    model = model.split('/')[-1]
    message = decode(program, recording, parts)
    if message is None:
        return ['no message'], None
    results = results_of(message)
    turn = [{'role': 'user', 'content': 'Hi'}, message] + results
    body = encode(program, model,
                  before + turn + [{'role': 'user', 'content': 'Go on'}],
                  parts)
    contents = body.get('contents')
    if not contents:
        return ['refused: %r' % body], None
    tail = contents[-3:] if results else contents[-2:]
    expected = expected_parts(parts, model)
    if not expected:
        return [], None
    if tail[0]['role'] != 'model':
        return ['roles %r' % [one['role'] for one in contents]], None
    found = list(turn_differences(expected, tail[0]['parts']))
    if results:
        found += result_differences(message, tail[0]['parts'], tail[1])
    return found, turn


def main(program):
    shared = os.environ.get('LLMGW_SHARED')
    if not shared:
        print('skipped: LLMGW_SHARED does not say where the recordings are')
        return 77
    failing, checked, before = 0, 0, []
    for name, path in sorted(corpus.recordings(shared, 'gemini').items()):
        with open(path, encoding='utf-8') as file:
            recording = json.load(file)
        if recording['response']['status'] != 200:
            continue
        parts = parts_of(recording)
        if not any(set(part) - {'text', 'thought'} for part in parts):
            continue
        checked += 1
        found, turn = check(program, recording, before)
        before = turn or before
        if found:
            failing += 1
            print('FAILS %s' % name)
            for text in found:
                print('    ' + text)
    print('%d recordings, %d differ' % (checked, failing))
    return 1 if failing or not checked else 0


if __name__ == '__main__':
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
