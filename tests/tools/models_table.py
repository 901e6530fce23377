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

CATALOG = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                       '..', '..', 'lib', 'catalog')
RATES = ['in', 'cache_read', 'cache_write', 'cache_write_long', 'out',
         'reasoning', 'audio_in', 'audio_out', 'image_in', 'image_out']
CAPABILITIES = ['tools', 'vision', 'pdf', 'audio', 'json_schema', 'reasoning']
WIDTH = 80

HEAD = '''/*
 * catalog/models_table.c - the compiled-in manifest.
 *
 * Made from models.json by tests/tools/models_table.py: change that file and
 * run the script. Rates are pico-USD per token, rows sorted by provider and
 * model. Memory: constant data.
 */
#include "manifest.h"

#define U    LLMGW__PRICE_UNKNOWN
#define NONE {U, U, U, U, U, U, U, U, U, U}

const char llmgw__models_version[] = %s;

/* clang-format off */
const struct llmgw__price llmgw__models_table[] = {
'''
TAIL = '''};
/* clang-format on */

const size_t llmgw__models_count =
    sizeof llmgw__models_table / sizeof llmgw__models_table[0];
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


def rates(given):
    unknown = set(given) - set(RATES)
    if unknown:
        raise ValueError(f'unknown rates: {unknown}')
    return [str(micro(given[name])) if name in given else 'U'
            for name in RATES]


def fee(model, name):
    return str(micro(model[name]) * 1000000) if name in model else 'U'


def capabilities(model):
    bits = 0
    for name in model.get('capabilities', []):
        bits |= 1 << CAPABILITIES.index(name)
    return str(bits)


def braced(items):
    return '{' + ', '.join(items) + '}'


def literals(text):
    """A string as literals that fit into a line each."""
    room = WIDTH - 9
    pieces = []
    while len(quoted(text)) > room:
        cut = text.rfind(' ', 0, room - 4) + 1 or room - 4
        pieces.append(quoted(text[:cut]))
        text = text[cut:]
    return pieces + [quoted(text)]


def row(model):
    tier = model.get('long')
    words = [
        quoted(model['provider']) + ',', quoted(model['model']) + ',',
        braced(rates(model.get('rates', {}))) + ',',
        (braced(rates(tier['rates'])) if tier else 'NONE') + ',',
        f'{tier.get("above", tier.get("from"))},' if tier else '0,',
        'true,' if tier and 'from' in tier else 'false,',
        fee(model, 'per_request') + ',', fee(model, 'per_search') + ',',
        f'{model.get("context_window", 0)},', f'{model.get("max_output", 0)},',
        capabilities(model) + ',',
        *literals(model.get('source', '')),
    ]
    words[-1] += ','
    words.append(quoted(model.get('as_of', '')) + '},')
    lines = ['    {']
    for word in words:
        if lines[-1] in ('    {', '     '):
            lines[-1] += word
        elif len(lines[-1]) + 1 + len(word) <= WIDTH:
            lines[-1] += ' ' + word
        else:
            lines.append('     ' + word)
    return '\n'.join(lines) + '\n'


def table(manifest):
    models = sorted(manifest['models'],
                    key=lambda m: (m['provider'], m['model']))
    return (HEAD % quoted(manifest['version']) + ''.join(map(row, models)) +
            TAIL)


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
