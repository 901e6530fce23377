#!/usr/bin/env python3
"""books.py LEDGER: is what a ledger file has of budgets what its entries say?

Sums are what settled entries are billed, charges what open ones have reserved;
no entry is there twice; the file is whole. Nothing of the library is used.
"""
import json
import sqlite3
import sys


def main():
    db = sqlite3.connect(sys.argv[1])
    wrong = []
    if db.execute('PRAGMA integrity_check').fetchone()[0] != 'ok':
        wrong.append('the file is damaged')
    settled = reserved = opened = 0
    seen = set()
    for line, settled_ns, billed in db.execute(
            'SELECT line, settled_ns, billed FROM entries'):
        entry = json.loads(line)
        name = entry['writer'], entry['id']
        if name in seen:
            wrong.append(f'{name} is there twice')
        seen.add(name)
        if settled_ns:
            settled += billed
        else:
            reserved += entry['reserved_pico']
            opened += 1
    sums = db.execute('SELECT COALESCE(SUM(amount), 0) FROM budget_sums')
    charges = db.execute('SELECT COALESCE(SUM(amount), 0), COUNT(*) '
                         'FROM charges').fetchone()
    if sums.fetchone()[0] != settled:
        wrong.append('the sums are not what is settled')
    if charges != (reserved, opened):
        wrong.append(f'charges {charges}, reserved {reserved} of {opened}')
    for text in wrong:
        print(text)
    sys.exit(1 if wrong else 0)


main()
