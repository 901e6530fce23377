#!/usr/bin/env python3
"""Check the shared goldens of one folder with llmgw-wire.

golden.py PROGRAM FOLDER KNOWN

KNOWN lists what does not hold yet, "folder/name[case]  reason" a line. What is
listed must fail and what is not must hold: the list only shrinks. Without
LLMGW_SHARED in the environment there is nothing to check: exit 77.
Standard library only.
"""
import glob
import os
import re
import subprocess
import sys


def read_known(path, folder):
    """id -> reason, of one folder."""
    known = {}
    for line in open(path, encoding='utf-8'):
        words = line.split(None, 1)
        if len(words) == 2 and not line.startswith('#'):
            if words[0].startswith(folder + '/'):
                known[words[0]] = words[1].strip()
    return known


def differences(program, folder, files):
    """id -> lines, as the program tells them."""
    done = subprocess.run([program, 'check', '--golden'] + files,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=300)
    lines = done.stdout.decode('utf-8', 'replace').splitlines()
    found = {}
    for line in lines:
        match = re.match(r'.*?([^/]+)\.json(\[[^\]]*\])?: ', line)
        if match:
            name = '%s/%s%s' % (folder, match.group(1), match.group(2) or '')
            found.setdefault(name, []).append(line[match.start(1):])
    if done.returncode != (1 if found else 0):
        sys.exit('exit code %d\n%s' % (done.returncode,
                                       done.stderr.decode()))
    return found


def main(program, folder, known_path):
    shared = os.environ.get('LLMGW_SHARED')
    if not shared:
        print('skipped: LLMGW_SHARED does not say where the goldens are')
        return 77
    files = sorted(glob.glob('%s/wire/golden/%s/*.json' % (shared, folder)))
    if not files:
        sys.exit('no goldens in %s/wire/golden/%s' % (shared, folder))
    known = read_known(known_path, folder)
    found = differences(program, folder, files)
    for name in sorted(set(found) - set(known)):
        print('FAILS %s' % name)
        for line in found[name]:
            print('    ' + line)
    for name in sorted(set(known) - set(found)):
        print('HOLDS, but is listed as failing: %s' % name)
    print('%d goldens, %d listed as failing' % (len(files), len(known)))
    return 1 if set(found) != set(known) else 0


if __name__ == '__main__':
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
