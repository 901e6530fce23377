#!/usr/bin/env python3
"""The table of providers in README.md, made from the provider table.

    readme_rows.py PROGRAM          write it
    readme_rows.py PROGRAM --check  exit 1 when it is not what would be written

PROGRAM is llmgw-wire. What a service takes is asked of its encoder, with the
models that have a price here, or with two names where none has; what has been
seen of its answers is counted in fixtures/recorded.tsv (real exchanges that
tests/tools/corpus.py reads) and fixtures/golden/ (examples made by hand after
its documentation). Standard library only.
"""
import glob
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
README = os.path.join(HERE, '..', '..', 'README.md')
MODELS = os.path.join(HERE, '..', '..', 'lib', 'catalog', 'models.json')
FIXTURES = os.path.join(HERE, '..', 'fixtures')
START = '<!-- made by tests/tools/readme_rows.py -->\n'
END = '<!-- to here -->\n'
WIRES = {'openai': 'Chat Completions', 'anthropic': 'Messages',
         'gemini': 'Gemini', 'cohere': 'Cohere v2', 'ollama': "Ollama's own",
         'responses': 'Responses', 'bedrock': 'Converse'}
KINDS = ('chat', 'stream', 'embeddings', 'models')
HEAD = ('provider', 'key', 'wire', 'JSON schema', 'reasoning effort',
        'models priced') + KINDS
NO_PRICE = ('model', 'openai/gpt-oss-120b')
SCHEMA = {'type': 'json_schema', 'json_schema': {
    'name': 's', 'strict': True,
    'schema': {'type': 'object', 'properties': {'a': {'type': 'string'}},
               'required': ['a'], 'additionalProperties': False}}}


def table(program):
    out = subprocess.run([program, 'rows'], stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in out.stdout.splitlines()]


def prices():
    """provider -> models, as the manifest has them."""
    found = {}
    with open(MODELS, encoding='utf-8') as file:
        for model in json.load(file)['models']:
            found.setdefault(model['provider'], []).append(model['model'])
    return found


def ask(program, row, model, **more):
    """(body without the model, actions on the members asked for)"""
    request = {'model': 'm', 'messages': [{'role': 'user', 'content': 'hi'}]}
    request.update(more)
    text = json.dumps(request).encode()
    heading = '%s - %s %d\n' % (row['name'], model, len(text))
    out = subprocess.run([program, 'encode', '--batch'],
                         input=heading.encode() + text + b'\n',
                         stdout=subprocess.PIPE, check=True).stdout
    answer = json.loads(out)
    if 'body' not in answer:
        return None, ['refused']
    return answer['body'], [(a['action'], a['reason'])
                            for a in answer['adjustments']
                            if a['param'] in more]


def schema_of(program, row, model):
    body, done = ask(program, row, model, response_format=SCHEMA)
    if body is None or ('dropped', 'unsupported') in done:
        return 'no'
    if not done:
        return 'yes'
    return ('by instruction' if done[0][1] == 'json_instruction'
            else 'by a tool')


def effort_of(program, row, model):
    plain, _ = ask(program, row, model)
    low, _ = ask(program, row, model, reasoning_effort='low')
    high, done = ask(program, row, model, reasoning_effort='high')
    if high is None or high == plain or 'dropped' in [d[0] for d in done]:
        return 'no'
    return 'on or off' if low == high else 'yes'


def together(answers):
    """One word for what all the models have, else what some have."""
    if len(set(answers)) == 1:
        return answers[0]
    yes = answers.count('yes')
    if not yes:
        return '; '.join(sorted(set(answers) - {'no'})) + ' for some'
    return 'most models' if yes * 2 > len(answers) else 'some models'


def key_of(row):
    keys = ', '.join('`%s`' % key for key in row['keys'])
    if row['keyless']:
        if not row['placed']:
            return 'as configured'
        return keys + ' or none' if keys else 'none'
    return keys + (' or fetched' if row['fetched'] else '')


def wire_of(row):
    words = WIRES.get(row['dialect'], row['dialect'])
    if row['moves']:
        words += ', Responses'
    if 'other' in row:
        words += ', ' + WIRES.get(row['other'], row['other'])
    return words


def recorded():
    """provider -> kinds of which there are recordings"""
    with open(os.path.join(FIXTURES, 'recorded.tsv'), encoding='utf-8') as file:
        lines = [line.rstrip('\n').split('\t') for line in file
                 if not line.startswith('#')]
    return {line[0]: {kind for kind, count in zip(lines[0][1:], line[1:])
                      if count != '0'} for line in lines[1:]}


def golden():
    """The same of examples with an answer."""
    found = {}
    for path in glob.glob(os.path.join(FIXTURES, 'golden', '*.json')):
        with open(path, encoding='utf-8') as file:
            whole = json.load(file)
        for case in whole.get('cases', [whole]):
            case = dict(whole, **case)
            kind = ('embeddings' if 'input' in case.get('openai_request', {})
                    else 'stream' if 'provider_stream' in case else 'chat')
            if 'provider_stream' in case or 'provider_response' in case:
                found.setdefault(case.get('provider'), set()).add(kind)
    return found


def seen(row, kind, real, made):
    if not row.get(kind, True):
        return '–'
    if kind in real.get(row['name'], ()):
        return 'recorded'
    return 'golden' if kind in made.get(row['name'], ()) else 'docs'


def lines(program):
    priced, real, made = prices(), recorded(), golden()
    yield HEAD
    yield ['---'] * len(HEAD)
    for row in table(program):
        models = priced.get(row['name'], NO_PRICE)
        if row['unknown']:
            schema = effort = 'passed on'
        else:
            schema = together([schema_of(program, row, m) for m in models])
            effort = together([effort_of(program, row, m) for m in models])
        count = len(priced.get(row['name'], ()))
        yield ['`%s`' % row['name'], key_of(row), wire_of(row), schema, effort,
               str(count) if count else 'no'] + [
                   seen(row, kind, real, made) for kind in KINDS]


def main(program, option=None):
    text = ''.join('| %s |\n' % ' | '.join(line) for line in lines(program))
    with open(README, encoding='utf-8') as file:
        old = file.read()
    before, rest = old.split(START)
    new = before + START + '\n' + text + '\n' + END + rest.split(END)[1]
    if option != '--check':
        with open(README, 'w', encoding='utf-8') as file:
            file.write(new)
    elif new != old:
        was = set(old.split('\n'))
        print('README.md is not what tests/tools/readme_rows.py writes:')
        print('\n'.join(line for line in new.split('\n') if line not in was))
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
