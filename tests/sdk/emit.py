#!/usr/bin/env python3
"""The official Python SDK of OpenAI reads what we send.

emit.py PROGRAM KNOWN

Every recorded answer, whatever it was recorded as, rendered as server-sent
events by llmgw-wire: its chunks, added up, and what the SDK's own helper makes
of them must be our own final response. KNOWN lists those where we are right to
differ, "python id members reason" a line; the list only shrinks. Recordings
are in $LLMGW_SHARED/corpus.
"""
import csv
import json
import os
import re
import subprocess
import sys
import warnings

import httpx2
import openai

CHATS = ('chat', 'messages', 'generateContent', 'responses', 'converse',
         'invoke')
SLICE = 7
ASKED = {'model': 'm', 'messages': [{'role': 'user', 'content': 'Hi'}],
         'stream_options': {'include_usage': True}}


def recordings(shared):
    """id -> path."""
    corpus = os.path.join(shared, 'corpus')
    index = os.path.join(corpus, 'INDEX.tsv')
    with open(index, encoding='utf-8', newline='') as rows:
        return {row['id']: os.path.join(corpus, row['provider'],
                                        row['id'] + '.json')
                for row in csv.DictReader(rows, delimiter='\t')
                if row['endpoint_kind'] in CHATS}


def decode(program, paths, *options):
    """path -> text printed for it."""
    found = {}
    for at in range(0, len(paths), 100):
        # the first again: each is introduced by its name also when alone
        files = paths[at:at + 100] + [paths[at]]
        done = subprocess.run([program, 'decode', '--exchange', *files,
                               *options], stdout=subprocess.PIPE, check=True)
        for part in re.split(r'(?m)^\{"file":', done.stdout.decode())[1:]:
            name, text = part.split('}\n', 1)
            found[json.loads(name)] = text
    return found


class Stream(httpx2.SyncByteStream):
    """Bytes, a few at a time: a slice may end within a character."""

    def __init__(self, data):
        self.data = data

    def __iter__(self):
        for at in range(0, len(self.data), SLICE):
            yield self.data[at:at + SLICE]


def client_of(events):
    def answer(_request):
        return httpx2.Response(200, stream=Stream(events.encode()),
                               headers={'content-type': 'text/event-stream'})

    return openai.OpenAI(
        api_key='none', base_url='http://127.0.0.1:9/v1', max_retries=0,
        http_client=httpx2.Client(transport=httpx2.MockTransport(answer)))


def add_call(calls, piece):
    call = calls.setdefault(piece.index, {'id': '', 'name': '', 'text': ''})
    said = piece.function or getattr(piece, 'custom', None)
    call['id'] += piece.id or ''
    if said:
        # a custom call's delta is unknown to the SDK, which leaves it as it is
        said = said if isinstance(said, dict) else said.model_dump()
        call['name'] += said.get('name') or ''
        call['text'] += said.get('arguments') or said.get('input') or ''


def add_up(chunks):
    """What a program of a host's makes of deltas."""
    choices, usage = {}, None
    for chunk in chunks:
        usage = chunk.usage.model_dump(exclude_unset=True) \
            if chunk.usage else usage
        for one in chunk.choices:
            choice = choices.setdefault(one.index, {
                'content': '', 'refusal': '', 'reasoning': '', 'calls': {}})
            delta = one.delta
            choice['content'] += delta.content or ''
            choice['refusal'] += delta.refusal or ''
            choice['reasoning'] += getattr(delta, 'reasoning_content', '')
            for piece in delta.tool_calls or []:
                add_call(choice['calls'], piece)
            choice['finish'] = one.finish_reason
    return {'choices': choices, 'usage': usage}


def reduced(response):
    """A response in the form of add_up()."""
    choices = {}
    for one in response['choices']:
        message = one['message']
        calls = {}
        for index, call in enumerate(message.get('tool_calls') or []):
            said = call[call['type']]
            calls[index] = {'id': call['id'], 'name': said['name'],
                            'text': said.get('arguments', said.get('input'))}
        choices[one['index']] = {
            'content': message['content'] or '',
            'refusal': message['refusal'] or '',
            'reasoning': message.get('reasoning_content') or '',
            'calls': calls, 'finish': one['finish_reason']}
    return {'choices': choices, 'usage': response.get('usage')}


def helped(events):
    """What the SDK's helper adds up, in the form of a response. It refuses to
    hand out an answer that was cut short or filtered as a final one."""
    with client_of(events).chat.completions.stream(**ASKED) as stream:
        try:
            completion = stream.get_final_completion()
        except (openai.LengthFinishReasonError,
                openai.ContentFilterFinishReasonError):
            completion = stream.current_completion_snapshot
    made = completion.model_dump(exclude_unset=True)
    for choice in made['choices']:
        choice['message'].pop('parsed', None)
        for call in choice['message'].get('tool_calls') or []:
            call.pop('index', None)
            call.get('function', {}).pop('parsed_arguments', None)
    return made


def as_streamed(response, events):
    """Streams begin with content "", and cannot take it back. A service tier
    that the first chunk did not know yet is not taken up by the helper."""
    response = json.loads(json.dumps(response))
    response.pop('llmgw', None)
    if 'service_tier' not in json.loads(events.split('\n', 1)[0][6:]):
        response.pop('service_tier', None)
    for choice in response['choices']:
        message = choice['message']
        message['content'] = message['content'] or ''
    return response


def unlike(theirs, ours, path=''):
    """(name, line) of every member that is not the same."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for name in sorted(set(theirs) | set(ours), key=str):
            yield from unlike(theirs.get(name), ours.get(name),
                              '%s.%s' % (path, name))
    elif isinstance(theirs, list) and isinstance(ours, list) and \
            len(theirs) == len(ours):
        for index, (a, b) in enumerate(zip(theirs, ours)):
            yield from unlike(a, b, '%s.%d' % (path, index))
    elif theirs != ours:
        yield (path.rsplit('.', 1)[-1],
               '%s: %.120r, ours %.120r' % (path, theirs, ours))


def thrown(events, error):
    """An error of ours is raised as one."""
    try:
        for _ in client_of(events).chat.completions.create(stream=True,
                                                           **ASKED):
            pass
    except openai.APIError as problem:
        for name in ('message', 'type', 'code', 'param'):
            if getattr(problem, name) != error[name]:
                yield name, '%s %r, ours %r' % (name, getattr(problem, name),
                                                error[name])
    else:
        yield 'end', 'nothing was raised for %r' % error


def check(events, end):
    """Every difference of one recording."""
    if 'error' in end:
        lines = events.split('\n')
        error = next(line for line in lines if line.startswith('data: {"error'))
        yield from thrown(events, json.loads(error[6:])['error'])
        return
    response = end['response']
    try:
        chunks = client_of(events).chat.completions.create(stream=True,
                                                           **ASKED)
        yield from unlike(add_up(chunks), reduced(response))
        yield from unlike(helped(events), as_streamed(response, events))
    except Exception as problem: # whatever the SDK refuses it with
        yield 'end', '%s: %s' % (type(problem).__name__, problem)


def read_known(path):
    known = {}
    for line in open(path, encoding='utf-8'):
        words = line.split(None, 3)
        if words and words[0] == 'python':
            known[words[1]] = words[2]
    return known


def main(program, known_path):
    warnings.simplefilter('ignore') # of members that are not as it expects
    known = read_known(known_path)
    paths = recordings(os.environ['LLMGW_SHARED'])
    files = sorted(paths.values())
    ends = {file: json.loads(text.strip().rsplit('\n', 1)[-1])
            for file, text in decode(program, files).items()}
    events = decode(program, files, '--sse')
    failing, checked = 0, 0
    for name, file in sorted(paths.items()):
        if 'unsupported' in ends[file]:
            continue
        checked += 1
        found = list(check(events[file], ends[file]))
        members = ','.join(dict.fromkeys(member for member, _ in found))
        if members != known.get(name, ''):
            failing += 1
            print('FAILS %s %s' % (name, members or 'AGREES, but is listed'))
            for _, text in found:
                print('    ' + text)
    for name in sorted(set(known) - set(paths)):
        failing += 1
        print('no such recording: %s' % name)
    print('python: %d recordings, %d listed as differing' % (checked,
                                                             len(known)))
    return 1 if failing or not checked else 0


if __name__ == '__main__':
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
