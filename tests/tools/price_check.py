#!/usr/bin/env python3
"""Check what llmgw-wire reckons against a second reckoning, in decimal.

price_check.py PROGRAM corpus KNOWN     every recorded exchange with a usage
price_check.py PROGRAM vectors FILE...  usages with their sums written out

Both readings start from the bytes of the answer: usage and classes
(wire_usage.py), price and sum (price_rules.py) must be the same to the last
pico-USD, the price note must give the same sum again, and the lines of the
explanation must add up to it. With "corpus" the prices are those of the
manifest, and once more made-up ones, so that no usage is left out because its
model is unknown; what a provider states that it charges is compared with what
is reckoned, where they differ by more than 5 % is listed in KNOWN:

    ID  reason                            its usage is read differently
    stale PROVIDER/MODEL COUNT  reason    the charge is another

The list only shrinks. Without LLMGW_SHARED in the environment there are no
recordings: exit 77. Standard library only.
"""
import csv
import decimal
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from fractions import Fraction

import price_rules
import reader
import wire_usage

MODELS = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..',
                      'lib', 'catalog', 'models.json')


def ask(program, paths, *options):
    """path -> what is printed for it."""
    found = {}
    for start in range(0, len(paths), 500):
        done = subprocess.run(
            [program, 'price', '--json', *options, '--exchange'] +
            paths[start:start + 500], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, timeout=300)
        if done.returncode:
            sys.exit('exit code %d\n%s' % (done.returncode,
                                           done.stderr.decode()))
        for line in done.stdout.decode('utf-8').splitlines():
            value = json.loads(line)
            found[value['file']] = value
    return found


def number(text):
    return None if text is None else int(text)


# --- one exchange ---

def used(usage):
    """A usage as the rules take it."""
    return dict(usage.whole(), service_tier=usage.tier or '',
                regional=usage.regional)


def said(got):
    """The same of what the program printed."""
    return dict(got['usage'], service_tier=got['service_tier'],
                regional=got['regional'])


def usage_differences(usage, got):
    """Estimates are the program's own; all else is told in the answer."""
    theirs = used(usage) if usage else None
    ours = said(got) if got.get('usage') else None
    for name in got.get('estimated') or []:
        for counts in (theirs, ours):
            if counts:
                counts.pop(name, None)
    if theirs != ours:
        yield 'usage %s, got %s' % (theirs, ours)
    if usage and ours and \
            pico(usage.stated) != number(got['stated']):
        yield 'states %s, got %s' % (pico(usage.stated), got['stated'])


def pico(usd):
    return None if usd is None else int(
        usd.scaleb(12).to_integral_value(rounding=decimal.ROUND_HALF_UP))


def price_differences(models, got, at):
    """The sum from the printed usage, three times."""
    row = price_rules.find(models, got['provider'], got['model'])
    expected = price_rules.cost(row, said(got), at)
    if got['priced'] != (row is not None):
        yield 'priced: %s' % got['priced']
    for name in ('cost', 'recomputed'):
        if number(got[name]) != expected:
            yield '%s %s, got %s' % (name, expected, got[name])
    if row is not None and expected is not None:
        yield from explained_differences(got['explained'], expected)


LINE = re.compile(r'(\w+) (\d+) x ([0-9.]+) USD(/M)? = ([0-9.]+) USD')
WHOLE = re.compile(r'tokens ([0-9.]+) USD x (\d+)/(\d+) = ([0-9.]+) USD')


def explained_differences(text, expected):
    """The lines, added up again as they are printed."""
    dec = decimal.Decimal
    tokens = fees = dec(0)
    total = None
    for line in text.splitlines():
        one, whole = LINE.fullmatch(line), WHOLE.fullmatch(line)
        if one:
            product = dec(one[2]) * dec(one[3]) / (10 ** 6 if one[4] else 1)
            if product != dec(one[5]):
                yield 'explained: %s' % line
            if one[4]:
                tokens += product
            else:
                fees += product
        elif whole:
            if dec(whole[1]) != tokens:
                yield 'explained: %s of %s' % (line, tokens)
            tokens = (tokens * int(whole[2]) / int(whole[3])).quantize(
                dec(10) ** -12, rounding=decimal.ROUND_HALF_UP)
            if dec(whole[4]) != tokens:
                yield 'explained: %s, should be %s' % (line, tokens)
        elif line.startswith('total '):
            total = dec(line.split()[1])
    if total is None or total != tokens + fees or \
            pico(total) != expected:
        yield 'explained: the lines make %s, the total is %s' % (
            tokens + fees, total)
    if not text.isascii() or not text.endswith('\n'):
        yield 'explained in other than lines of ASCII'


# --- the corpus ---

def recordings(shared):
    """id -> path."""
    corpus = os.path.join(shared, 'corpus')
    with open(os.path.join(corpus, 'INDEX.tsv'), encoding='utf-8',
              newline='') as rows:
        return {row['id']: os.path.join(corpus, row['provider'],
                                        row['id'] + '.json')
                for row in csv.DictReader(rows, delimiter='\t')}


def read_known(path):
    """(id -> reason, "provider/model" -> (how many, why))"""
    known, stale = {}, {}
    for line in open(path, encoding='utf-8'):
        words = line.split(None, 3)
        if len(words) == 4 and words[0] == 'stale':
            stale[words[1]] = int(words[2]), words[3].strip()
        elif len(words) > 1 and not line.startswith('#'):
            known[words[0]] = line.split(None, 1)[1].strip()
    return known, stale


def made_up(providers):
    """A row for every provider: another price for everything, so that no
    class can stand for another unnoticed."""
    names = sorted({name for rates in price_rules.RATES.values()
                    for name in rates})
    return [{'provider': provider, 'model': 'any',
             'rates': {name: '%d.%06d' % (place + 1, 7919 * (place + 3))
                       for place, name in enumerate(names)},
             'fees': {'request': '0.000013', 'web_search': '0.0101',
                      'web_fetch': '0.0203', 'file_search': '0.0307',
                      'code_interpreter': '0.0409'},
             'prices': [{'service_tier': 'flex', 'multiply': '1/2'},
                        {'service_tier': 'priority', 'multiply': '9/5'},
                        {'service_tier': 'batch', 'multiply': '1/3'},
                        {'regional': True, 'multiply': '11/10'}]}
            for provider in sorted(providers)]


def read_usage(path):
    """@return (usage, what is wrong with the recording)"""
    with open(path, encoding='utf-8') as file:
        recording = json.load(file)
    try:
        return wire_usage.usage(recording), None
    except (reader.Unreadable, ValueError, KeyError, TypeError) as problem:
        return None, '%s: %.80s' % (type(problem).__name__, problem)


def check_corpus(program, known_path):
    shared = os.environ.get('LLMGW_SHARED')
    if not shared:
        print('skipped: LLMGW_SHARED does not say where the recordings are')
        return 77
    known, stale = read_known(known_path)
    with open(MODELS, encoding='utf-8') as file:
        models = json.load(file)['models']
    paths = recordings(shared)
    got = ask(program, sorted(paths.values()))
    counts, failing, charges = Counter(), 0, []
    for name, path in sorted(paths.items()):
        ours = got[path]
        if 'unsupported' in ours:
            counts['of a kind that is not spoken'] += 1
            continue
        usage, problem = read_usage(path)
        found = [problem] if problem else list(usage_differences(usage, ours))
        if ours.get('usage'):
            found += price_differences(models, ours, moment(ours))
            counts['priced' if ours['cost'] else 'priced, but not all of it'
                   if ours['priced'] else 'not in the manifest'] += 1
            charges.append(ours)
        else:
            counts['without a usage'] += 1
        failing += judge(name, found, known)
    failing += check_made_up(program, charges)
    failing += check_charges(charges, stale)
    for kind, count in sorted(counts.items()):
        print('%6d %s' % (count, kind))
    for name in sorted(set(known) - set(paths)):
        failing += 1
        print('no such recording: %s' % name)
    return 1 if failing else 0


def moment(got):
    return price_rules.datetime.datetime.fromtimestamp(
        got['at'], price_rules.datetime.timezone.utc)


def judge(name, found, known):
    """@return failures"""
    if found and name not in known:
        print('FAILS %s' % name)
        for text in found:
            print('    ' + text)
        return 1
    if not found and name in known:
        print('AGREES, but is listed as differing: %s' % name)
        return 1
    return 0


def check_made_up(program, charges):
    """Every usage, at prices of which none is unknown."""
    rows = made_up({one['provider'] for one in charges})
    failing = 0
    with tempfile.NamedTemporaryFile('w', suffix='.json') as manifest:
        json.dump({'version': 'made up', 'models': rows}, manifest)
        manifest.flush()
        got = ask(program, sorted(one['file'] for one in charges),
                  '--model', 'any', '--manifest', manifest.name)
    priced = 0
    for path, ours in sorted(got.items()):
        found = list(price_differences(rows, ours, moment(ours)))
        priced += ours['cost'] is not None
        failing += judge('%s, made-up prices' % os.path.basename(path), found,
                         {})
    print('%6d of %d usages priced at made-up prices' % (priced, len(got)))
    return failing + len(got) - priced


def check_charges(charges, stale):
    """What is stated against what is reckoned."""
    compared, apart = Counter(), {}
    for one in charges:
        stated, ours = number(one['stated']), number(one['cost'])
        name = '%s/%s' % (one['provider'], one['model'])
        if stated is None:
            continue
        if ours is None:
            compared['stated, no price to compare with'] += 1
        elif abs(stated - ours) * 20 > stated:
            apart.setdefault(name, []).append(one)
            compared['stated, more than 5 % apart'] += 1
        else:
            compared['stated, ' + ('equal' if stated == ours
                                   else 'at most 5 % apart')] += 1
    failing = 0
    for name in sorted(set(apart) | set(stale)):
        count, why = stale.get(name, (0, ''))
        found = apart.get(name, [])
        if len(found) != count:
            failing += 1
            print('FAILS %s: %d charges are more than 5 %% apart, %d listed' %
                  (name, len(found), count))
        for one in found if len(found) != count else []:
            print('    %s states %s, %s is reckoned of %s' % (
                os.path.basename(one['file']), one['stated'], one['cost'],
                json.dumps(one['usage'])))
        if found and why:
            print('stale: %d of %s: %s' % (len(found), name, why))
    for kind, count in sorted(compared.items()):
        print('%6d %s' % (count, kind))
    return failing


# --- vectors ---

ENVELOPES = {
    'chat': {'id': 'c', 'object': 'chat.completion', 'created': 1,
             'model': 'm', 'choices': [
                 {'index': 0, 'finish_reason': 'stop',
                  'message': {'role': 'assistant', 'content': 'Yes.'}}],
             'usage': None},
    'messages': {'id': 'msg_1', 'type': 'message', 'role': 'assistant',
                 'model': 'm', 'content': [{'type': 'text', 'text': 'Yes.'}],
                 'stop_reason': 'end_turn', 'stop_sequence': None,
                 'usage': None},
    'generateContent': {'candidates': [
        {'index': 0, 'finishReason': 'STOP',
         'content': {'role': 'model', 'parts': [{'text': 'Yes.'}]}}],
        'usageMetadata': None},
    'responses': {'id': 'resp_1', 'object': 'response', 'created_at': 1,
                  'model': 'm', 'status': 'completed', 'output': [
                      {'type': 'message', 'id': 'msg_1',
                       'status': 'completed', 'role': 'assistant',
                       'content': [{'type': 'output_text', 'text': 'Yes.',
                                    'annotations': []}]}],
                  'usage': None},
    'converse': {'output': {'message': {'role': 'assistant', 'content': [
        {'text': 'Yes.'}]}}, 'stopReason': 'end_turn', 'usage': None},
    'embeddings': {'object': 'list', 'model': 'm', 'data': [
        {'object': 'embedding', 'index': 0, 'embedding': [0.5, 0.25]}],
        'usage': None},
    'cohere': {'id': 'c', 'finish_reason': 'COMPLETE', 'message': {
        'role': 'assistant', 'content': [{'type': 'text', 'text': 'Yes.'}]},
        'usage': None},
    'ollama': {'model': 'm', 'done': True, 'done_reason': 'stop',
               'message': {'role': 'assistant', 'content': 'Yes.'}},
}
URLS = {'cohere': 'https://api.cohere.com/v2/chat',
        'ollama': 'http://127.0.0.1:11434/api/chat'}


def recording_of(vectors, case):
    """The answer that the raw usage stands in, as a recording of it."""
    wire = case.get('wire', vectors['wire'])
    body = dict(ENVELOPES[wire], **case.get('answer', {}))
    place = next((name for name, value in body.items() if value is None and
                  name in ('usage', 'usageMetadata')), None)
    if place:
        body[place] = case['usage']
    else: # they stand in the answer itself
        body.update(case['usage'])
    return {'id': case['name'], 'provider': case.get('provider',
                                                     vectors['provider']),
            'endpoint_kind': 'chat' if wire in URLS else wire,
            'stream': False, 'transport': 'json', 'model': case['model'],
            'request': {'method': 'POST', 'url': URLS.get(wire),
                        'body': None},
            'response': {'status': 200,
                         'headers': {'content-type': 'application/json'},
                         'body_text': json.dumps(body)}}


def evaluate(text):
    """A sum as it is written by hand: whole numbers, + * / and brackets;
    half up at the end."""
    if not re.fullmatch(r'[0-9 +*/()]+', text):
        raise ValueError('no sum: %s' % text)
    exact = eval(re.sub(r'[0-9]+', r'Fraction(\g<0>)', text),
                 {'__builtins__': {}}, {'Fraction': Fraction})
    return int((2 * exact + 1) // 2)


def case_differences(vectors, case, got):
    at = price_rules.moment(case.get('at', vectors.get('at')))
    usage = wire_usage.usage(recording_of(vectors, case))
    yield from usage_differences(usage, got)
    expected = dict(case['classes'], requests=1)
    if got.get('usage') != expected:
        yield 'classes %s, got %s' % (expected, got.get('usage'))
    yield from price_differences(vectors['models'], got, at)
    cost = case['cost']
    if cost is not None and evaluate(case['sum']) != cost:
        yield 'its sum is %d, its cost %d' % (evaluate(case['sum']), cost)
    if number(got['cost']) != cost:
        yield 'cost %s, got %s' % (cost, got['cost'])
    if number(got['stated']) != case.get('stated'):
        yield 'stated %s, got %s' % (case.get('stated'), got['stated'])
    for name in ('service_tier', 'regional'):
        if name in case and got[name] != case[name]:
            yield '%s %s, got %s' % (name, case[name], got[name])


def check_case(program, folder, vectors, case):
    path = os.path.join(folder, 'exchange.json')
    with open(path, 'w', encoding='utf-8') as file:
        json.dump(recording_of(vectors, case), file)
    got = ask(program, [path], '--manifest',
              os.path.join(folder, 'manifest.json'), '--at',
              case.get('at', vectors.get('at')))[path]
    if not got.get('usage'):
        return ['no usage: %s' % got]
    return list(case_differences(vectors, case, got))


def check_vectors(program, files):
    failing, count = 0, 0
    for name in files:
        with open(name, encoding='utf-8') as file:
            vectors = json.load(file)
        if vectors.get('models') is None:
            with open(MODELS, encoding='utf-8') as file:
                vectors['models'] = json.load(file)['models']
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, 'manifest.json'), 'w',
                      encoding='utf-8') as file:
                json.dump({'version': '2026-11-15',
                           'models': vectors['models']}, file)
            for case in vectors['cases']:
                count += 1
                failing += judge(
                    '%s: %s' % (os.path.basename(name), case['name']),
                    check_case(program, folder, vectors, case), {})
    print('%d vectors in %d files, %d fail' % (count, len(files), failing))
    return 1 if failing else 0


if __name__ == '__main__':
    if len(sys.argv) == 4 and sys.argv[2] == 'corpus':
        sys.exit(check_corpus(sys.argv[1], sys.argv[3]))
    if len(sys.argv) > 3 and sys.argv[2] == 'vectors':
        sys.exit(check_vectors(sys.argv[1], sys.argv[3:]))
    sys.exit(__doc__)
