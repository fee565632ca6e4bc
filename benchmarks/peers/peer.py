"""What the benchmarks of Python's frameworks share: the command line, sizes, timing and the line of JSON, as in
measure.h and workload_sizes.h."""
import argparse
import json
import math
import os
import resource
import sys
import time

# Multiply-adds of matrix products and convolutions of one sample, forward: of the first layer, of the others.
MULTIPLY_ADDS = {
    "W1": (784 * 512, 512 * 256 + 256 * 10),
    "W2": (28 * 28 * 25 * 6, 10 * 10 * 25 * 6 * 16 + 400 * 120 + 120 * 84 + 84 * 10),
    "W3": (30 * 30 * 27 * 32 + 27 * 27 * 108 * 32, (15 * 15 * 32 + 13 * 13 * 32) * 100 + 100 * 10),
    "W12": (784 * 128, 128 * 32 + 32 * 128 + 128 * 784),
}


def read_arguments(name, layouts=None):
    parser = argparse.ArgumentParser(prog=name)
    parser.add_argument("workload", choices=list(MULTIPLY_ADDS))
    parser.add_argument("mode", choices=["train", "infer"])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--batch", type=int, default=128)
    if layouts:
        parser.add_argument("--layout", choices=layouts, default=layouts[0])
    return parser.parse_args()


def limit_threads(count):
    """Before the framework is imported: some ask the environment, others the processors that they may use."""
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = str(count)
    allowed = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, allowed[:count])


def quantile(samples, share):
    return sorted(samples)[int(share * (len(samples) - 1) + 0.5)]


def processor_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def peak_megabytes():
    with open("/proc/self/status", encoding="utf-8") as lines:
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


def measure(steps, seconds):
    """Times `steps(n)`, which runs n steps to their end: the 10th percentile and the median of a step, its processor
    time, and how many steps there were. Short steps are timed in groups of at least 3 ms, since the language
    itself takes its time."""
    start, warm = time.perf_counter(), 0
    while warm < 3 or time.perf_counter() - start < seconds / 4:
        steps(1)
        warm += 1
    group = max(1, math.ceil(3e-3 * warm / (time.perf_counter() - start)))
    samples, processor = [], processor_seconds()
    start = before = time.perf_counter()
    while before - start < seconds or len(samples) < 5:
        steps(group)
        after = time.perf_counter()
        samples.append((after - before) / group)
        before = after
    count = len(samples) * group
    return quantile(samples, 0.1), quantile(samples, 0.5), (processor_seconds() - processor) / count, count


def report(arguments, program, measured, **more):
    p10, median, processor, steps = measured
    first, others = MULTIPLY_ADDS[arguments.workload]
    train = arguments.mode == "train"
    flops = 2 * arguments.batch * (first * (2 if train else 1) + others * (3 if train else 1))
    json.dump({"program": program, "workload": arguments.workload, "mode": arguments.mode,
               "threads": arguments.threads, "batch": arguments.batch,
               "samples_per_second": arguments.batch / p10, "samples_per_second_median": arguments.batch / median,
               "ms_per_step": p10 * 1e3, "processor_ms_per_step": processor * 1e3, "steps": steps,
               "peak_mb": peak_megabytes(), "gflop_per_step": flops * 1e-9, "gflops": flops / p10 * 1e-9, **more},
              sys.stdout)
    print()
