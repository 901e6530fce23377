#!/usr/bin/env python3
"""Measure the library against libcurl alone, in one run.

    tests/bench/run.py [BUILD_DIR] [--reps N] [--only PART...] [--smoke]

Starts the fake provider on the core the clients run on, and prints one line of
JSON a metric: {"metric", "ours", "raw", "ratio"}; medians over the rounds,
ratios taken within a round. README.md beside this says what each means.
--smoke checks, with few chunks, that what arrives is what was sent and that
nothing is allocated for a chunk; it measures nothing and fails loudly.
"""
import argparse
import json
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import urllib.request

WIRES = ("openai", "anthropic", "gemini")
MODELS = {"gemini": "gemini-2.5-flash"}  # of the newest ones all is streamed
SAID = 'Zürich "says" 日本 😀 a\\b </p> {x} end'

# path -> what is answered there; the first that fits wins
SCRIPTS = (
    ("POST /whole/fail", "status=500"),
    ("POST /whole", "chunks=30"),
    ("POST /bulk", "chunks=20000 cut=20000"),
    ("POST /paced", "chunks=3000 delay_us=200"),
    ("POST /many", "chunks=40 delay_us=50000"),
    ("POST /crowd", "chunks=40 delay_us=500000"),
    ("POST /steady", "chunks=4000 cut=20000"),
    ("POST /few", "chunks=200 cut=333"),
    ("POST /said", f"text='{SAID}' cut=7"),
    ("POST /crlf", "chunks=50 crlf comments"),
    ("POST /broken", "chunks=50 end_after=20"),
    ("POST /short", "chunks=5"),
)

# conversations: bytes of their JSON, and how often each is sent
SIZES = (("1kb", 1000, 2000), ("64kb", 64000, 600), ("1mb", 1000000, 100))
KINDS = ("text", "image")
DIALECTS = ("openai", "responses", "anthropic", "gemini")



class Failure(Exception):
    pass


class Fake:
    """The fake provider, in a process of its own on our core."""

    def __init__(self, tests):
        command = [os.path.join(tests, "llmgw-fake")]
        for match, scenario in SCRIPTS:
            command += ["--script", f"{match} :: {scenario}"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        found = re.match(r"listening (http://\S+)", line)
        if not found:
            raise Failure("the fake provider did not start: " + line)
        self.url = found.group(1)

    def connections(self):
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(self.url + "/__stats") as answer:
            return json.load(answer)["connections"]

    def stop(self):
        self.process.stdin.close()
        self.process.wait(timeout=20)


class Bench:
    def __init__(self, build, reps):
        self.tests = os.path.join(build, "tests")
        self.build = build
        self.reps = reps
        self.fake = Fake(self.tests)

    def run(self, program, *arguments, fails=False):
        """One client; its line, with the CPU of the whole process."""
        command = [os.path.join(self.tests, program), *map(str, arguments)]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(command, capture_output=True, text=True,
                              timeout=120, env=dict(os.environ, no_proxy="*"))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if fails:
            return done.returncode == 1 and "no answer" in done.stderr
        if done.returncode:
            raise Failure(" ".join(command) + ": " + done.stderr.strip())
        line = json.loads(done.stdout)
        line["process_us"] = 1e6 * (after.ru_utime + after.ru_stime -
                                    before.ru_utime - before.ru_stime)
        return line

    def ours(self, what, path, count, *options, warm="mock",
             program="llmgw-bench", model="mock"):
        return self.run(program, what, model, count, self.fake.url + path,
                        warm, *options)

    def raw(self, what, path, count, mode="discard", wire="openai", warm="0",
            model="mock"):
        return self.run("llmgw-bench-raw", what, mode, model, count,
                        self.fake.url + path, warm, wire)


def tell(metric, ours, raw=None, ratio=None):
    def short(value):
        return None if value is None else round(value, 4)

    print(json.dumps({"metric": metric, "ours": short(ours), "raw": short(raw),
                      "ratio": short(ratio)}), flush=True)


def compare(bench, metric, ours, raw, value, reps=None):
    """Rounds of both; `value` takes the figure from a client's line."""
    pairs = [(value(ours()), value(raw())) for _ in range(reps or bench.reps)]
    tell(metric, statistics.median(pair[0] for pair in pairs),
         statistics.median(pair[1] for pair in pairs),
         statistics.median(pair[0] / pair[1] for pair in pairs if pair[1]))


def cpu_per(units):
    return lambda line: line["cpu_us"] / units


def measure_whole(bench):
    count = 3000
    for wire in WIRES:
        more = {"warm": "200", "model": MODELS.get(wire, "mock")}
        compare(bench, f"whole_{wire}_cpu_us_per_request",
                lambda: bench.ours("req", "/whole", count, "--wire", wire,
                                   **more),
                lambda: bench.raw("req", "/whole", count, wire=wire, **more),
                cpu_per(count))
    compare(bench, "start_cpu_us_per_process",
            lambda: bench.ours("req", "/whole", 1, warm="0"),
            lambda: bench.raw("req", "/whole", 1),
            lambda line: line["process_us"], reps=max(bench.reps, 9))
    before = bench.fake.connections()
    bench.ours("req", "/whole", 1000, "--fail-first", warm="0")
    tell("connections_1000_requests_first_target_failing",
         bench.fake.connections() - before - 1)


def measure_bulk(bench):
    for wire in WIRES:
        def ours(*options, wire=wire):
            return bench.ours("stream", "/bulk", 1, "--wire", wire, *options)

        compare(bench, f"bulk_{wire}_cpu_us_per_chunk", ours,
                lambda: bench.raw("stream", "/bulk", 1, wire=wire),
                cpu_per(20000))
        compare(bench, f"bulk_{wire}_to_cjson", ours,
                lambda: bench.raw("stream", "/bulk", 1, "cjson", wire),
                cpu_per(20000))
        compare(bench, f"bulk_{wire}_json_chunks_to_cjson",
                lambda: ours("--json-chunks"),
                lambda: bench.raw("stream", "/bulk", 1, "cjson", wire),
                cpu_per(20000))


def measure_paced(bench):
    compare(bench, "paced_cpu_us_per_chunk",
            lambda: bench.ours("stream", "/paced", 1),
            lambda: bench.raw("stream", "/paced", 1), cpu_per(3000))


def measure_many(bench):
    count = 1000
    lines = [(bench.ours("conc", "/many", count),
              bench.raw("conc", "/many", count)) for _ in range(3)]
    for metric, value in (
            ("streams_1000_cpu_us_per_chunk",
             lambda line: line["cpu_us"] / count / 40),
            ("streams_1000_kib_per_stream",
             lambda line: (line["maxrss_kb"] - line["idle_kb"]) / count)):
        figures = [(value(ours), value(raw)) for ours, raw in lines]
        tell(metric, *(statistics.median(f[i] for f in figures)
                       for i in (0, 1)),
             statistics.median(f[0] / f[1] for f in figures))


def measure_crowd(bench):
    """Ten times as many, and what that does to the cost of each: at the pace
    of the thousand, which is more than the core can take, and at a tenth."""
    for name, path in (("", "/many"), ("_slow", "/crowd")):
        for kind, client in (("", bench.ours), ("raw_", bench.raw)):
            costs = [client("conc", path, count)["cpu_us"] / count / 40
                     for count in (10000, 1000)]
            tell(f"{kind}streams_10000{name}_cpu_us_per_chunk_to_1000",
                 *costs, costs[0] / costs[1])


def measure_memory(bench):
    line = bench.ours("req", "/whole", 5000, warm="1000")
    tell("requests_5000_peak_mib", line["maxrss_kb"] / 1024)
    tell("requests_1000_to_5000_growth_kib",
         line["maxrss_kb"] - line["idle_peak_kb"])


def measure_encoding(bench):
    """Memory first: to encode a body beside copying its bytes."""
    for kind in KINDS:
        for size, count, rounds in SIZES:
            for wire in DIALECTS:
                lines = [bench.run("llmgw-bench-encode", "memory", wire, kind,
                                   count, rounds) for _ in range(bench.reps)]
                tell(f"encode_{wire}_{kind}_{size}_us",
                     *(statistics.median(line[name] for line in lines) / 1e3
                       for name in ("encode_ns", "copy_ns")),
                     statistics.median(line["encode_ns"] / line["copy_ns"]
                                       for line in lines))


def measure_sending(bench):
    for kind in KINDS:
        for size, count, rounds in SIZES:
            for wire in WIRES:
                def client(mode, what=(wire, kind, count, rounds)):
                    return bench.run("llmgw-bench-encode", mode, *what,
                                     bench.fake.url + "/short")

                compare(bench, f"send_{wire}_{kind}_{size}_cpu_us_per_request",
                        lambda: client("ours"), lambda: client("raw"),
                        cpu_per(rounds))


def measure_rest(bench):
    for wire in WIRES:
        line = bench.ours("stream", "/steady", 1, "--wire", wire, "--late",
                          2000, program="llmgw-bench-count")
        tell(f"allocations_per_chunk_{wire}", line["late_allocations"] / 2000)
    library = os.path.join(bench.build, "libllmgw.so")
    if os.path.exists(library) and shutil.which("strip"):
        with tempfile.NamedTemporaryFile() as copy:
            subprocess.run(["strip", "-o", copy.name, library], check=True)
            tell("library_stripped_kb", os.path.getsize(copy.name) / 1e3)


def check(what, got, wanted):
    if got != wanted:
        raise Failure(f"{what}: {got}, wanted {wanted}")


def smoke_wire(bench, wire):
    options = ("--wire", wire)
    line = bench.ours("stream", "/said", 2, *options)
    check(wire + " bytes of a told text", line["text"],
          2 * len(SAID.encode()))
    for path in ("/few", "/crlf"):
        sent = bench.raw("stream", path, 1, "cjson", wire)
        for more in ((), ("--json-chunks",)):
            line = bench.ours("stream", path, 1, *options, *more)
            check(wire + path + " bytes of text", line["text"], sent["text"])
            check(wire + path + " chunks", line["events"], sent["events"])
    line = bench.ours("conc", "/few", 5, *options)
    sent = bench.raw("conc", "/few", 5, "cjson", wire)
    check(wire + " bytes of five streams", line["text"], sent["text"])
    line = bench.ours("req", "/whole", 3, *options, warm="2")
    sent = bench.raw("req", "/whole", 3, "cjson", wire)
    check(wire + " bytes of whole answers", line["text"], sent["text"])
    check(wire + " stream without its end is an error",
          bench.run("llmgw-bench", "stream", "mock", 1,
                    bench.fake.url + "/broken", "0", *options, fails=True),
          True)
    # what is kept of the answer doubles once from the 2000th to the 4000th
    # chunk, in at most two places; a chunk as such allocates nothing
    line = bench.ours("stream", "/steady", 1, *options, "--late", 2000,
                      program="llmgw-bench-count")
    check(wire + " chunks", line["events"], 4000)
    if line["late_allocations"] > 3:
        raise Failure(f"{wire}: {line['late_allocations']} allocations for "
                      "2000 chunks")


def smoke_encoding(bench):
    for kind in KINDS:
        for wire in DIALECTS:
            line = bench.run("llmgw-bench-encode", "memory", wire, kind, 64000,
                             1)
            if abs(line["body"] - line["request"]) > line["request"] / 50:
                raise Failure(f"{wire} {kind}: {line['body']} bytes of "
                              f"{line['request']}")
        for wire in WIRES:
            for mode in ("ours", "raw"):
                line = bench.run("llmgw-bench-encode", mode, wire, kind, 64000,
                                 2, bench.fake.url + "/short")
                check(f"{wire} {kind} {mode} answers", line["events"], 2)


def smoke(bench):
    for wire in WIRES:
        smoke_wire(bench, wire)
    smoke_encoding(bench)
    line = bench.ours("req", "/whole", 5, "--fail-first", warm="0")
    check("answers after a failed target", line["events"], 5)
    print("smoke: all as it should be")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", nargs="?", default="build")
    parser.add_argument("--reps", type=int, default=5)
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--only", nargs="*", default=[],
                        metavar="whole|bulk|paced|many|crowd|memory|encoding|"
                                "sending|rest")
    options = parser.parse_args()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    bench = Bench(os.path.abspath(options.build), options.reps)
    try:
        if options.smoke:
            smoke(bench)
        else:
            for part in (measure_whole, measure_bulk, measure_paced,
                         measure_many, measure_crowd, measure_memory,
                         measure_encoding, measure_sending,
                         measure_rest):
                if not options.only or part.__name__[8:] in options.only:
                    part(bench)
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 1
    finally:
        bench.fake.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
