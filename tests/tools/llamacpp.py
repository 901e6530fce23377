#!/usr/bin/env python3
"""Read what a real llama.cpp server answered on four wires.

llamacpp.py PROGRAM

The answers are HTTP messages, status line and all, in $LLMGW_SHARED/peers/
samples: chats, embeddings and errors of OpenAI's form, and the server's
Responses and Messages endpoints. Each is read by llmgw-wire, whole and in the
cuts of corpus.py, and compared with the independent reader; then with what is
known of the session: all prompts of the plain chats were one, so that every
wire has to count it alike. Exit 77: there are none. Standard library only.
"""
import glob
import json
import os
import sys
import tempfile

import corpus
import reader

KINDS = {'messages': 'messages', 'responses': 'responses',
         'embeddings': 'embeddings'}
ERRORS = {'err_400': 'invalid_request', 'err_401': 'auth',
          'err_context': 'context_length'}
PROMPT = {'chat_logprobs': 54, 'chat_stream': 54, 'messages_stream': 54,
          'responses_stream': 54, 'tools_stream': 570,
          'messages_tools_stream': 570}


def recording(name, message):
    """An HTTP message in the form of the corpus."""
    head, body = message.split(b'\r\n\r\n', 1)
    lines = head.decode('latin-1').split('\r\n')
    headers = dict(line.split(': ', 1) for line in lines[1:] if ': ' in line)
    headers = {key.lower(): value for key, value in headers.items()
               if key.lower() not in ('transfer-encoding', 'content-length')}
    kind = KINDS.get(name.split('_')[0], 'chat')
    return {'id': 'llamacpp-' + name, 'provider': 'llamacpp',
            'endpoint_kind': kind, 'stream': name.endswith('_stream'),
            'model': 'tiny-random', 'request': {'url': None, 'body': {
                'logprobs': 'logprobs' in name} if kind == 'chat' else None},
            'response': {'status': int(lines[0].split()[1]),
                         'headers': headers, 'body_text': body.decode()}}


def known_facts(name, lines):
    """What the output has to say, whatever the reader says."""
    values = [json.loads(line) for line in lines]
    last = values[-1]
    if name in ERRORS:
        if last.get('error', {}).get('kind') != ERRORS[name]:
            yield 'no error %s: %s' % (ERRORS[name], last)
        return
    if 'response' not in last:
        yield 'no response: %s' % last
        return
    got, _ = reader.read_output(lines)
    usage = got['usage'] or {}
    if name in PROMPT and usage.get('prompt') != PROMPT[name]:
        yield 'prompt of %s tokens, not %d' % (usage.get('prompt'),
                                               PROMPT[name])
    for choice in got.get('choices', {}).values():
        if 'tools' in name and not choice['calls']:
            yield 'no tool call'
        for call in choice['calls']:
            json.loads(call[2])
        if name == 'schema_stream':
            json.loads(choice['text'])
    if 'logprobs' in name and \
            not last['response']['choices'][0]['logprobs']['content']:
        yield 'no log probabilities'


def main(program):
    shared = os.environ.get('LLMGW_SHARED', '')
    found = sorted(glob.glob(os.path.join(shared, 'peers', 'samples',
                                          'llamacpp_*.http')))
    if not shared or not found:
        print('skip: LLMGW_SHARED does not say where the recordings are')
        return 77
    failing = 0
    with tempfile.TemporaryDirectory() as folder:
        paths = {}
        for source in found:
            name = os.path.basename(source)[len('llamacpp_'):-len('.http')]
            paths[name] = os.path.join(folder, name + '.json')
            with open(source, 'rb') as file:
                value = recording(name, file.read())
            with open(paths[name], 'w', encoding='utf-8') as file:
                json.dump(value, file)
        outputs = {cut: corpus.decode(program, sorted(paths.values()), cut)
                   for cut in corpus.CUTS}
        for name, path in sorted(paths.items()):
            notes = []
            problems = list(corpus.check(path, outputs, notes))
            problems += notes
            problems += known_facts(name, outputs[None][path])
            failing += bool(problems)
            print('%-22s %s' % (name, '; '.join(problems) or 'agrees'))
    return 1 if failing else 0


if __name__ == '__main__':
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
