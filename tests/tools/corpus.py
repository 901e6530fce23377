#!/usr/bin/env python3
"""Decode recorded exchanges of one dialect with llmgw-wire, in many cuts.

corpus.py PROGRAM DIALECT KNOWN

The output must not depend on the cut, and must say what an independent reader
finds in the recorded bytes. Of the dialect "others", which is all the rest of
the chat recordings, only that the output is whole: the reader does not know
what each service does its own way. KNOWN lists what does not agree yet,
"id  reason" a line; the list only shrinks. Without LLMGW_SHARED in the
environment there is nothing to decode: exit 77. Standard library only.
"""
import csv
import json
import os
import subprocess
import sys

import reader

DIALECTS = {'openai': ('openai', 'chat'),
            'anthropic': ('anthropic', 'messages'),
            'bedrock': ('bedrock', 'converse'),
            'gemini': ('gemini', 'generateContent'),
            'responses': (None, 'responses'),
            'cohere': ('cohere', 'chat'),
            'ollama': ('ollama', 'chat'),
            'embeddings': (None, 'embeddings'),
           'models': (None, 'models'),
           'others': (None, 'chat')}
CUTS = (None, 1, 2, 3, 7, 64)
FINISHES = ('stop', 'length', 'tool_calls', 'content_filter', 'function_call')


def belongs(dialect, provider, kind):
    wanted, wanted_kind = DIALECTS[dialect]
    if wanted:
        return (provider, kind) == (wanted, wanted_kind)
    return kind == wanted_kind and (dialect != 'others' or (provider, kind)
                                    not in DIALECTS.values())


def read_known(path, dialect):
    known = {}
    for line in open(path, encoding='utf-8'):
        words = line.split(None, 1)
        if len(words) == 2 and not line.startswith('#'):
            provider, kind, _ = words[0].rsplit('-', 2)
            if belongs(dialect, provider, kind):
                known[words[0]] = words[1].strip()
    return known


def recordings(shared, dialect):
    """id -> path."""
    corpus = os.path.join(shared, 'corpus')
    index = os.path.join(corpus, 'INDEX.tsv')
    with open(index, encoding='utf-8', newline='') as rows:
        return {row['id']: os.path.join(corpus, row['provider'],
                                        row['id'] + '.json')
                for row in csv.DictReader(rows, delimiter='\t')
                if belongs(dialect, row['provider'], row['endpoint_kind'])}


def decode(program, paths, cut):
    """path -> lines printed for it."""
    command = [program, 'decode', '--exchange'] + paths
    if cut:
        command += ['--cut', str(cut)]
    done = subprocess.run(command, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=300)
    if done.returncode not in (0, 3):
        sys.exit('exit code %d\n%s' % (done.returncode,
                                       done.stderr.decode()))
    found, lines = {}, None
    for line in done.stdout.decode('utf-8').split('\n'):
        if line.startswith('{"file":'):
            lines = found.setdefault(json.loads(line)['file'], [])
        elif line:
            lines.append(line)
    return found


def same_arguments(expected, got):
    """Arguments are text as the model wrote it, or a value printed by us."""
    if isinstance(expected, str):
        return expected == got
    try:
        return json.loads(got) == expected
    except ValueError:
        return False


def call_differences(expected, got):
    if len(expected) != len(got):
        yield '%d tool calls, got %d' % (len(expected), len(got))
    for (id_, name, arguments), ours in zip(expected, got):
        if not ours[0] or (id_ and id_ != ours[0]):
            yield 'tool call id %r, got %r' % (id_, ours[0])
        if name != ours[1]:
            yield 'tool name %r, got %r' % (name, ours[1])
        if not same_arguments(arguments, ours[2]):
            yield 'arguments %.80r, got %.80r' % (arguments, ours[2])


def choice_differences(expected, got):
    for name in ('text', 'reasoning', 'refusal', 'finish'):
        if expected[name] != got[name]:
            yield '%s %.80r, got %.80r' % (name, expected[name], got[name])
    for name in set(expected) & set(got) & {'cited'}:
        if expected[name] != got[name]:
            yield '%s %.80r, got %.80r' % (name, expected[name], got[name])
    yield from call_differences(expected['calls'], got['calls'])


def usage_differences(expected, got):
    for name, count in (expected or {}).items():
        ours = (got or {}).get(name)
        if count is not None and count != ours:
            yield 'usage %s %r, got %r' % (name, count, ours)


def vector_differences(expected, got, dialect_model):
    """Bit by bit; one model's vectors are brought to length 1."""
    if len(expected) != len(got):
        yield '%d vectors, got %d' % (len(expected), len(got))
    for place, (theirs, ours) in enumerate(zip(expected, got)):
        if dialect_model == 'gemini-embedding-001':
            theirs = reader.unit(theirs)
            same = len(theirs) == len(ours) and all(
                abs(a - b) < 1e-6 for a, b in zip(theirs, ours))
        else:
            same = theirs == ours
        if not same:
            yield 'vector %d %.80r, got %.80r' % (place, theirs, ours)


def squeeze(text):
    return ' '.join(text.split())


def differences(expected, got):
    """What the recording says and the program does not."""
    if expected['end'] != got['end']:
        yield '%s, got %s' % (expected, got)
    elif expected['end'] == 'unsupported':
        return
    elif expected['end'] == 'error':
        if expected['status'] != got['status']:
            yield 'status %d, got %d' % (expected['status'], got['status'])
        message = squeeze(expected['message'] or '')[:200]
        if message not in squeeze(got['message']) or not got['message']:
            yield 'message %r, got %r' % (message, got['message'])
    elif 'models' in expected:
        if expected['models'] != got['models']:
            yield 'models %.200r, got %.200r' % (expected['models'],
                                                 got['models'])
    elif 'vectors' in expected:
        yield from vector_differences(expected['vectors'], got['vectors'],
                                      expected.get('model'))
        yield from usage_differences(expected['usage'], got['usage'])
    else:
        if set(expected['choices']) != set(got['choices']):
            yield 'choices %s, got %s' % (sorted(expected['choices']),
                                          sorted(got['choices']))
        for index in set(expected['choices']) & set(got['choices']):
            yield from choice_differences(expected['choices'][index],
                                          got['choices'][index])
        yield from usage_differences(expected['usage'], got['usage'])


def broken(status, got):
    """What no output may be, whatever was recorded."""
    if got['end'] == 'error':
        if not got['message'] or got['status'] not in (status, 0):
            yield 'error %s of status %d' % (got, status)
    elif status >= 400 and got['end'] == 'response':
        yield 'status %d, got %s' % (status, got)
    for choice in got.get('choices', {}).values():
        if choice['finish'] not in FINISHES:
            yield 'finish %r' % choice['finish']
        for call in choice['calls']:
            if not call[0] or not call[1]:
                yield 'tool call %r' % (call,)
    for name, count in (got.get('usage') or {}).items():
        if count is not None and count < 0:
            yield 'usage %s %r' % (name, count)


def check(path, outputs, dialect):
    """Every difference of one recording."""
    with open(path, encoding='utf-8') as file:
        recording = json.load(file)
    for cut in CUTS[1:]:
        if outputs[cut][path] != outputs[None][path]:
            yield 'another output when cut every %d bytes' % cut
    try:
        got, folded = reader.read_output(outputs[None][path])
        yield from broken(recording['response']['status'], got)
        if dialect != 'others' and got['end'] != 'unsupported':
            expected = reader.read(recording)
            expected['model'] = recording.get('model')
            yield from differences(expected, got)
        if folded and got['end'] == 'response':
            for text in differences(got, folded):
                yield 'chunks do not add up to the response: ' + text
    except (reader.Unreadable, ValueError, KeyError) as problem:
        yield '%s: %s' % (type(problem).__name__, problem)


def main(program, dialect, known_path):
    shared = os.environ.get('LLMGW_SHARED')
    if not shared:
        print('skipped: LLMGW_SHARED does not say where the recordings are')
        return 77
    known = read_known(known_path, dialect)
    paths = recordings(shared, dialect)
    outputs = {cut: decode(program, sorted(paths.values()), cut)
               for cut in CUTS}
    failing = 0
    for name, path in sorted(paths.items()):
        found = list(check(path, outputs, dialect))
        if found and name not in known:
            failing += 1
            print('FAILS %s' % name)
            for text in found:
                print('    ' + text)
        elif not found and name in known:
            failing += 1
            print('AGREES, but is listed as differing: %s' % name)
    for name in sorted(set(known) - set(paths)):
        failing += 1
        print('no such recording: %s' % name)
    print('%d recordings, %d listed as differing' % (len(paths), len(known)))
    return 1 if failing else 0


if __name__ == '__main__':
    if len(sys.argv) != 4 or sys.argv[2] not in DIALECTS:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
