#!/usr/bin/env python3
"""Recorded gemini answers say the same streamed, as an array, and whole.

gemini_whole.py PROGRAM

The records of each recorded answer are handed over as server-sent events, as
the array that comes where no events are asked for, and merged into the one
object of an answer that is not streamed. The host must get the same response,
and its citations must cut out of the content what the recorded segments quote.
Without LLMGW_SHARED in the environment there are no recordings: exit 77.
Standard library only.
"""
import json
import os
import subprocess
import sys
import tempfile

import gemini_turns
import reader


def merge_candidate(into, candidate):
    for name, value in candidate.items():
        if name == 'content':
            into['content']['parts'] += (value or {}).get('parts') or []
        elif name == 'groundingMetadata' and name in into and \
                not value.get('groundingSupports'):
            pass # says nothing
        elif name in ('finishReason', 'finishMessage'):
            into.setdefault(name, value)
        else:
            into[name] = value


def merge(records):
    """Parts one after the other; counts of the last record that has some."""
    whole, candidates = {}, {}
    for record in records:
        for candidate in record.get('candidates') or []:
            index = candidate.get('index', 0)
            merge_candidate(candidates.setdefault(
                index, {'content': {'parts': []}, 'index': index}), candidate)
        for name, value in record.items():
            if name != 'usageMetadata' or \
                    any('TokenCount' in count for count in value):
                cached = whole.get(name, {}).get('cachedContentTokenCount') \
                    if name == 'usageMetadata' else None
                whole[name] = value
                if cached:
                    whole[name] = dict({'cachedContentTokenCount': cached},
                                       **value)
    if candidates:
        whole['candidates'] = [candidates[index]
                               for index in sorted(candidates)]
    return whole


def decode(program, folder, body, stream):
    name = os.path.join(folder, 'stream' if stream else 'whole')
    words = [program, 'decode', '--provider', 'google', '--request', name]
    done = subprocess.run(words + (['--stream'] if stream else []),
                          input=body.encode('utf-8'), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=60)
    if done.returncode not in (0, 3):
        sys.exit('exit code %d\n%s' % (done.returncode, done.stderr.decode()))
    last = json.loads(done.stdout.decode('utf-8').strip().split('\n')[-1])
    response = last.get('response', last)
    response.pop('llmgw', None)
    for choice in response.get('choices', []): # parts as they came differ
        choice['message'].pop('llmgw', None)
    return response


def write_requests(folder):
    request = {'model': 'm', 'messages': [{'role': 'user', 'content': 'Hi'}],
               'llmgw': {'gemini': {'tools': [{'codeExecution': {}}]}}}
    streamed = dict(request, stream=True,
                    stream_options={'include_usage': True})
    for name, one in (('whole', request), ('stream', streamed)):
        with open(os.path.join(folder, name), 'w', encoding='utf-8') as file:
            json.dump(one, file)


def records_of(path):
    """Of an answer without a failure; none: it is no such answer."""
    with open(path, encoding='utf-8') as file:
        recording = json.load(file)
    if recording['response']['status'] != 200:
        return []
    try:
        records = reader.records(recording['response'])
    except ValueError: # bytes that no documentation describes
        return []
    if any('error' in record for record in records) or \
            'partialArgs' in json.dumps(records): # only streamed
        return []
    return records


def quotes(whole):
    """(text, address) of each pair of segment and page, as recorded: offsets
    count bytes. None where they are not those of the text that is quoted."""
    candidate = (whole.get('candidates') or [{}])[0]
    text = ''.join(part.get('text', '') for part in
                   (candidate.get('content') or {}).get('parts', [])
                   if not part.get('thought')).encode('utf-8')
    metadata = candidate.get('groundingMetadata') or {}
    chunks = metadata.get('groundingChunks') or []
    found = []
    for support in metadata.get('groundingSupports') or []:
        segment = support['segment']
        quoted = text[segment.get('startIndex', 0):segment.get('endIndex', 0)]
        if quoted != segment['text'].encode('utf-8'):
            return None
        found += [(segment['text'], chunks[index]['web']['uri'])
                  for index in support.get('groundingChunkIndices', [])
                  if 'web' in chunks[index]]
    return found


def citations(response):
    for choice in response.get('choices', [])[:1]:
        message = choice['message']
        for annotation in message.get('annotations', []):
            cited = annotation['url_citation']
            yield (message['content'][cited['start_index']:
                                      cited['end_index']], cited['url'])


def check(program, folder, records):
    events = ''.join('data: %s\r\n\r\n' % json.dumps(record)
                     for record in records)
    streamed = decode(program, folder, events, True)
    quoted = quotes(merge(records))
    if quoted is not None and quoted != list(citations(streamed)):
        yield 'cites %.400r\n    not %.400r' % (list(citations(streamed)),
                                               quoted)
    for name, body in (('array', records), ('whole', merge(records))):
        got = decode(program, folder, json.dumps(body), False)
        if got != streamed:
            yield '%s: %.400s\n    streamed: %.400s' % (
                name, json.dumps(got), json.dumps(streamed))


def main(program):
    shared = os.environ.get('LLMGW_SHARED')
    if not shared:
        print('skipped: LLMGW_SHARED does not say where the recordings are')
        return 77
    failing, checked = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        write_requests(folder)
        for name, path in gemini_turns.recordings(shared):
            records = records_of(path)
            checked += bool(records)
            for text in check(program, folder, records) if records else []:
                failing += 1
                print('DIFFERS %s\n    %s' % (name, text))
    print('%d recordings, %d differences' % (checked, failing))
    return 1 if failing or not checked else 0


if __name__ == '__main__':
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
