#!/usr/bin/env python3
"""Bars on functions, files and lines, and calls that are banned. A function is
found by its braces: no C parser is needed for code formatted as ours."""
import re
import statistics
import sys

import csource

MEDIAN, P95, LONGEST = 15, 50, 80  # lines of a function of the library
NESTING, PARAMETERS, COLUMNS = 4, 6, 80
FILE_LINES = (  # the first that fits
    (r'include/.*\.h', 350), (r'lib/.*\.h', 150),
    (r'examples/quickstart\.c', 300),  # a program, not a lesson
    (r'examples/.*\.c', 100), (r'lib/.*\.c', 600), (r'tests/.*', 800),
)
COMMENT_SHARE = 60  # per cent of the lines of the public headers

BANNED = (
    # (which files, what they may not call)
    (r'.*', 'strcpy strcat sprintf vsprintf strtok gets atoi atol sscanf '
            'alloca rand srand gmtime localtime'),
    (r'lib/.*', 'printf fprintf vprintf vfprintf puts fputs putchar perror '
                'abort exit _exit quick_exit atexit signal sigaction raise '
                'setlocale cJSON_InitHooks curl_global_init_mem '
                'cJSON_GetErrorPtr cJSON_GetObjectItem system popen'),
    (r'lib/(?!base/alloc\.c$).*', 'malloc calloc realloc free strdup strndup '
                                  'aligned_alloc asprintf'),
)
PROMISES = re.compile(r'\b(TODO|FIXME|XXX|HACK)\b|\bfor now\b')

TOKEN = re.compile(r'[A-Za-z_]\w*|"|\d[\w.]*|[^\s\w]')
BLOCK_HEADS = {'if', 'for', 'while', 'switch'}
DIRECTIVE = re.compile(r'^[ \t]*#(?:[^\n]*\\\n)*[^\n]*', re.M)


def main():
    problems, lengths = [], []
    for path in csource.files('include', 'lib', 'tests', 'examples'):
        text = csource.read(path)
        if csource.DATA.match(path):
            continue
        code = csource.without_comments(text, strings=False)
        problems += check_file(path, text) + check_calls(path, code)
        for function in functions(code, path.startswith('tests/')):
            problems += check_function(path, *function)
            if path.startswith('lib/'):
                lengths.append(function[2])
    figures = ''
    if lengths:
        lengths.sort()
        median = statistics.median(lengths)
        p95 = lengths[int((len(lengths) - 1) * 0.95)]
        figures = (f', {len(lengths)} functions: median {median:g}, p95 {p95}, '
                   f'longest {lengths[-1]}')
        if median > MEDIAN or p95 > P95:
            problems.append(f'library functions: median {median:g} (bar '
                            f'{MEDIAN}), p95 {p95} (bar {P95})')
    share = comment_share()
    if share < COMMENT_SHARE:
        problems.append(f'public headers: {share} % comments')
    return csource.report('functions', problems, figures)


def check_file(path, text):
    problems = []
    lines = text.split('\n')
    limit = next(limit for pattern, limit in FILE_LINES
                 if re.fullmatch(pattern, path))
    drawn = False  # a table, wide on purpose
    if len(lines) - 1 > limit:
        problems.append(f'{path}: {len(lines) - 1} lines (bar {limit})')
    for number, line in enumerate(lines, 1):
        drawn = 'clang-format off' in line or \
            drawn and 'clang-format on' not in line
        # data in tests stays in one piece, however long
        data = path.startswith('tests/') and '"' in line
        if len(line) > COLUMNS and not drawn and not data:
            problems.append(f'{path}:{number}: {len(line)} columns')
        if '\t' in line or line != line.rstrip():
            problems.append(f'{path}:{number}: tab or space at the end')
        if PROMISES.search(line):
            problems.append(f'{path}:{number}: a promise: {line.strip()}')
    return problems


def check_calls(path, code):
    problems = []
    for pattern, names in BANNED:
        if not re.fullmatch(pattern, path):
            continue
        call = re.compile(r'(?<![\w.>])(' + '|'.join(names.split()) +
                          r')\s*\(')
        for match in call.finditer(code):
            line = code.count('\n', 0, match.start()) + 1
            problems.append(f'{path}:{line}: calls {match.group(1)}()')
    return problems


def check_function(path, name, line, length, nesting, parameters):
    where = f'{path}:{line}: {name}()'
    bars = ((length, LONGEST, 'lines'), (nesting, NESTING, 'levels deep'),
            (parameters, PARAMETERS, 'parameters'))
    return [f'{where}: {value} {what} (bar {bar})'
            for value, bar, what in bars if value > bar]


def functions(code, without_tables=False):
    """Name, line, length, nesting and parameters of each function; the length
    of a test is that without the tables in it."""
    code = DIRECTIVE.sub(lambda m: '\n' * m.group(0).count('\n'), code)
    tokens = [(m.group(0), code.count('\n', 0, m.start()) + 1)
              for m in TOKEN.finditer(code)]
    found, i, match = [], 0, brackets(tokens)
    while i < len(tokens):
        token, end = tokens[i][0], match.get(i)
        if token == '{' and i > 0 and tokens[i - 1][0] == ')':
            opening = match[i - 1]
            name, line = tokens[opening - 1]
            levels, tables = look_inside(tokens, match, i, end)
            length = tokens[end][1] - line + 1
            found.append((name, line, length - without_tables * tables, levels,
                          parameter_count(tokens, match, opening)))
            i = end
        elif token in '([' or token == '{' and tokens[i - 1][0] != '"':
            i = end  # a declarator, an initializer, a struct; not extern "C"
        i += 1
    return found


def brackets(tokens):
    """Index of each bracket's partner."""
    match, stack = {}, []
    for i, (token, _) in enumerate(tokens):
        if token in '([{':
            stack.append(i)
        elif token in ')]}' and stack:
            match[i] = stack.pop()
            match[match[i]] = i
    for i in stack:
        match[i] = len(tokens) - 1
    return match


def look_inside(tokens, match, start, end):
    """Levels of blocks from tokens[start] = '{', which is the first; lines of
    initializers."""
    depth, levels, tables, i = 0, 0, 0, start
    while i < end:
        token = tokens[i][0]
        if token == '{' and i > start and not is_block(tokens, match, i):
            tables += tokens[match[i]][1] - tokens[i][1]
            i = match[i]
        elif token == '{':
            depth += 1
            levels = max(levels, depth)
        elif token == '}':
            depth -= 1
        i += 1
    return levels, tables


def is_block(tokens, match, i):
    """Not an initializer, a compound literal or a struct."""
    before = tokens[i - 1][0]
    if before == ')':
        return tokens[match[i - 1] - 1][0] in BLOCK_HEADS
    return before in {'else', 'do', ';', '{', '}', ':'}


def parameter_count(tokens, match, opening):
    i, end, commas = opening + 1, match[opening], 0
    if [token for token, _ in tokens[i:end]] in ([], ['void']):
        return 0
    while i < end:
        if tokens[i][0] in '([{':
            i = match[i]
        commas += tokens[i][0] == ','
        i += 1
    return commas + 1


def comment_share():
    """Per cent of comments among the lines of the public headers; a line with
    code and a comment counts as both."""
    comments = code = 0
    for path in csource.files('include'):
        inside = False
        for line in filter(str.strip, csource.read(path).split('\n')):
            line = line.strip()
            code += not (inside or line.startswith('/*'))
            comments += inside or '/*' in line
            if '/*' in line or inside:
                inside = '*/' not in line[line.rfind('/*') + 1:]
    return round(100 * comments / max(1, code + comments))


if __name__ == '__main__':
    sys.exit(main())
