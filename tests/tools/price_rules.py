"""The rules of prices, read a second time: a usage and a row of the manifest
give pico-USD, in decimal, or None where something that was used has no known
price. Standard library only.
"""
import datetime
import decimal
import re
import zoneinfo

D = decimal.Decimal
decimal.getcontext().prec = 60
PICO = D(10) ** 12

# what a class takes: the first of these rates that the row has
RATES = {'input_uncached': ('in',),
         'input_cached': ('cache_read', 'in'),
         'input_cache_write_5m': ('cache_write', 'in'),
         'input_cache_write_1h': ('cache_write_long', 'cache_write', 'in'),
         'audio_in': ('audio_in', 'in'),
         'image_in': ('image_in', 'in'),
         'output_text': ('out',),
         'output_reasoning': ('reasoning', 'out'),
         'audio_out': ('audio_out', 'out'),
         'image_out': ('image_out', 'out')}
PROMPT = ('input_uncached', 'input_cached', 'input_cache_write_5m',
          'input_cache_write_1h', 'audio_in', 'image_in')
OUTPUT = ('output_text', 'output_reasoning', 'audio_out', 'image_out')
# which tokens of a prompt come first, where its bands have prices apart
PROMPT_ORDER = ('input_cached', 'input_cache_write_1h',
                'input_cache_write_5m', 'input_uncached', 'audio_in',
                'image_in')
DAYS = ('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun')
DATES = r'(-\d{4}-\d\d-\d\d|[-@]\d{8}|-\d{3}|-latest)$'


class Unknown(Exception):
    """What is used has no known price."""


def find(models, provider, model):
    """A row by name, else by the name without its date or version."""
    rows = {(row['provider'], row['model']): row for row in models}
    return rows.get((provider, model)) or \
        rows.get((provider, re.sub(DATES, '', model)))


def prompt_of(classes):
    return sum(classes.get(name) or 0 for name in PROMPT)


def cost(row, usage, at):
    """@param usage {class: count, 'requests': n, 'tool_calls': {…},
    'service_tier': …, 'regional': …}  @param at datetime in UTC
    @return pico-USD, an int"""
    try:
        return rounded(*total(row, usage, at))
    except Unknown:
        return None


def total(row, usage, at):
    """What tokens cost, as a fraction; the fees. All in pico-USD."""
    if row is None:
        raise Unknown('no row')
    if row.get('free'):
        return D(0), 1, D(0)
    prompt = prompt_of(usage)
    amount, place = D(0), 1
    for name in sorted(RATES, key=list(PROMPT_ORDER + OUTPUT).index):
        count = usage.get(name) or 0
        for start, size in parts_of(row, name, place, count):
            where = prompt if name in OUTPUT else start
            amount += size * rate(row, name, usage, at, where) * 10 ** 6
        place += count if name in PROMPT else 0
    num = den = 1
    for one in row.get('prices') or []:
        if 'multiply' in one and applies(one, usage, at) and \
                least(one) <= prompt:
            parts = one['multiply'].split('/')
            num, den = num * int(parts[0]), den * int(parts[1])
    return amount * num, den, fees(row, usage)


def parts_of(row, name, place, count):
    """(first token's place in the prompt, tokens): cut where a band begins
    that is only for the tokens past it."""
    cuts = sorted({least(one) for one in row.get('prices') or []
                   if one.get('marginal')}) if name in PROMPT else []
    cuts = [cut for cut in cuts if place < cut < place + count]
    for start, end in zip([place] + cuts, cuts + [place + count]):
        if end > start:
            yield start, end - start


def least(one):
    """The fewest prompt tokens that it is for."""
    if 'min_prompt_tokens' not in one:
        return 0
    return one['min_prompt_tokens'] + (not one.get('inclusive'))


def candidates(row, usage, at, token):
    """(from how many tokens on, rates), the best one last."""
    prompt = prompt_of(usage)
    found = [(0, row.get('rates') or {})]
    for one in as_list(row.get('long')):
        start = one['from'] if 'from' in one else one['above'] + 1
        found.append((start, one['rates']))
    for one in row.get('prices') or []:
        if applies(one, usage, at):
            found.append((least(one) if not one.get('marginal') or
                          least(one) <= token else prompt + 1,
                          one.get('rates') or {}))
    found = [one for one in found if one[0] <= prompt]
    return sorted(found, key=lambda one: one[0]) # which keeps their order


def as_list(long):
    return long if isinstance(long, list) else [long] if long else []


def rate(row, name, usage, at, token):
    known = {}
    for _, rates in candidates(row, usage, at, token):
        known.update(rates)
    for column in RATES[name]:
        if column in known:
            return D(known[column])
    raise Unknown('%s has no rate' % name)


def applies(one, usage, at):
    """All but the length of the prompt."""
    tier = one.get('service_tier')
    if tier and (usage.get('service_tier') or 'standard') != tier:
        return False
    if one.get('regional') and not usage.get('regional'):
        return False
    return is_time(one, at)


def is_time(one, at):
    local = at.astimezone(zone_of(one.get('time_zone') or 'UTC'))
    today = local.date().isoformat()
    if not one.get('from', '') <= today < one.get('until', '9999-99'):
        return False
    if not one.get('hours'):
        return is_day(one, local.date())
    minute = local.hour * 60 + local.minute
    for window in one['hours']:
        begin, end = map(minutes, window.split('-'))
        if begin < end:
            if begin <= minute < end and is_day(one, local.date()):
                return True
        elif minute >= begin and is_day(one, local.date()):
            return True
        elif minute < end and \
                is_day(one, local.date() - datetime.timedelta(1)):
            return True # of a window that has begun yesterday
    return False


def minutes(text):
    hour, minute = text.split(':')
    return int(hour) * 60 + int(minute)


def is_day(one, day):
    """Some days are named by the week, some left out by their date."""
    named = [word[:3].lower() for word in one.get('days') or DAYS]
    return DAYS[day.weekday()] in named and \
        day.isoformat() not in (one.get('except') or [])


def zone_of(name):
    if name[0] in '+-':
        offset = minutes(name[1:]) * (-1 if name[0] == '-' else 1)
        return datetime.timezone(datetime.timedelta(minutes=offset))
    return zoneinfo.ZoneInfo(name)


def fees(row, usage):
    told = row.get('fees') or {}
    requests = usage.get('requests', 1)
    each = {'request': told.get('request', row.get('per_request', '0')),
            'web_search': told.get('web_search', row.get('per_search'))}
    each.update({name: told[name] for name in
                 ('web_fetch', 'file_search', 'code_interpreter')
                 if name in told})
    amount = D(each['request']) * requests * PICO
    for tool, count in (usage.get('tool_calls') or {}).items():
        if each.get(tool) is None:
            raise Unknown('%s has no fee' % tool)
        if tool == 'web_search' and told.get('web_search_unit') == 'request':
            count = min(count, requests)
        amount += count * D(each[tool]) * PICO
    return amount


def rounded(over, under, more):
    """Half up, once; fees are whole, and not multiplied."""
    return int((over / under).to_integral_value(
        rounding=decimal.ROUND_HALF_UP) + more)


def moment(text):
    """2026-11-16 or 2026-11-16T02:30:00Z."""
    form = '%Y-%m-%d' if len(text) == 10 else '%Y-%m-%dT%H:%M:%SZ'
    return datetime.datetime.strptime(text, form).replace(
        tzinfo=datetime.timezone.utc)
