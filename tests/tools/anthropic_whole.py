#!/usr/bin/env python3
"""Recorded streams of the Messages API, told whole: anthropic_whole.py PROGRAM

Each recorded stream is folded into the message that it builds, after the
documentation, and decoded once more as an answer that came whole. The host
must get the same response. Not told apart: members of replayed blocks that say
no more than their absence, and how arguments are spaced.

Without LLMGW_SHARED in the environment there is nothing to tell: exit 77.
Standard library only.
"""
import json
import os
import sys
import tempfile

import anthropic_replay
import corpus
import reader

MEMBERS = ('id', 'model', 'service_tier', 'choices', 'usage')


def folded(recording):
    """The recording as a whole answer; None: it is none, or no stream."""
    if recording['response']['status'] != 200:
        return None
    parts = reader.records(recording['response'])
    message = anthropic_replay.message_of(recording)
    if not message or parts[0].get('type') == 'message':
        return None
    message = dict(message, usage=reader.fold_events(parts)['usage'])
    return dict(recording, stream=False, transport='json', response={
        'status': 200, 'headers': {'content-type': 'application/json'},
        'body_text': json.dumps(message, ensure_ascii=False)})


def value_of(arguments):
    try:
        return json.loads(arguments)
    except ValueError: # cut off
        return {'INVALID_JSON': arguments}


def comparable(response):
    for choice in response['choices']:
        message = choice['message']
        if 'llmgw' in message:
            message['llmgw']['content'] = \
                anthropic_replay.squeeze(message['llmgw']['content'])
        for call in message.get('tool_calls') or []:
            call['function']['arguments'] = \
                value_of(call['function']['arguments'])
    return {name: response.get(name) for name in MEMBERS}


def differences(streamed, whole):
    streamed, whole = comparable(streamed), comparable(whole)
    for name in MEMBERS:
        if streamed[name] != whole[name]:
            yield '%s streamed %s, whole %s' % (
                name, json.dumps(streamed[name]), json.dumps(whole[name]))


def decode(program, paths):
    """path -> what the host gets."""
    outputs = corpus.decode(program, sorted(paths), None)
    return {path: json.loads(lines[-1]).get('response')
            for path, lines in outputs.items()}


def main(program):
    shared = os.environ.get('LLMGW_SHARED')
    if not shared:
        print('skipped: LLMGW_SHARED does not say where the recordings are')
        return 77
    count = failing = 0
    with tempfile.TemporaryDirectory() as folder:
        paths = {}
        for name, path in corpus.recordings(shared, 'anthropic').items():
            with open(path, encoding='utf-8') as file:
                whole = folded(json.load(file))
            if whole:
                paths[path] = os.path.join(folder, name + '.json')
                with open(paths[path], 'w', encoding='utf-8') as file:
                    json.dump(whole, file)
        streamed = decode(program, paths)
        wholes = decode(program, paths.values())
        for path, other in sorted(paths.items()):
            if not streamed[path]: # it broke: that is another test's to say
                continue
            count += 1
            for text in differences(streamed[path], wholes[other]):
                failing += 1
                print('FAILS %s %s' % (os.path.basename(path), text))
    print('%d streams told whole' % count)
    return 1 if failing or not count else 0


if __name__ == '__main__':
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
