#!/usr/bin/env python3
"""faults_mutations.py PROGRAM [SOURCE [BUILD]]: would llmgw-faults notice?

Switches each mechanism off in turn and expects cells that are named here to
fail, of which each is first seen to pass. Some have a setting; others are
taken out of a copy of the SOURCE, built in BUILD. Without SOURCE only the
settings are tried.
"""
import os
import shutil
import subprocess
import sys

# what is off: a setting, the scenarios that must notice, under a policy
SETTINGS = [
    ("retries", "retries=0", "S03 S05", "restart"),
    ("attempts", "max_attempts=1", "S02 S04 S12 S16 X02", "restart"),
    ("waiting for Retry-After", "when_limited='go'", "S01", "restart"),
    ("limit on the first content", "first_ms=0", "S06 S07 X04", "restart"),
    ("limit on gaps", "gap_ms=0", "S09", "restart"),
    ("restart", "on_break='error'", "S08 S09 S10 S14 X03 X06", "restart"),
    ("continue", "on_break='error'", "S08 S09 S10 S14 X03 X06", "continue"),
    ("breaker", "/breaker=false", "S15", "restart"),
    ("breaker, nearly", "/breaker={'failures':12}", "S15", "restart"),
    ("cool-down", "/breaker={'open_ms':60000}", "S15", "restart"),
    ("hedge", "hedge='off'", "X10", "restart"),
    ("content policy", "fallback_content=true", "S13", "restart"),
    ("back-off", "backoff_ms=50000;backoff_max_ms=50000", "S04", "restart"),
]

# a file, a text of it, what stands there instead
SOURCES = [
    ("truncated is whole", "lib/call/attempt_answer.c",
     "        status = attempt->dialect->end(run->decoder, &run->decode);",
     "        return LLMGW_OK;", "S08 X03 X06"),
    ("the provider's own word", "lib/call/retry.c",
     "until += error->retry_after_ms >= 0", "until += false", "S01"),
    ("silence is not asked again", "lib/call/retry.c",
     "if (is_silence(error))", "if (false)", "S06 S07"),
    ("trials", "lib/call/trial.c", "if (call->driver->closing ||",
     "if (true ||", "S15"),
]


def passes(program, scenario, policy, setting=None):
    """Whether all cells of a scenario are as they should be."""
    command = [program, "--scenario", scenario, "--policy", policy,
               "--wire", "openai", "--content", "text"]
    if setting:
        command += ["--set", setting]
    return subprocess.run(command, stdout=subprocess.DEVNULL,
                          timeout=600).returncode == 0


def judge(what, program, scenarios, policy, setting=None):
    """@return how many scenarios did not notice."""
    blind = [one for one in scenarios.split()
             if passes(program, one, policy, setting)]
    seen = len(scenarios.split()) - len(blind)
    print("%s: %s: noticed by %d of %s" %
          ("FAILED" if blind else "ok", what, seen, scenarios), flush=True)
    return len(blind)


def by_settings(program):
    bad = 0
    for what, setting, scenarios, policy in SETTINGS:
        for one in scenarios.split():
            if not passes(program, one, policy):
                print("FAILED: %s under %s does not pass as it is" %
                      (one, policy))
                bad += 1
        bad += judge(what, program, scenarios, policy, setting)
    return bad


def copy(source, build):
    tree = os.path.join(build, "source")
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(source, tree, symlinks=True, ignore=shutil.ignore_patterns(
        "build", ".git", "node_modules"))
    return tree


def make(tree, build):
    binary = os.path.join(build, "binary")
    for command in (["cmake", "-S", tree, "-B", binary,
                     "-DLLMGW_EXAMPLES=OFF"],
                    ["cmake", "--build", binary, "-j", "2", "--target",
                     "llmgw-faults"]):
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return os.path.join(binary, "tests", "llmgw-faults")


def by_sources(source, build):
    bad = 0
    tree = copy(source, build)
    for what, name, text, instead, scenarios in SOURCES:
        path = os.path.join(tree, name)
        with open(path, encoding="utf-8") as file:
            whole = file.read()
        if whole.count(text) != 1:
            print("FAILED: %s: %s is not what it was" % (what, name))
            bad += 1
            continue
        with open(path, "w", encoding="utf-8") as file:
            file.write(whole.replace(text, instead))
        bad += judge(what, make(tree, build), scenarios, "restart")
        with open(path, "w", encoding="utf-8") as file:
            file.write(whole)
    return bad


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    bad = by_settings(sys.argv[1])
    if len(sys.argv) > 2:
        build = sys.argv[3] if len(sys.argv) > 3 else "build/mutations"
        bad += by_sources(sys.argv[2], os.path.abspath(build))
    sys.exit(1 if bad else 0)


main()
