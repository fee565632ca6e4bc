#!/usr/bin/env python3
"""Measures Folio beside its peers and prints a table.

All run in turn, several rounds; of each the best round counts, and of each round the 10th percentile of the
step times: the speed when nothing else disturbs. Each peer gets its best setting: every layout and instruction
set is tried in the first round, and the later rounds repeat those that came near the fastest. The peers are
libtorch where it was built, and with --peers torch,jax PyTorch and JAX from the virtual environment
BUILD/peers-venv (`make bench PEERS=torch,jax` makes it). The mode "fit" measures Model::fit, beside the peers'
training steps.

    cmake -S . -B build-bench -G Ninja -DFOLIO_BENCHMARKS=ON -DFOLIO_PEERS=ON -DFOLIO_TESTS=OFF
    ninja -C build-bench
    python3 benchmarks/compare.py --build build-bench
"""
import argparse
import json
import os
import subprocess
import sys

# A setting of a peer this close to the fastest may yet turn out faster.
NEAR = 0.8
# Where rounds differ by more percent than this, something else was running.
CALM = 20
# Pictures: the only workloads to which the layout makes a difference.
PICTURES = {"W2", "W3"}
# What the peers from PyPI have, and models that can be fitted.
EVERYWHERE = {"W1", "W2", "W3", "W12"}
PEER_ADVICE = ("libtorch was not measured: {} is missing. Configure with -DFOLIO_PEERS=ON "
               "(on Debian it needs the packages libtorch-dev and libopenblas-openmp-dev).")


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build-bench", help="build directory (build-bench)")
    parser.add_argument("--workloads", default="W1,W2,W3,W12",
                        help="by comma; NAME:BATCH takes another batch (W1,W2,W3,W12; also tiny, cell, "
                             "lstm32, lstm400, which only libtorch has too)")
    parser.add_argument("--modes", default="train,fit,infer", help="by comma (train,fit,infer)")
    parser.add_argument("--peers", default="", help="beside libtorch: torch, jax or both by comma")
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

    def __init__(self, path, interpreter=None):
        self.path, self.interpreter = path, interpreter
        self.command = [interpreter, path] if interpreter else [path]

    def exists(self):
        return os.access(self.command[0], os.X_OK)

    def run(self, words, environment=None):
        done = subprocess.run(self.command + words, env={**os.environ, **(environment or {})}, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        if done.returncode != 0:
            sys.exit(f"compare.py: {' '.join(self.command + words)} failed:\n{done.stderr.strip()}")
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


def peer_variants(peer, workload, flags):
    """Every setting of a peer that might be its fastest: name, words of the command line, environment."""
    if peer == "JAX":
        return [("compiled", [], {})]
    layouts = ["nchw", "channels-last"] if workload in PICTURES else ["nchw"]
    # PyTorch of today takes the widest vectors by itself.
    capabilities = ["avx2", "avx512"] if peer == "libtorch" and "avx512f" in flags else [None]
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
        self.folio, self.peers = [], {}

    def run_peer(self, peer, program, flags):
        """Nothing for "fit": its peers are the training steps of the same round."""
        if self.mode == "fit" or (program.interpreter and self.workload not in EVERYWHERE):
            return
        results = self.peers.setdefault(peer, [])
        fastest = max((result["samples_per_second"] for result in results), default=0)
        for name, words, environment in peer_variants(peer, self.workload, flags):
            earlier = [r["samples_per_second"] for r in results if r["variant"] == name]
            if earlier and max(earlier) < NEAR * fastest:
                continue
            result = program.run(self.words + words, environment)[0]
            results.append({**result, "variant": name})

    def run_folio(self, program):
        self.folio.append(program.run(self.words)[0])


def best(results):
    return max(results, key=lambda result: result["samples_per_second"])


def spread(results):
    """By how many percent the rounds of the fastest setting differ."""
    setting = best(results).get("variant")
    speeds = [result["samples_per_second"] for result in results if result.get("variant") == setting]
    return 100 * (max(speeds) / min(speeds) - 1)


def table(cases, peaks, peers):
    heads = ["workload", "mode", "threads", "Folio samples/s", "% of peak", "MB", "rounds differ by %"]
    for peer in peers:
        heads += [f"{peer} samples/s", "% of peak", "MB", "rounds differ by %", "its best setting"]
    heads.append("ratio to the best peer")
    lines = ["| " + " | ".join(heads) + " |", "|---|---|" + "--:|" * (len(heads) - 2)]
    trained = {(case.name, case.threads): case.peers for case in cases if case.mode == "train"}
    for case in cases:
        peak = peaks[case.threads]["peak_gflops"]

        def group(results, peak=peak):
            fastest = best(results)
            return [f"{fastest['samples_per_second']:.0f}", f"{100 * fastest['gflops'] / peak:.0f}",
                    f"{fastest['peak_mb']:.0f}", f"{spread(results):.0f}"]

        cells = [case.name, case.mode, str(case.threads)] + group(case.folio)
        beside = case.peers or trained.get((case.name, case.threads), {})
        for peer in peers:
            results = beside.get(peer)
            cells += group(results) + [best(results)["variant"]] if results else ["-"] * 5
        if beside:
            fastest = max(best(results)["samples_per_second"] for results in beside.values())
            cells.append(f"**{best(case.folio)['samples_per_second'] / fastest:.2f}**")
        else:
            cells.append("-")
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def find_peers(arguments):
    """Programs of the peers that are there, by name."""
    folder = os.path.join(arguments.build, "benchmarks", "peers")
    python = os.path.join(arguments.build, "peers-venv", "bin", "python")
    scripts = os.path.join(os.path.dirname(os.path.abspath(__file__)), "peers")
    peers = {"libtorch": Program(os.path.join(folder, "torch_benchmark"))}
    if not peers["libtorch"].exists():
        del peers["libtorch"]
    for word in filter(None, arguments.peers.split(",")):
        if word not in ("torch", "jax"):
            sys.exit(f"compare.py: --peers: expected torch or jax, got \"{word}\"")
        program = Program(os.path.join(scripts, f"{word}_benchmark.py"), python)
        if not program.exists():
            sys.exit(f"compare.py: {python} is missing; make bench PEERS={arguments.peers} makes it")
        peers[{"torch": "PyTorch", "jax": "JAX"}[word]] = program
    return peers


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
    peers = find_peers(arguments)
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
             for mode in arguments.modes.split(",") for count in threads
             if mode != "fit" or workload.partition(":")[0] in EVERYWHERE]
    for number in range(1, arguments.rounds + 1):
        for case in cases:
            show_progress(f"round {number} of {arguments.rounds}: {case.name} {case.mode}, "
                          f"{in_words(case.threads)}")
            for peer, program in peers.items():
                case.run_peer(peer, program, flags)
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
    print(table(cases, peaks, peers))
    print(f"\nBest of {arguments.rounds} round(s) of {arguments.seconds:g} s at the 10th percentile of step "
          "time; operations of matrix products and convolutions against the measured peak.")
    disturbed = [case for case in cases
                 if any(spread(results) > CALM for results in [case.folio, *case.peers.values()])]
    if disturbed:
        print(f"Rounds of {len(disturbed)} of {len(cases)} rows differ by more than {CALM} %: "
              "measure those again on a quiet machine.")
    if any(case.mode == "fit" for case in cases):
        print("Rows \"fit\": Model::fit on shuffled rows in memory, whose MB hold the set; the peers' figures there are "
              "their bare training steps.")
    measured = {peer: [result for case in cases for result in case.peers.get(peer, [])] for peer in peers}
    print("Peers: " + ", ".join(sorted({r["program"] for results in measured.values() for r in results})) + ".")
    if "libtorch" not in peers:
        print(PEER_ADVICE.format(os.path.join(folder, "peers", "torch_benchmark")))
    elif any(result["blas_threads"] != "OpenMP" for result in measured["libtorch"]):
        print("Caution: libtorch's BLAS is not the OpenMP variant; its threads fight with libtorch's, "
              "and the ratios flatter Folio.")
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump({"processor": name, "peaks": [peaks[count] for count in threads],
                       "results": [result for case in cases
                                   for results in [case.folio, *case.peers.values()] for result in results]},
                      file, indent=1)
            file.write("\n")


if __name__ == "__main__":
    main()
