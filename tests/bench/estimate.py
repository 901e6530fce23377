#!/usr/bin/env python3
"""How near estimates of tokens come to what providers counted.

estimate.py PROGRAM [--check]

Every recorded chat whose usage was told, in the order of its name, is estimated
by PROGRAM (llmgw-estimate), which then learns from the count. Printed are the
median and the 95th percentile of the relative error of prompts and answers,
beside those of four bytes a token; then whose prompt or answer was more than
what is said to be its bound. Left out are prompts that are not all in the
request (LEFT_OUT counts them by reason), and answers of which not all was
shown.

With --check the exit code is 1 where estimates are worse than four bytes a
token in the median or the 95th percentile of prompts, or in the median of
answers, or where a bound did not hold for another reason than those of BEYOND.
Without LLMGW_SHARED in the environment: exit 77. Standard library only.
"""
import csv
import json
import os
import subprocess
import sys
from collections import Counter, defaultdict

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '..', 'tools'))
import reader
import recorded_chats

KINDS = ('chat', 'messages', 'generateContent', 'converse', 'invoke',
         'responses')
# id or its beginning -> why a count is beyond what bounds it
BEYOND = {
    'groq/groq/compound': 'it searches and asks other models, unasked',
    'groq/compound': 'it searches and asks other models, unasked',
    'bedrock-invoke-5a14a294d7df': 'its text was made shorter when recorded',
    'ollama-chat-daae982426b7': 'its server counted what it thought, too',
    'doubleword-chat-e1d5b952e73a': 'max_tokens is without reasoning there',
    'openrouter-chat-45e83efc1613': 'max_tokens is without reasoning there',
    'xai-responses-1702d14c29a9': 'max_tokens is without reasoning there',
    'pollinations-chat-c0cb4e486da0': 'max_tokens is not heeded there',
    'perplexity-chat-dbc6572166ab': 'its end is one token more',
}


def recordings(shared, left_out):
    corpus = os.path.join(shared, 'corpus')
    with open(os.path.join(corpus, 'INDEX.tsv'), encoding='utf-8',
              newline='') as rows:
        listed = sorted(csv.DictReader(rows, delimiter='\t'),
                        key=lambda row: row['id'])
    for row in listed:
        if row['status'] != '200' or row['endpoint_kind'] not in KINDS or \
                row['fidelity'] == 'fixture': # some are invented
            continue
        path = os.path.join(corpus, row['provider'], row['id'] + '.json')
        with open(path, encoding='utf-8') as file:
            recording = json.load(file)
        try:
            yield case_of(row, recording)
        except recorded_chats.Elsewhere as why:
            left_out[str(why)] += 1


def case_of(row, recording):
    body = recording['request'].get('body')
    try:
        answer = reader.read(recording)
    except (reader.Unreadable, ValueError, KeyError, TypeError):
        answer = {'end': 'unreadable'}
    usage = answer.get('usage') or {}
    if not isinstance(body, dict) or answer['end'] != 'response' or \
            not usage.get('prompt'):
        raise recorded_chats.Elsewhere('no request, or no usage')
    model = body.get('model') or row['model'] or 'model'
    return {'id': row['id'], 'family': row['provider'],
            'target': (row['provider'] + '/' + model).replace(' ', '_'),
            'prompt': usage['prompt'], 'completion': usage['completion'] or 0,
            'reasoning': min(usage['reasoning'] or 0,
                             usage['completion'] or 0),
            'bytes': recorded_chats.answer_bytes(answer),
            'chat': recorded_chats.to_chat(row['endpoint_kind'], body)}


def estimate(program, cases):
    """Adds what the program says to each case."""
    given = b''
    for case in cases:
        text = json.dumps(case['chat'], ensure_ascii=False).encode(
            'utf-8', 'replace')
        given += ('%s %d %d %d %d %d\n' % (
            case['target'], case['prompt'], case['completion'],
            case['reasoning'], case['bytes'], len(text))).encode() + text + \
            b'\n'
    done = subprocess.run([program], input=given, stdout=subprocess.PIPE,
                          timeout=300, check=True)
    lines = done.stdout.decode().splitlines()
    if len(lines) != len(cases):
        sys.exit('%d of %d cases were read' % (len(lines), len(cases)))
    for case, line in zip(cases, lines):
        if line.startswith('refused'):
            sys.exit(case['id'] + ' ' + line)
        (case['guess'], case['plain'], case['answer'], case['plain_answer'],
         case['most'], case['most_answer']) = map(int, line.split())


def spread(errors):
    """Median and 95th percentile."""
    errors = sorted(errors)
    return tuple(errors[min(len(errors) - 1, int(len(errors) * part))]
                 for part in (0.5, 0.95))


def errors_of(cases, guess, count):
    return spread([abs(case[guess] - case[count]) / case[count]
                   for case in cases])


def is_shown(case):
    """Was all of the answer shown that was counted?"""
    return case['completion'] > 0 and case['bytes'] > 0 and not (
        case['reasoning'] and case['bytes'] < 2 * case['completion'])


def print_row(name, cases):
    shown = [case for case in cases if is_shown(case)]
    row = errors_of(cases, 'guess', 'prompt') + \
        errors_of(cases, 'plain', 'prompt')
    both = ['%.2f' % value for value in row]
    answers = ['', '', '', '']
    if shown:
        found = errors_of(shown, 'answer', 'completion') + \
            errors_of(shown, 'plain_answer', 'completion')
        answers = ['%.2f' % value for value in found]
        row += found
    print('| %s | %d | %s | %d | %s |' % (name, len(cases), ' | '.join(both),
                                        len(shown), ' | '.join(answers)))
    return row


def settled(cases):
    asked, found = Counter(), []
    for case in cases:
        if asked[case['target']] >= 10:
            found.append(case)
        asked[case['target']] += 1
    return found


def beyond(cases):
    """Counts that were more than their bound: (case, what, count, bound)."""
    for case in cases:
        if case['prompt'] > case['most']:
            yield case, 'prompt', case['prompt'], case['most']
        if 0 <= case['most_answer'] < case['completion']:
            yield case, 'answer', case['completion'], case['most_answer']


def reason_of(case):
    for name, reason in BEYOND.items():
        if case['id'].startswith(name) or case['target'].startswith(name):
            return reason
    return None


def main():
    shared = os.environ.get('LLMGW_SHARED')
    if not shared:
        print('skip: LLMGW_SHARED is not set: there are no recordings')
        return 77
    left_out = Counter()
    cases = list(recordings(shared, left_out))
    estimate(sys.argv[1], cases)
    families = defaultdict(list)
    for case in cases:
        families[case['family']].append(case)
    print('| of | prompts | median | p95 | bytes / 4: median | p95 | answers |'
          ' median | p95 | bytes / 4: median | p95 |')
    print('|---|---|---|---|---|---|---|---|---|---|---|')
    for name in sorted(families):
        print_row(name, families[name])
    print_row('all, of a model asked ten times before', settled(cases))
    row = print_row('all', cases)
    for reason in sorted(left_out):
        print('left out: %d, %s' % (left_out[reason], reason))
    unexplained = 0
    for case, what, count, bound in beyond(cases):
        reason = reason_of(case)
        unexplained += not reason
        print('beyond: %s %s %d, bound %d: %s' % (
            case['id'], what, count, bound, reason or 'UNEXPLAINED'))
    bad = row[0] > row[2] or row[1] > row[3] or row[4] > row[6]
    return int(bool(bad or unexplained)) if '--check' in sys.argv else 0


if __name__ == '__main__':
    sys.exit(main())
