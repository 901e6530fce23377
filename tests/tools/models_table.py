#!/usr/bin/env python3
"""Make lib/catalog/models_table.c from lib/catalog/models.json.

    models_table.py          write the table
    models_table.py --check  exit 1 when the table is not what would be written

The form of models.json is described in lib/catalog/manifest.c. Amounts are
decimal strings and stay exact: no float is made of them.
"""
import json
import os
import re
import sys
import textwrap

CATALOG = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                       '..', '..', 'lib', 'catalog')
RATES = ['in', 'cache_read', 'cache_write', 'cache_write_long', 'out',
         'reasoning', 'audio_in', 'audio_out', 'image_in', 'image_out']
CAPABILITIES = ['tools', 'vision', 'pdf', 'audio', 'json_schema', 'reasoning',
                'prefill', 'cancel_stops_billing']
REFUSALS = ['temperature', 'top_p', 'top_k', 'frequency_penalty',
            'presence_penalty', 'seed', 'logprobs', 'stop']
REASONING = ['unknown', 'switch', 'effort', 'budget', 'adaptive', 'always']
WIDTH = 80

HEAD = '''/*
 * catalog/models_table.c - the compiled-in manifest, packed.
 *
 * Made from models.json by tests/tools/models_table.py: change that file and
 * run the script. Sorted by provider and model. Memory: constant data.
 */
#include "models_table.h"

#define NO LLMGW__NO_FEE

const char llmgw__models_version[] = %s;

/* clang-format off */
const char *const llmgw__models_texts[] = {
'''
RATES_HEAD = '''};

const uint32_t llmgw__models_rates[] = {
'''
ROWS_HEAD = '''};

/* model; rates; long rates; threshold; fees; context, output; provider,
 * source, as of, same as, terms; inclusive; can, cannot, refuses, reasons */
const struct llmgw__packed_model llmgw__models[] = {
'''
TAIL = '''};
/* clang-format on */

const size_t llmgw__models_count =
    sizeof llmgw__models / sizeof llmgw__models[0];
'''


def micro(text):
    """Decimal USD as a whole number of millionths."""
    match = re.fullmatch(r'(\d+)(?:\.(\d{1,6}))?', text)
    if not match:
        raise ValueError(f'not an amount: {text!r}')
    return int(match[1] + (match[2] or '').ljust(6, '0'))


def quoted(text):
    if not re.fullmatch(r'[ -~]*', text):
        raise ValueError(f'not ASCII: {text!r}')
    return '"' + text.replace('\\', '\\\\').replace('"', '\\"') + '"'


def literals(text):
    """A string as literals that fit into a line each."""
    room = WIDTH - 4
    pieces = []
    while len(quoted(text)) + 2 > room:
        cut = text.rfind(' ', 0, room - 4) + 1 or room - 4
        while len(quoted(text[:cut])) > room:
            cut -= 1
        pieces.append(quoted(text[:cut]))
        text = text[cut:]
    return pieces + [quoted(text) + ',']


class Pool:
    """Texts, or lists of rates: each is kept once, told by its place."""

    def __init__(self):
        self.items = {}
        self.size = 0

    def place(self, item, size, most):
        if item not in self.items:
            self.items[item] = self.size
            self.size += size
        if self.items[item] > most:
            raise ValueError(f'more than {most} places')
        return self.items[item]


def packed(given, rates):
    unknown = set(given) - set(RATES)
    if unknown:
        raise ValueError(f'unknown rates: {unknown}')
    known = sum(1 << i for i, name in enumerate(RATES) if name in given)
    values = tuple(micro(given[name]) for name in RATES if name in given)
    if any(value > 0xffffffff for value in values):
        raise ValueError(f'more than 32 bits: {given}')
    return f'{{{known}, {rates.place(values, len(values), 65535) if values else 0}}}'


def fee(model, name):
    if name not in model:
        return 'NO'
    if micro(model[name]) >= 0xffffffff:
        raise ValueError(f'more than 32 bits: {model}')
    return str(micro(model[name]))


def flags(model, name, words):
    return sum(1 << words.index(word) for word in set(model.get(name, [])))


def abilities(model):
    numbers = [flags(model, 'capabilities', CAPABILITIES),
               flags(model, 'lacks', CAPABILITIES),
               flags(model, 'refuses', REFUSALS),
               REASONING.index(model.get('reasoning', 'unknown'))]
    if numbers[0] & numbers[1]:
        raise ValueError(f'can and cannot: {model}')
    return ', '.join(map(str, numbers))


def terms(model):
    """What is read when it is unpacked, as it is written."""
    kept = {name: model[name] for name in ('prices', 'fees') if name in model}
    if {'request', 'web_search'} & set(kept.get('fees', {})):
        raise ValueError(f'say per_request, per_search: {model}')
    return json.dumps(kept, separators=(',', ':')) if kept else ''


def row(model, texts, rates):
    tier = model.get('long', {})
    places = ', '.join(
        str(texts.place(text, 1, 255)) for text in
        [model.get(name, '') for name in
         ('provider', 'source', 'as_of', 'same_as')] + [terms(model)])
    return (f'    {{{quoted(model["model"])}, '
            f'{packed(model.get("rates", {}), rates)}, '
            f'{packed(tier.get("rates", {}), rates)},\n'
            f'     {tier.get("above", tier.get("from", 0))}, '
            f'{fee(model, "per_request")}, {fee(model, "per_search")}, '
            f'{model.get("context_window", 0)}, {model.get("max_output", 0)}, '
            f'{places}, {int("from" in tier)}, {abilities(model)}}},\n')


def table(manifest):
    texts, rates = Pool(), Pool()
    rows = ''.join(row(model, texts, rates) for model in
                   sorted(manifest['models'],
                          key=lambda m: (m['provider'], m['model'])))
    lines = [piece for text in texts.items for piece in literals(text)]
    values = [str(value) for item in rates.items for value in item]
    return (HEAD % quoted(manifest['version']) +
            '\n'.join('    ' + line for line in lines) + RATES_HEAD +
            textwrap.fill(', '.join(values), WIDTH, initial_indent='    ',
                          subsequent_indent='    ') + '\n' +
            ROWS_HEAD + rows + TAIL)


def main():
    with open(os.path.join(CATALOG, 'models.json'), encoding='utf-8') as file:
        made = table(json.load(file))
    path = os.path.join(CATALOG, 'models_table.c')
    if sys.argv[1:] == ['--check']:
        with open(path, encoding='utf-8', newline='') as file:
            if file.read() == made:
                return 0
        print('models_table.c is not made from models.json: '
              'run tests/tools/models_table.py', file=sys.stderr)
        return 1
    if sys.argv[1:]:
        print(__doc__, file=sys.stderr)
        return 2
    with open(path, 'w', encoding='utf-8', newline='') as file:
        file.write(made)
    return 0


if __name__ == '__main__':
    sys.exit(main())
