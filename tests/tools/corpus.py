#!/usr/bin/env python3
"""Decode recorded exchanges with llmgw-wire, whole and in many cuts.

corpus.py PROGRAM DIALECT KNOWN

The output must not depend on the cut, and must say what an independent reader
finds in the recorded bytes. DIALECT is one of those below, or "all": every
exchange of every provider that is a chat, embeddings or a list of models,
refusals among them. Printed is a table of the providers: how many agree with
the reader, differ from it, are of a kind that the reader does not know, or are
refused by the program, which says why.

KNOWN lists what does not agree yet, "id  reason" a line, and what is refused,
"refuses PROVIDER KIND COUNT  reason"; the lists only shrink. With
"all" the counts are compared with fixtures/recorded.tsv, too. Without
LLMGW_SHARED in the environment there is nothing to decode: exit 77. Standard
library only.
"""
import csv
import json
import os
import subprocess
import sys
from collections import Counter

import reader

DIALECTS = {'openai': ('openai', 'chat'),
            'anthropic': ('anthropic', 'messages'),
            'bedrock': ('bedrock', 'converse'),
            'invoke': ('bedrock', 'invoke'),
            'vertex': ('vertex', 'generateContent'),
            'gemini': ('gemini', 'generateContent'),
            'responses': (None, 'responses'),
            'cohere': ('cohere', 'chat'),
            'ollama': ('ollama', 'chat'),
            'embeddings': (None, 'embeddings'),
            'models': (None, 'models'),
            'others': (None, 'chat')}
SPOKEN = ('chat', 'messages', 'generateContent', 'converse', 'invoke',
          'responses', 'embeddings', 'models', 'dashscope_native', 'cf_run')
# whose chats have no kind of their own
HOSTS = ('sagemaker', 'watsonx')
CUTS = (None, '--cut 1', '--cut 2', '--cut 3', '--cut 7', '--cut 64',
        '--seed 1', '--seed 2')
RECORDED = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..',
                        'fixtures', 'recorded.tsv')
FINISHES = ('stop', 'length', 'tool_calls', 'content_filter', 'function_call')


def belongs(dialect, provider, kind):
    if dialect == 'all':
        return kind in SPOKEN or provider in HOSTS
    wanted, wanted_kind = DIALECTS[dialect]
    if wanted:
        return (provider, kind) == (wanted, wanted_kind)
    return kind == wanted_kind and (dialect != 'others' or (provider, kind)
                                    not in DIALECTS.values())


def read_known(path, dialect):
    """(id -> why it differs, (provider, kind) -> how many are refused, why)"""
    known, refused = {}, {}
    for line in open(path, encoding='utf-8'):
        words = line.split(None, 4)
        if len(words) == 5 and words[0] == 'refuses':
            refused[words[1], words[2]] = int(words[3]), words[4].strip()
        elif len(words) > 1 and not line.startswith('#'):
            provider, kind, _ = words[0].rsplit('-', 2)
            if belongs(dialect, provider, kind):
                known[words[0]] = line.split(None, 1)[1].strip()
    return known, refused


def recordings(shared, dialect):
    """id -> path."""
    return {name: row['path'] for name, row in index(shared, dialect).items()}


def index(shared, dialect):
    """id -> row of the index, with the path."""
    corpus = os.path.join(shared, 'corpus')
    path = os.path.join(corpus, 'INDEX.tsv')
    with open(path, encoding='utf-8', newline='') as rows:
        return {row['id']: dict(row, path=os.path.join(
                    corpus, row['provider'], row['id'] + '.json'))
                for row in csv.DictReader(rows, delimiter='\t')
                if belongs(dialect, row['provider'], row['endpoint_kind'])}


def decode(program, paths, cut):
    """path -> lines printed for it."""
    command = [program, 'decode', '--exchange'] + paths
    if cut:
        command += cut.split()
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


def check(path, outputs, notes):
    """Every difference of one recording; how it was judged goes to notes."""
    with open(path, encoding='utf-8') as file:
        recording = json.load(file)
    for cut in CUTS[1:]:
        if outputs[cut][path] != outputs[None][path]:
            yield 'another output when cut by %s' % cut
    try:
        got, folded = reader.read_output(outputs[None][path])
        if got['end'] == 'unsupported':
            notes.append('refused')
            if reader.kind_of(recording) != 'unspoken':
                return
        yield from broken(recording['response']['status'], got)
        if reader.kind_of(recording) not in reader.READERS and \
                reader.kind_of(recording) != 'unspoken':
            notes.append('unread')
        else:
            expected = reader.read(recording)
            expected['model'] = recording.get('model')
            yield from differences(expected, got)
        if folded and got['end'] == 'response':
            for text in differences(got, folded):
                yield 'chunks do not add up to the response: ' + text
    except (reader.Unreadable, ValueError, KeyError, TypeError) as problem:
        yield '%s: %s' % (type(problem).__name__, problem)


def judge(rows, outputs, known, refused):
    """What fails is printed. @return id -> agrees, differs, unread or refused;
    how many fail"""
    judged, failing = {}, 0
    left = Counter({place: count for place, (count, _) in refused.items()})
    for name, row in sorted(rows.items()):
        notes = []
        found = list(check(row['path'], outputs, notes))
        place = row['provider'], row['endpoint_kind']
        if 'refused' in notes:
            left[place] -= 1
            if left[place] < 0:
                found.append(outputs[None][row['path']][-1])
        judged[name] = 'differs' if found else (notes + ['agrees'])[0]
        if found and name not in known:
            failing += 1
            print('FAILS %s' % name)
            for text in found:
                print('    ' + text)
        elif not found and name in known:
            failing += 1
            print('AGREES, but is listed as differing: %s' % name)
    for name in sorted(set(known) - set(rows)):
        failing += 1
        print('no such recording: %s' % name)
    return judged, failing


def print_table(rows, judged, known, refused):
    columns = ('agrees', 'differs', 'unread', 'refused')
    print('%-16s' % 'provider' + ''.join('%9s' % word for word in columns))
    counts, reasons = {}, Counter()
    for name, row in rows.items():
        counts.setdefault(row['provider'], Counter())[judged[name]] += 1
        if judged[name] == 'refused':
            reasons[row['provider'], row['endpoint_kind']] += 1
    counts['all'] = sum(counts.values(), Counter())
    for provider in sorted(counts, key=lambda p: (p == 'all', p)):
        print('%-16s' % provider + ''.join(
            '%9s' % (counts[provider][word] or '-') for word in columns))
    for place, count in sorted(reasons.items()):
        print('refused: %d %s of %s: %s' % (count, place[1], place[0],
                                            refused[place][1]))
    for name in sorted(known):
        print('differs: %s: %s' % (name, known[name]))


def column_of(row):
    if row['endpoint_kind'] in ('embeddings', 'models'):
        return row['endpoint_kind']
    return 'stream' if row['stream'] == '1' else 'chat'


def count_recorded(rows, judged, refused):
    """provider -> column -> how many are read, or will be by a row to come."""
    counts = {}
    for name, row in rows.items():
        place = row['provider'], row['endpoint_kind']
        if judged[name] == 'refused' and \
                not refused[place][1].startswith('no row yet'):
            continue
        provider = {'gemini': 'google'}.get(row['provider'], row['provider'])
        counts.setdefault(provider, Counter())[column_of(row)] += 1
    columns = ('chat', 'stream', 'embeddings', 'models')
    yield '# Exchanges that tests/tools/corpus.py reads, or will with a row.'
    yield '\t'.join(('provider',) + columns)
    for provider in sorted(counts):
        yield '\t'.join([provider] + [str(counts[provider][column])
                                      for column in columns])


def check_recorded(lines):
    """The file is made of what is there. @return failures"""
    with open(RECORDED, encoding='utf-8') as file:
        old = file.read()
    new = ''.join(line + '\n' for line in lines)
    if old == new:
        return 0
    print('fixtures/recorded.tsv should be:\n' + new)
    return 1


def main(program, dialect, known_path):
    shared = os.environ.get('LLMGW_SHARED')
    if not shared:
        print('skipped: LLMGW_SHARED does not say where the recordings are')
        return 77
    known, refused = read_known(known_path, dialect)
    rows = index(shared, dialect)
    paths = sorted(row['path'] for row in rows.values())
    outputs = {cut: decode(program, paths, cut) for cut in CUTS}
    judged, failing = judge(rows, outputs, known, refused)
    print_table(rows, judged, known, refused)
    if dialect == 'all':
        failing += check_recorded(count_recorded(rows, judged, refused))
    return 1 if failing else 0


if __name__ == '__main__':
    if len(sys.argv) != 4 or sys.argv[2] not in list(DIALECTS) + ['all']:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
