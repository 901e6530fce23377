"""Finds and reads the project's C files, for the checks beside this file."""
import os
import re

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))

# generated tables: data, not code to be read
DATA = re.compile(r'^lib/(catalog/(models|formats)[^/]*\.(c|inc)'
                  r'|provider/[a-z_]*rules[a-z_]*data\.(c|inc))$')

LEXEME = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"'
                    r"|'(?:\\.|[^'\\\n])*'", re.S)


def files(*folders, ends=('.c', '.h')):
    """Paths below the folders, relative to the root, sorted."""
    found = []
    for folder in folders:
        for where, _, names in os.walk(os.path.join(ROOT, folder)):
            found += [os.path.relpath(os.path.join(where, name), ROOT)
                      for name in names if name.endswith(ends)]
    return sorted(path.replace(os.sep, '/') for path in found)


def read(path):
    with open(os.path.join(ROOT, path), encoding='utf-8') as file:
        return file.read()


def without_comments(text, strings=True):
    """The code alone; lines stay where they were. Without strings: those are
    emptied too."""
    def blank(match):
        lexeme = match.group(0)
        if lexeme.startswith('/'):
            return ' ' + '\n' * lexeme.count('\n')
        return lexeme if strings else lexeme[0] * 2
    return LEXEME.sub(blank, text)


def report(name, problems, figures=''):
    """Says what was found; answers the exit code."""
    for problem in problems:
        print(problem)
    print(f'{name}: {len(problems)} problems{figures}')
    return 1 if problems else 0
