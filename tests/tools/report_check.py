#!/usr/bin/env python3
"""Reports read back and reckoned again, with Python's own calendar and
decimals.

    report_check.py PROGRAM

PROGRAM is llmgw-report. Every group, step and a few time zones: CSV and JSON
must be well-formed, say the same, and be what the entries add up to. Standard
library only.
"""
import csv
import io
import json
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from decimal import Decimal, getcontext

getcontext().prec = 60
GROUPS = ('all', 'provider', 'model', 'route', 'tag', 'key', 'state')
STATES = (None, 'open', 'answered', 'failed', 'cancelled')
STEPS = ('none', 'hour', 'day', 'week', 'month')
COLUMNS = ['begin', 'end', 'key', 'entries', 'open', 'failed', 'unpriced',
           'estimated', 'prompt_tokens', 'completion_tokens', 'billed_usd',
           'delivered_usd']


def run(*args):
    return subprocess.run(args, stdout=subprocess.PIPE, check=True).stdout


def entries(program):
    out = []
    for line in run(program, 'entries').decode('ascii').splitlines():
        entry = json.loads(line)
        for name in ('provider', 'model', 'route', 'tags', 'key'):
            entry[name] = entry[name].encode('latin-1').decode('utf-8')
        out.append(entry)
    return out


def keys(entry, group, tag):
    tags = [t for t in entry['tags'].split(',') if t]
    if group == 'tag' and tag:
        values = [t.split('=')[1] for t in tags if t.split('=')[0] == tag]
        return values[:1] or ['']
    return {'all': [''], 'provider': [entry['provider']],
            'model': [entry['provider'] + '/' + entry['model']],
            'route': [entry['route']], 'tag': sorted(set(tags)),
            'key': [entry['key']], 'state': [STATES[entry['state']]]}[group]


def local_begin(local, step):
    """The wall clock at which a span begins; first its day or month."""
    day = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if step == 'week':
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if step == 'month' else day


def span(ns, step, zone):
    """Begin and end of the span that a time lies in, aware."""
    utc = datetime.fromtimestamp(ns // 10**9, timezone.utc)
    local = utc.astimezone(zone)
    if step == 'hour':
        past = timedelta(minutes=local.minute, seconds=local.second)
        begin = utc - past
        return [t.astimezone(zone) for t in (begin, begin + timedelta(hours=1))]
    begin = local_begin(local.replace(tzinfo=None), step)
    days = {'day': 1, 'week': 7, 'month': 31}[step]
    end = begin + timedelta(days=days)
    if step == 'month':
        end = end.replace(day=1)
    return [t.replace(tzinfo=zone).astimezone(timezone.utc).astimezone(zone)
            for t in (begin, end)]


def expected(rows, group, step, zone, tag):
    sums = {}
    for entry in rows:
        when = span(entry['ns'], step, zone) if step != 'none' else None
        text = [t.isoformat() for t in when] if when else ['', '']
        order = when[0].timestamp() if when else 0
        for key in keys(entry, group, tag):
            total = sums.setdefault((order, key.encode()), [text, key, [0] * 9])
            open_ = entry['state'] == 1
            for i, more in enumerate((
                    1, open_, entry['state'] == 3, entry['billed'] is None,
                    entry['estimated'], entry['prompt'], entry['completion'],
                    entry['billed'] or 0, entry['delivered'] or 0)):
                total[2][i] += more
    out = []
    for _, (text, key, total) in sorted(sums.items()):
        money = [format(Decimal(t) / 10**12, '.12f') for t in total[7:]]
        out.append(text + [key] + [str(t) for t in total[:7]] + money)
    return out


def check(program, rows, group, step, zone_name, zone, tag):
    args = [str(GROUPS.index(group)), str(STEPS.index(step)), zone_name]
    args += [tag] if tag else []
    text = run(program, 'csv', *args).decode('utf-8')
    table = list(csv.reader(io.StringIO(text, newline=''), strict=True))
    want = expected(rows, group, step, zone, tag)
    what = ' '.join([group, step, zone_name, tag or ''])
    assert text.endswith('\r\n') and table[0] == COLUMNS, what
    for got, must in zip(table[1:], want):
        assert got == must, '%s:\n%s\n%s' % (what, got, must)
    assert len(table) == len(want) + 1, what
    objects = json.loads(run(program, 'json', *args))
    for row, must in zip(objects, want):
        assert list(row) == COLUMNS, what
        assert (row['begin'] is None) == (step == 'none'), what
        for name in COLUMNS[3:10]:
            assert isinstance(row[name], int) == (abs(int(row[name])) <= 2**53)
        assert ['' if v is None else str(v) for v in row.values()] == must, what
    assert len(objects) == len(want), what
    return len(want)


def main():
    program = sys.argv[1]
    rows = entries(program)
    zones = {'UTC': timezone.utc,
             '+05:30': timezone(timedelta(hours=5, minutes=30))}
    try:
        from zoneinfo import ZoneInfo
        for name in ('Europe/Berlin', 'America/New_York',
                     'Australia/Lord_Howe'):
            zones[name] = ZoneInfo(name)
    except Exception as why:  # this system has no time zones: two are ours
        print('without named time zones: %s' % why)
    lines = count = 0
    for group in GROUPS:
        for step in STEPS:
            for name, zone in zones.items():
                if name == 'Australia/Lord_Howe' and step == 'hour':
                    continue  # its clock changes by half an hour
                for tag in (None, 'team') if group == 'tag' else (None,):
                    lines += check(program, rows, group, step, name, zone, tag)
                    count += 1
    print('%d reports of %d entries, %d rows' % (count, len(rows), lines))
    return 0


sys.exit(main())
