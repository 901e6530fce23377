"""Where requests are from: the matrix, fixtures and goldens, recordings; and
recorded answers, sent back as the next turn's history.
"""
import csv
import glob
import json
import os
import subprocess

import matrix

FIXTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                        '..', '..', 'fixtures')
ANSWERS = ('chat', 'messages', 'generateContent', 'responses')
# Blocks of answers that are a beta's: its name has to go along with them.
BETAS = {'mcp_tool_use': 'mcp-client-2025-11-20',
         'mcp_tool_result': 'mcp-client-2025-11-20',
         'compaction': 'compact-2026-01-12',
         'advisor_tool_result': 'advisor-tool-2026-03-01',
         'fallback': 'server-side-fallback-2026-07-01'}


def cases_of(tree):
    """The requests of a fixture or golden."""
    for part in [tree] + tree.get('cases', []):
        request = part.get('openai_request')
        if isinstance(request, dict) and 'messages' in request:
            yield request


def from_files(folder):
    for path in sorted(glob.glob(folder + '/*/*.json')):
        with open(path, encoding='utf-8') as file:
            tree = json.load(file)
        if isinstance(tree, dict):
            for i, request in enumerate(cases_of(tree)):
                yield '%s[%d]' % (os.path.relpath(path, folder), i), request


def recordings(shared, kinds):
    """(id, path) of the recorded exchanges of these kinds."""
    corpus = os.path.join(shared, 'corpus')
    with open(os.path.join(corpus, 'INDEX.tsv'), encoding='utf-8',
              newline='') as rows:
        for row in csv.DictReader(rows, delimiter='\t'):
            if row['endpoint_kind'] in kinds:
                yield row['id'], os.path.join(corpus, row['provider'],
                                              row['id'] + '.json')


def asked(shared):
    """Chat requests that others have sent."""
    for name, path in recordings(shared, ('chat',)):
        with open(path, encoding='utf-8') as file:
            body = json.load(file)['request'].get('body')
        if isinstance(body, dict) and 'messages' in body:
            # members of other services are refused by name
            yield name, {member: value for member, value in body.items()
                         if member in matrix.KNOWN}


def next_turn(message):
    """A request whose history has this answer in it."""
    messages = [{'role': 'user', 'content': 'Hi'}, message]
    calls = message.get('tool_calls') or []
    names = {call[call['type']]['name'] for call in calls
             if call['type'] == 'function'}
    for call in calls:
        messages.append({'role': 'tool', 'tool_call_id': call['id'],
                         'content': 'done'})
    request = {'messages': messages + [{'role': 'user', 'content': 'Go on'}]}
    betas = {BETAS[block['type']] for block
             in message.get('llmgw', {}).get('content', [])
             if block.get('type') in BETAS}
    if betas:
        request['llmgw'] = {'anthropic_beta': sorted(betas)}
    if names:
        request['tools'] = [{'type': 'function', 'function': {'name': name}}
                            for name in sorted(names)]
    return request


def answered(shared, program):
    """What was answered, in the next request."""
    paths = dict((path, name) for name, path in recordings(shared, ANSWERS))
    done = subprocess.run([program, 'decode', '--exchange'] + sorted(paths),
                          stdout=subprocess.PIPE, timeout=300)
    name = None
    for line in done.stdout.decode('utf-8').split('\n'):
        told = json.loads(line) if line.startswith('{') else {}
        if 'file' in told:
            name = paths[told['file']]
        elif told.get('response', {}).get('choices'):
            message = told['response']['choices'][0]['message']
            yield 'answer ' + name, next_turn(message)


def every(program):
    """(name, request, asked of all models?)"""
    for name, request in matrix.matrix():
        yield name, request, True
    for name, request in from_files(FIXTURES):
        yield name, request, True
    shared = os.environ.get('LLMGW_SHARED')
    if not shared:
        print('LLMGW_SHARED does not say where goldens and recordings are')
        return
    for name, request in from_files(shared + '/wire/golden'):
        yield name, request, True
    for name, request in asked(shared):
        yield name, request, False
    for name, request in answered(shared, program):
        yield name, request, False
