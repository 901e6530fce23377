#!/usr/bin/env python3
"""Who may include what: floors, third parties, public headers; and where a
provider may be named. The tables are the rules."""
import os
import re
import sys

import csource

# A file includes headers of its own room and of lower floors.
FLOORS = {
    'base': 0, 'schema': 1, 'catalog': 2,
    'route': 3, 'provider': 3, 'wire': 3, 'stream': 3, 'account': 3,
    'call': 4, 'api': 5,
}

# Who may include a third party's headers.
THIRD_PARTIES = {
    'curl': r'lib/wire/http[a-z_]*\.c',
    'mbedtls': r'lib/base/(crypto|sign)\.c',
    'cjson': r'lib/(base/json[a-z]*\.[ch]|schema/.*|catalog/manifest.*'
             r'|provider/.*)',
    'sanitizer': r'lib/base/arena\.c',
    'sqlite3.h': r'lib/account/sqlite_api\.h',
    'libpq-fe.h': r'lib/account/postgres_api\.h',
}

# What else a file of the library may include: C11, POSIX, Windows, SIMD.
SYSTEM = re.compile(
    r'(assert|ctype|errno|float|inttypes|limits|math|std[a-z]+|string|time)\.h'
    r'|(fcntl|poll|pthread|signal|unistd|netdb|strings|sched|dlfcn)\.h'
    r'|(sys|netinet|arpa)/[a-z]+\.h'
    r'|(windows|winsock2|ws2tcpip|bcrypt|process)\.h'
    r'|(emmintrin|arm_neon)\.h')

PUBLIC = re.compile(r'std(def|int)\.h|llmgw/.*\.h')

# Elsewhere than in provider/ and in data no code says these.
PROVIDERS = re.compile(
    r'anthropic|openai|gemini|bedrock|cohere|ollama|mistral|deepseek|dashscope'
    r'|openrouter|tokenmix|groq|fireworks|llamacpp', re.I)

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


def main():
    problems = []
    graph = {}
    for path in csource.files('lib'):
        text = csource.without_comments(csource.read(path))
        for quote, name in INCLUDE.findall(text):
            if quote == '<':
                problems += check_system(path, name)
            else:
                problems += check_own(path, name, graph)
        if not path.startswith('lib/provider/') and not csource.DATA.match(path):
            problems += check_names(path, text)
    for path in csource.files('include'):
        text = csource.without_comments(csource.read(path))
        problems += [f'{path}: a public header includes {name}'
                     for _, name in INCLUDE.findall(text)
                     if not PUBLIC.fullmatch(name)]
        problems += check_names(path, text)
    for path in csource.files('examples'):
        problems += [f'{path}: an example includes {name}'
                     for quote, name in INCLUDE.findall(csource.read(path))
                     if quote == '"']
    problems += find_cycles(graph)
    return csource.report('includes', problems,
                          f', {len(graph)} modules in {len(FLOORS)} rooms')


def check_system(path, name):
    party = name.split('/')[0]
    if party in THIRD_PARTIES:
        if not re.fullmatch(THIRD_PARTIES[party], path):
            return [f'{path}: {name} is not for this file']
    elif party != 'llmgw' and not SYSTEM.fullmatch(name):
        return [f'{path}: {name} is in no table of allowed headers']
    return []


def check_own(path, name, graph):
    """One #include "name"; also notes the edge between the two modules."""
    room = path.split('/')[1]
    target = f'lib/{name}' if '/' in name else f'lib/{room}/{name}'
    if not os.path.exists(os.path.join(csource.ROOT, target)):
        return [f'{path}: {name} is not written as "room/file.h" or "file.h"']
    module, other = os.path.splitext(path)[0], os.path.splitext(target)[0]
    graph.setdefault(module, set())
    if module != other:
        graph[module].add(other)
    theirs = target.split('/')[1]
    if room not in FLOORS or theirs not in FLOORS:
        return [f'{path}: {room} or {theirs} has no floor']
    if room != theirs and FLOORS[theirs] >= FLOORS[room]:
        way = 'sideways' if FLOORS[theirs] == FLOORS[room] else 'up'
        return [f'{path}: includes {name}, {way} (floor {FLOORS[room]} -> '
                f'{FLOORS[theirs]})']
    return []


def check_names(path, text):
    return [f'{path}:{number}: names a provider: {line.strip()[:60]}'
            for number, line in enumerate(text.split('\n'), 1)
            if PROVIDERS.search(line)]


def find_cycles(graph):
    """Modules (a .c/.h pair each) that include each other."""
    problems, done = [], set()

    def visit(module, way):
        if module in way:
            cycle = way[way.index(module):] + [module]
            problems.append('cycle: ' + ' -> '.join(cycle))
        elif module not in done:
            for other in sorted(graph.get(module, ())):
                visit(other, way + [module])
            done.add(module)
    for module in sorted(graph):
        visit(module, [])
    return problems


if __name__ == '__main__':
    sys.exit(main())
