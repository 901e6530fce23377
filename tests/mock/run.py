#!/usr/bin/env python3
"""Ask a mock of providers that nobody here wrote, through real sockets.

run.py PROGRAM DIRECTORY

PROGRAM is llmgw-ask; DIRECTORY is where install.sh has put the mock. It is
asked on each wire that it speaks (of Vertex it knows another version's path
than is asked for), whole and streamed: a text, a tool call,
embeddings, models; then it is told to fail, in each way it knows. Where the
mock is known not to be like its provider, nothing is asserted. Standard
library only.
"""
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
TEXT = 'Καλημέρα, κόσμε — good morning to all of you. ☀'
STORY = 'Once there was a lighthouse keeper who counted every ship that ' \
        'passed by at night, and wrote their names on the wall of the ' \
        'stairs, one above the other. In the hundredth year the wall was ' \
        'full, and so the next one painted it white, began at the bottom ' \
        'again, and never told anybody of it.'
TOOL = {'type': 'function', 'function': {
    'name': 'clock', 'parameters': {
        'type': 'object', 'properties': {'place': {'type': 'string'},
                                         'digits': {'type': 'integer'}}}}}
ROUTE = {'max_attempts': 1, 'total_ms': 20000}
# name -> type, what follows the mock's URL, settings
WIRES = {
    'chat': ('openai', '/v1', {'api': 'chat'}),
    'responses': ('openai', '/v1', {'api': 'responses'}),
    'messages': ('anthropic', '', {}),
    'gemini': ('google', '/v1beta', {}),
    'azure': ('azure', '', {'api_version': '2024-10-21', 'api': 'chat'}),
    'cohere': ('cohere', '', {}),
    'ollama': ('ollama', '', {}),
    'openrouter': ('openrouter', '/api/v1', {}),
    # its InvokeModel streams are not wrapped as the provider's are
    'bedrock': ('bedrock', '', {'region': 'us-east-1',
                                'claude_api': 'converse'}),
}
MODELS = {'messages': 'claude-haiku-4-5', 'gemini': 'gemini-2.5-flash',
          'bedrock': 'anthropic.claude-haiku-4-5-20251001-v1:0'}
UNCOUNTED = ('ollama',) # the mock counts no tokens there


class Mock:
    """The mock's process, at a port that was free a moment ago."""

    def __init__(self, directory):
        with socket.socket() as free:
            free.bind(('127.0.0.1', 0))
            port = free.getsockname()[1]
        self.url = 'http://127.0.0.1:%d' % port
        self.process = subprocess.Popen(
            ['node', os.path.join(directory, 'node_modules', '@copilotkit',
                                  'aimock', 'dist', 'cli.js'),
             '-p', str(port), '-f', os.path.join(HERE, 'answers.json'),
             '--log-level', 'silent'])
        for _ in range(200):
            try:
                self.tell('/v1/models')
                return
            except OSError:
                time.sleep(0.05)
        raise SystemExit('the mock does not start')

    def tell(self, path, value=None):
        data = None if value is None else json.dumps(value).encode()
        request = urllib.request.Request(
            self.url + path, data, {'content-type': 'application/json'})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read()

    def chaos(self, **rates):
        every = {'dropRate': 0, 'rateLimitRate': 0, 'malformedRate': 0,
                 'disconnectRate': 0}
        self.tell('/__aimock/chaos', dict(every, **rates))


class Host:
    """The program that asks."""

    def __init__(self, program, mock):
        self.mock = mock
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)

    def provider(self, wire):
        row, path, settings = WIRES[wire]
        return {'type': row, 'base_url': self.mock.url + path,
                'api_key': 'k', 'settings': settings}

    def ask(self, targets, words, stream=False, **more):
        request = {'model': 'r', 'messages': [{'role': 'user',
                                               'content': words}]}
        request.update(more.pop('members', {}))
        return self.send(targets, dict({'stream': stream, 'request': request},
                                       **more))

    def send(self, targets, line):
        wires = [target.split('/')[0] for target in targets]
        line['config'] = {
            'environment': False,
            'providers': {wire: self.provider(wire) for wire in wires},
            'routes': {'r': dict(ROUTE, targets=targets,
                                 max_attempts=len(targets))}}
        self.process.stdin.write(json.dumps(line).encode() + b'\n')
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


class Tally:
    def __init__(self):
        self.good = self.bad = 0

    def check(self, name, expected, got):
        if expected == got:
            self.good += 1
            return
        self.bad += 1
        print('FAILS %s: wanted %.300r, got %.300r' % (name, expected, got))


def target_of(wire, model=None):
    return '%s/%s' % (wire, model or MODELS.get(wire, 'm'))


def choice_of(out):
    return ((out.get('response') or {}).get('choices') or [{}])[0]


def check_text(host, tally, wire):
    for stream in (False, True):
        name = '%s, %s' % (wire, 'streamed' if stream else 'whole')
        out = host.ask([target_of(wire)], 'Say it in Greek.', stream)
        choice = choice_of(out)
        if not choice:
            tally.check(name, 'a response', out)
            continue
        tally.check(name, TEXT, choice['message']['content'])
        tally.check(name + ': finish', 'stop', choice['finish_reason'])
        if stream:
            tally.check(name + ': chunks', TEXT, out['text'])
        if wire not in UNCOUNTED:
            usage = out['response'].get('usage') or {}
            tally.check(name + ': usage', (14, 9),
                        (usage.get('prompt_tokens'),
                         usage.get('completion_tokens')))


def check_tool(host, tally, wire):
    for stream in (False, True):
        name = '%s, tool, %s' % (wire, 'streamed' if stream else 'whole')
        out = host.ask([target_of(wire)], 'What time is it in Oslo?', stream,
                       members={'tools': [TOOL]})
        calls = choice_of(out).get('message', {}).get('tool_calls')
        if not calls:
            tally.check(name, 'a tool call', out)
            continue
        tally.check(name, [('clock', {'place': 'Oslo, Ås', 'digits': 2})],
                    [(call['function']['name'],
                      json.loads(call['function']['arguments']))
                     for call in calls])
        tally.check(name + ': finish', 'tool_calls',
                    choice_of(out)['finish_reason'])


def check_others(host, tally):
    for wire in ('chat', 'azure', 'cohere'):
        out = host.send([target_of(wire)], {
            'endpoint': 'embeddings',
            'request': {'model': 'r', 'input': ['a first text']}})
        vectors = [one['embedding'] for one in
                   (out.get('response') or {}).get('data', [])]
        tally.check(wire + ', embeddings', [[0.5, -0.25, 0.125]], vectors)
    for wire in ('chat', 'ollama'):
        out = host.send([target_of(wire)], {'endpoint': 'models'})
        rows = (out.get('response') or {}).get('data', [])
        tally.check(wire + ', models', True,
                    len(rows) > 2 and all(row['id'].startswith(wire + '/')
                                          for row in rows))


def check_chaos(host, tally, wire):
    """Told to fail, whatever is asked."""
    modes = (('dropRate', ('server_error',)), ('rateLimitRate', ('rate_limit',)),
             ('malformedRate', ('protocol',)),
             ('disconnectRate', ('protocol', 'connection')))
    for mode, kinds in modes:
        host.mock.chaos(**{mode: 1})
        for stream in (False, True):
            out = host.ask([target_of(wire)], 'Say it in Greek.', stream)
            name = '%s, %s, %s' % (wire, mode, stream)
            tally.check(name, True, out.get('kind') in kinds or out)
            tally.check(name + ': text', '', out.get('text'))
            if mode == 'rateLimitRate':
                tally.check(name + ': wait', 1000, out.get('wait_ms'))
    host.mock.chaos()


def check_cuts(host, tally, wire):
    """A stream that ends too early: what came is told, and that it is not
    all."""
    for model in ('cut-short', 'hung-up'):
        out = host.ask([target_of(wire, model)], 'Tell me a long story.', True)
        name = '%s, %s' % (wire, model)
        tally.check(name, True, out.get('kind') in ('protocol', 'connection')
                    or out)
        told = out.get('text', '')
        tally.check(name + ': text', True,
                    0 < len(told) < len(STORY) and STORY.startswith(told)
                    or told)


def check_failover(host, tally, wire, other):
    """One wire is busy, another answers."""
    for stream in (False, True):
        out = host.ask([target_of(wire, 'busy'), target_of(other)],
                       'Are you busy?', stream)
        name = '%s, then %s, %s' % (wire, other, stream)
        tally.check(name, 'Not at all.',
                    choice_of(out).get('message', {}).get('content', out))
        tally.check(name + ': attempts', ['rate_limit', 'none'],
                    out.get('attempts'))


def main(program, directory):
    mock = Mock(directory)
    tally = Tally()
    try:
        host = Host(program, mock)
        probe = {wire: host.ask([target_of(wire)], 'Are you busy?')
                 for wire in WIRES}
        wires = [wire for wire in WIRES if 'misuse' not in probe[wire]]
        for wire in sorted(set(WIRES) - set(wires)):
            print('skip: %s: %s' % (wire, probe[wire]['misuse']))
        for place, wire in enumerate(wires):
            check_text(host, tally, wire)
            check_tool(host, tally, wire)
            check_chaos(host, tally, wire)
            check_cuts(host, tally, wire)
            check_failover(host, tally, wire, wires[place - 1])
        check_others(host, tally)
        host.process.stdin.close()
        host.process.wait(10)
        tally.check('the program ends', 0, host.process.returncode)
    finally:
        mock.process.terminate()
        mock.process.wait(10)
    print('%d checks on %d wires, %d failed' % (tally.good + tally.bad,
                                                len(wires), tally.bad))
    return 1 if tally.bad else 0


if __name__ == '__main__':
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
