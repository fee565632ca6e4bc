#!/usr/bin/env python3
"""Measures Folio beside libtorch and prints a table.

Both run in turn, several rounds; of each the best round counts, and of each round the 10th percentile of the
step times: the speed when nothing else disturbs. libtorch gets its best setting: every layout and instruction
set is tried in the first round, and the later rounds repeat those that came near the fastest.

    cmake -S . -B build-bench -G Ninja -DFOLIO_BENCHMARKS=ON -DFOLIO_PEERS=ON -DFOLIO_TESTS=OFF
    ninja -C build-bench
    python3 benchmarks/compare.py --build build-bench
"""
import argparse
import json
import os
import subprocess
import sys

# A setting of libtorch this close to the fastest may yet turn out faster.
NEAR = 0.8
# Where rounds differ by more percent than this, something else was running.
CALM = 20
# Pictures: the only workloads to which the layout makes a difference.
PICTURES = {"W2", "W3"}
PEER_ADVICE = ("libtorch was not measured: {} is missing. Configure with -DFOLIO_PEERS=ON "
               "(on Debian it needs the packages libtorch-dev and libopenblas-openmp-dev).")


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build-bench", help="build directory (build-bench)")
    parser.add_argument("--workloads", default="W1,W2,W3,W12",
                        help="by comma; NAME:BATCH takes another batch (W1,W2,W3,W12; also tiny, cell, "
                             "lstm32, lstm400)")
    parser.add_argument("--modes", default="train,infer", help="train, infer or both by comma")
    parser.add_argument("--threads", default="1,2", help="numbers of threads, by comma (1,2)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds (3)")
    parser.add_argument("--seconds", type=float, default=3, help="seconds of each measurement (3)")
    parser.add_argument("--json", metavar="FILE", help="also write every measurement to FILE")
    arguments = parser.parse_args()
    if arguments.rounds < 1:
        parser.error("--rounds: expected at least 1")
    return arguments


class Program:
    """A benchmark program that prints lines of JSON."""

    def __init__(self, path):
        self.path = path

    def exists(self):
        return os.access(self.path, os.X_OK)

    def run(self, words, environment=None):
        done = subprocess.run([self.path] + words, env={**os.environ, **(environment or {})}, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        if done.returncode != 0:
            sys.exit(f"compare.py: {' '.join([self.path] + words)} failed:\n{done.stderr.strip()}")
        return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def processor():
    """Name of the processor and the instruction sets it knows."""
    name, flags = "unknown processor", set()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            for line in lines:
                key, _, value = line.partition(":")
                if key.strip() == "model name":
                    name = value.strip()
                if key.strip() == "flags":
                    flags = set(value.split())
    except OSError:
        pass
    return name, flags


def peer_variants(workload, flags):
    """Every setting of libtorch that might be its fastest: name, words of the command line, environment."""
    layouts = ["nchw", "channels-last"] if workload in PICTURES else ["nchw"]
    capabilities = ["avx2", "avx512"] if "avx512f" in flags else [None]
    return [(f"{capability or 'default'} {layout}", ["--layout", layout],
             {"ATEN_CPU_CAPABILITY": capability} if capability else {})
            for layout in layouts for capability in capabilities]


class Case:
    """One row of the table: a workload, training or inference, a number of threads."""

    def __init__(self, workload, mode, threads, seconds):
        self.workload, _, batch = workload.partition(":")
        self.name, self.mode, self.threads = workload, mode, threads
        self.words = [self.workload, mode, "--threads", str(threads), "--seconds", str(seconds)]
        if batch:
            self.words += ["--batch", batch]
        self.folio, self.peer = [], []

    def run_peer(self, program, flags):
        fastest = max((result["samples_per_second"] for result in self.peer), default=0)
        for variant in peer_variants(self.workload, flags):
            earlier = [r["samples_per_second"] for r in self.peer if r["variant"] == variant[0]]
            if earlier and max(earlier) < NEAR * fastest:
                continue
            name, words, environment = variant
            result = program.run(self.words + words, environment)[0]
            self.peer.append({**result, "variant": name})

    def run_folio(self, program):
        self.folio.append(program.run(self.words)[0])


def best(results):
    return max(results, key=lambda result: result["samples_per_second"])


def spread(results):
    """By how many percent the rounds of the fastest setting differ."""
    setting = best(results).get("variant")
    speeds = [result["samples_per_second"] for result in results if result.get("variant") == setting]
    return 100 * (max(speeds) / min(speeds) - 1)


def table(cases, peaks):
    heads = ["workload", "mode", "threads", "Folio samples/s", "libtorch samples/s", "ratio",
             "Folio % of peak", "libtorch % of peak", "Folio MB", "libtorch MB", "MB ratio",
             "rounds differ by %, Folio / libtorch", "libtorch's best"]
    lines = ["| " + " | ".join(heads) + " |", "|---|---|" + "--:|" * (len(heads) - 3) + "---|"]
    for case in cases:
        folio, peak = best(case.folio), peaks[case.threads]["peak_gflops"]
        cells = [case.name, case.mode, str(case.threads), f"{folio['samples_per_second']:.0f}"]
        share = f"{100 * folio['gflops'] / peak:.0f}"
        if case.peer:
            peer = best(case.peer)
            cells += [f"{peer['samples_per_second']:.0f}",
                      f"**{folio['samples_per_second'] / peer['samples_per_second']:.2f}**", share,
                      f"{100 * peer['gflops'] / peak:.0f}", f"{folio['peak_mb']:.0f}",
                      f"{peer['peak_mb']:.0f}",
                      f"{folio['peak_mb'] / peer['peak_mb']:.2f}",
                      f"{spread(case.folio):.0f} / {spread(case.peer):.0f}",
                      peer["variant"]]
        else:
            cells += ["-", "-", share, "-", f"{folio['peak_mb']:.0f}", "-", "-",
                      f"{spread(case.folio):.0f} / -", "-"]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def measure_peaks(program, threads, peaks):
    """Raises what is known of the machine, by number of threads, to the best of a few measurements."""
    for _ in range(3):
        for line in program.run(["--threads", str(max(threads)), "--seconds", "0.4"]):
            known = peaks.setdefault(line["threads"], line)
            for key, value in line.items():
                if isinstance(value, float) and value > known[key]:
                    known[key] = value


def show_progress(text):
    """One line that keeps changing; nothing where it would end up in a file."""
    if sys.stderr.isatty():
        print(f"\r{text:70}\r", end="", file=sys.stderr, flush=True)


def in_words(threads):
    return f"{threads} thread" + ("s" if threads > 1 else "")


def main():
    arguments = read_arguments()
    folder = os.path.join(arguments.build, "benchmarks")
    folio = Program(os.path.join(folder, "folio_benchmark"))
    peak = Program(os.path.join(folder, "folio_peak"))
    peer = Program(os.path.join(folder, "peers", "torch_benchmark"))
    for program in (folio, peak):
        if not program.exists():
            sys.exit(f"compare.py: {program.path} is missing; build it:\n"
                     f"  cmake -S . -B {arguments.build} -G Ninja -DFOLIO_BENCHMARKS=ON -DFOLIO_TESTS=OFF\n"
                     f"  ninja -C {arguments.build}")
    name, flags = processor()
    threads = [int(word) for word in arguments.threads.split(",")]
    load = os.getloadavg()[0]
    print(f"{name}, {os.cpu_count()} processors, load {load:.1f} before the start")
    if load > 0.5:
        print("Caution: other programs are running; threads that wait for each other suffer most from that.")
    peaks = {}
    measure_peaks(peak, threads, peaks)

    cases = [Case(workload, mode, count, arguments.seconds) for workload in arguments.workloads.split(",")
             for mode in arguments.modes.split(",") for count in threads]
    for number in range(1, arguments.rounds + 1):
        for case in cases:
            show_progress(f"round {number} of {arguments.rounds}: {case.name} {case.mode}, "
                          f"{in_words(case.threads)}")
            if peer.exists():
                case.run_peer(peer, flags)
            case.run_folio(folio)
    show_progress("")
    measure_peaks(peak, threads, peaks)  # again, in case the first time was disturbed

    print()
    for count in threads:
        line = peaks[count]
        print(f"- {in_words(count)}: {line['peak_gflops']:.0f} GFLOP/s ({line['vectors']}), "
              f"cache {line['cache_gigabytes_per_second']:.0f} GB/s, "
              f"memory {line['memory_gigabytes_per_second']:.0f} GB/s")
    print()
    print(table(cases, peaks))
    print(f"\nBest of {arguments.rounds} round(s) of {arguments.seconds:g} s at the 10th percentile of step "
          "time; operations of matrix products and convolutions against the measured peak.")
    disturbed = [case for case in cases
                 if spread(case.folio) > CALM or (case.peer and spread(case.peer) > CALM)]
    if disturbed:
        print(f"Rounds of {len(disturbed)} of {len(cases)} rows differ by more than {CALM} %: "
              "measure those again on a quiet machine.")
    if not peer.exists():
        print(PEER_ADVICE.format(peer.path))
    else:
        peers = [result for case in cases for result in case.peer]
        print(f"{peers[0]['program']} with {peers[0]['blas']}.")
        if any(result["blas_threads"] != "OpenMP" for result in peers):
            print("Caution: that BLAS is not the OpenMP variant; its threads fight with libtorch's, "
                  "and the ratios flatter Folio.")
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump({"processor": name, "peaks": [peaks[count] for count in threads],
                       "results": [result for case in cases for result in case.folio + case.peer]},
                      file, indent=1)
            file.write("\n")


if __name__ == "__main__":
    main()
