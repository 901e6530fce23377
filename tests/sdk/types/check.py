#!/usr/bin/env python3
"""Type-check what our encoders send with the official clients' own types.

check.py PROGRAM DIRECTORY: PROGRAM is llmgw-wire, DIRECTORY has node_modules
(run.sh puts them there) and gets a file of literals for each dialect, which
tsc then reads. known.txt lists what may differ, "dialect path  reason" a line;
what is listed must differ and all else must not: the list only shrinks.
Standard library only.
"""
import csv
import glob
import json
import os
import re
import subprocess
import sys
import time

import damage
import literals
import matrix

HERE = os.path.dirname(os.path.abspath(__file__))
FIXTURES = os.path.join(HERE, '..', '..', 'fixtures')
# row, dialect, models; the first two are asked in all that was recorded too
TARGETS = {
    'openai': ('openai', '-', [
        'gpt-4.1', 'gpt-5', 'gpt-4o', 'o1', 'o3', 'o4-mini', 'gpt-5.1',
        'gpt-5.4', 'gpt-5.6', 'gpt-6.1-sol', 'gpt-6-astra', 'gpt-5.5-pro',
        'gpt-4o-search-preview', 'gpt-4o-audio-preview']),
    'responses': ('openai', 'responses', [
        'gpt-6.1-sol', 'gpt-4.1', 'o3', 'gpt-5', 'gpt-5.1', 'gpt-5.6',
        'gpt-6-astra', 'gpt-5.5-pro']),
    'anthropic': ('anthropic', '-', [
        'claude-opus-5', 'claude-haiku-4-5', 'claude-3-5-haiku-20241022',
        'claude-sonnet-4-20250514', 'claude-opus-4-6', 'claude-opus-4-8',
        'claude-sonnet-5-5', 'claude-haiku-5-5', 'claude-fable-5-1']),
    'gemini': ('google', '-', [
        'gemini-3.6-flash', 'gemini-2.5-pro', 'gemini-2.0-flash',
        'gemini-2.5-flash', 'gemini-3-pro-preview', 'gemini-2.5-flash-image',
        'gemini-2.5-flash-preview-tts', 'gemma-3-27b-it']),
}
ERROR = re.compile(r'^(\w+)\.ts\((\d+),\d+\): error (TS\d+): (.*)')


def cases_of(tree):
    """The requests of a fixture or golden."""
    for part in [tree] + tree.get('cases', []):
        request = part.get('openai_request')
        if isinstance(request, dict) and 'messages' in request:
            yield request


def from_files(pattern):
    for path in sorted(glob.glob(pattern, recursive=True)):
        with open(path, encoding='utf-8') as file:
            tree = json.load(file)
        if isinstance(tree, dict):
            name = os.path.relpath(path, os.path.commonpath([path, pattern]))
            for i, request in enumerate(cases_of(tree)):
                yield '%s[%d]' % (name, i), request


def recorded(shared):
    """Chat requests that others have sent."""
    corpus = os.path.join(shared, 'corpus')
    with open(os.path.join(corpus, 'INDEX.tsv'), encoding='utf-8',
              newline='') as rows:
        for row in csv.DictReader(rows, delimiter='\t'):
            if row['endpoint_kind'] != 'chat':
                continue
            path = os.path.join(corpus, row['provider'], row['id'] + '.json')
            with open(path, encoding='utf-8') as file:
                body = json.load(file)['request'].get('body')
            if isinstance(body, dict) and 'messages' in body:
                # members of other services are refused by name
                yield row['id'], {name: value for name, value in body.items()
                                  if name in matrix.KNOWN}


def sources():
    """(name, request, asked of all models?)"""
    for name, request in matrix.matrix():
        yield name, request, True
    for name, request in from_files(FIXTURES + '/**/*.json'):
        yield name, request, True
    shared = os.environ.get('LLMGW_SHARED')
    if not shared:
        print('LLMGW_SHARED does not say where goldens and recordings are')
        return
    for name, request in from_files(shared + '/wire/golden/**/*.json'):
        yield name, request, True
    for name, request in recorded(shared):
        yield name, request, False


def questions():
    """(dialect, model, name, request) of all there is to encode."""
    for name, request, all_models in sources():
        for dialect, (_, _, models) in TARGETS.items():
            for model in models if all_models else models[:2]:
                yield dialect, model, name, request


def encode(program, asked):
    """What is sent for each, as the program tells it."""
    batch = []
    for dialect, model, _, request in asked:
        text = json.dumps(dict(request, model='m'))
        row, spoken, _ = TARGETS[dialect]
        batch.append('%s %s %s %d\n%s\n' % (row, spoken, model, len(text),
                                            text))
    done = subprocess.run([program, 'encode', '--batch'],
                          input=''.join(batch).encode(),
                          stdout=subprocess.PIPE, timeout=900)
    lines = done.stdout.decode('utf-8').split('\n')[:-1]
    if done.returncode or len(lines) != len(asked):
        sys.exit('exit code %d, %d answers to %d requests' % (
            done.returncode, len(lines), len(asked)))
    return lines


def only_once(members):
    names = [name for name, _ in members]
    if len(set(names)) != len(names):
        raise ValueError('a member twice: %s' % names)
    return dict(members)


def gather(program):
    """dialect -> literals.File, with what was counted."""
    asked = list(questions())
    files = {dialect: literals.File(dialect) for dialect in TARGETS}
    for question, line in zip(asked, encode(program, asked)):
        dialect, model, name, _ = question
        sent = json.loads(line, object_pairs_hook=only_once)
        if 'error' in sent:
            files[dialect].refuse(sent['error'])
            continue
        if sent['url'].endswith('/responses'):  # some go out in that instead
            dialect = 'responses'
        files[dialect].add(sent, '%s, %s' % (model, name))
    return files


def damaged():
    """(file, line its body begins -> is it sound?) of each dialect."""
    for dialect in TARGETS:
        file = literals.File(dialect, 'damaged_' + dialect)
        expected = {}
        for body, sound in damage.bodies(dialect):
            expected[file.begin()] = sound
            file.add({'headers': {}, 'body': body}, 'damage')
        yield file, expected


def notices(files, errors):
    """Does the compiler refuse each damaged body, and no sound one?"""
    well = True
    for file, expected in files:
        starts = sorted(expected)
        lines = [line for name, line, *_ in errors if name == file.name]
        for start, end in zip(starts, starts[1:] + [file.begin()]):
            refused = any(start <= line < end for line in lines)
            if refused == expected[start]:
                well = False
                print('%s: %s, but the compiler %s\n%s' % (
                    file.name, 'sound' if expected[start] else 'damaged',
                    'refuses it' if refused else 'takes it',
                    file.text(start, end)))
        print('%s: %d damaged bodies' % (file.name, len(starts) - 1))
    return well


def compile_all(directory):
    """(file, line, code, message) of every error."""
    with open(os.path.join(directory, 'tsconfig.json'), 'w',
              encoding='utf-8') as out:
        json.dump({'compilerOptions': {
            'strict': True, 'noEmit': True, 'skipLibCheck': True,
            'target': 'es2022', 'module': 'nodenext', 'types': [],
            'lib': ['es2022', 'dom', 'dom.iterable']},
            'include': ['*.ts']}, out)
    done = subprocess.run(
        ['node', os.path.join(directory, 'node_modules', 'typescript', 'bin',
                              'tsc'), '--pretty', 'false', '-p', directory],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=directory,
        timeout=900)
    found = []
    for line in done.stdout.decode('utf-8').splitlines():
        match = ERROR.match(line)
        if match:
            name, at, code, message = match.groups()
            found.append((name, int(at), code, message))
        elif line.startswith(' ') and found:
            found[-1] = found[-1][:3] + (found[-1][3] + '\n' + line,)
        elif line:
            sys.exit('tsc: ' + line)
    if bool(done.returncode) != bool(found):
        sys.exit('tsc: exit code %d' % done.returncode)
    return found


def read_known():
    """(dialect, path) -> reason."""
    known = {}
    with open(os.path.join(HERE, 'known.txt'), encoding='utf-8') as lines:
        for line in lines:
            words = line.split(None, 2)
            if words and not line.startswith('#'):
                dialect, path, reason = words
                known[dialect, path] = reason.strip()
    return known


def tell(files, errors):
    """Every path that differs and is not listed, once."""
    known = read_known()
    seen = {}
    for dialect, line, code, message in errors:
        if dialect not in files:
            continue
        path, origin = files[dialect].place(line)
        seen.setdefault((dialect, path), []).append((code, message, origin))
    for place in sorted(set(seen) - set(known)):
        code, message, origin = seen[place][0]
        print('DIFFERS %s %s: %s %s\n    first of %d, for %s' % (
            place[0], place[1], code, message, len(seen[place]), origin))
    for place in sorted(set(known) - set(seen)):
        print('AGREES, but is listed as differing: %s %s' % place)
    print('%d places differ, %d listed' % (len(seen), len(known)))
    return set(seen) == set(known)


def main(program, directory):
    start = time.monotonic()
    directory = os.path.abspath(directory)
    files = gather(program)
    controls = list(damaged())
    for file in list(files.values()) + [file for file, _ in controls]:
        file.write(directory)
    for file in files.values():
        print(file.summary())
    told = time.monotonic()
    errors = compile_all(directory)
    print('encoded in %.0f s, compiled in %.0f s' % (
        told - start, time.monotonic() - told))
    well = notices(controls, errors)
    return 0 if tell(files, errors) and well else 1


if __name__ == '__main__':
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
