#!/usr/bin/env python3
"""Kills trainings and lets them go on: they must end with the same bits as one that nobody disturbed.

    resume.py TRAINEE FAULTS [--kills N] [--seed S]

Random kills first; then a death before, and in the middle of, every single operation on files, and a loss of power there with
all that it may undo; then every way in which such an operation can fail.
"""
import argparse, json, os, random, shutil, signal, subprocess, sys, tempfile, time, zipfile

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("trainee")
parser.add_argument("faults")
parser.add_argument("--kills", type=int, default=100)
parser.add_argument("--seed", type=int, default=1)
options = parser.parse_args()
chance = random.Random(options.seed)
work = tempfile.mkdtemp(prefix="folio-resume-")
failures = []


def command(folder, epochs, steps):
    return [options.trainee, folder, str(epochs), str(steps)]


def run(folder, epochs, steps, **environment):
    return subprocess.run(command(folder, epochs, steps), capture_output=True, text=True,
                          env={**os.environ, "OMP_NUM_THREADS": "2", **environment})


def fresh():
    folder = os.path.join(work, "run")
    shutil.rmtree(folder, ignore_errors=True)
    return folder


def expect(good, text):
    if not good:
        failures.append(text)
        print("FAILED:", text)


def reference(epochs, steps):
    began = time.monotonic()
    done = run(fresh(), epochs, steps)
    if done.returncode != 0:
        sys.exit(f"the undisturbed training failed: {done.stderr}")
    return done.stdout, time.monotonic() - began


def random_kills():
    """Each training is killed several times before it may end."""
    wanted, seconds = reference(40, 5)
    kills = trainings = 0
    while kills < options.kills:
        folder = fresh()
        for _ in range(chance.randint(1, 8)):
            process = subprocess.Popen(command(folder, 40, 5), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(chance.uniform(0, seconds * 0.7))
            process.send_signal(signal.SIGKILL)
            kills += process.wait() == -signal.SIGKILL
        done = run(folder, 40, 5)
        expect(done.stdout == wanted, f"after kills: expected {wanted!r}, got {done.stdout!r} {done.stderr!r}")
        trainings += 1
    print(f"{kills} kills in {trainings} trainings: {wanted.strip()}")


def strike(fault, at, stays=False):
    """A training in which the at-th operation on files goes wrong; None when there are fewer."""
    folder = fresh()
    environment = {"LD_PRELOAD": options.faults, "FAULT_FOLDER": folder, "FAULT": fault, "FAULT_AT": str(at)}
    if stays:
        environment["FAULT_STAYS"] = "1"
    done = run(folder, 2, 8, **environment)
    return (folder, done) if "fault: " in done.stderr else None


def saved_step(folder):
    """The step of the best checkpoint that is whole, or 0: what the next training goes on from."""
    best = 0
    for name in ("checkpoint-1.keras", "checkpoint-2.keras"):
        try:
            with zipfile.ZipFile(os.path.join(folder, name)) as archive:
                if archive.testzip() is None:
                    state = json.loads(archive.read("training.json"))
                    best = max(best, state["epoch"] * state["steps_per_epoch"] + state["step"])
        except (OSError, zipfile.BadZipFile, KeyError, ValueError, EOFError):
            continue
    return best


def every_operation():
    wanted, _ = reference(2, 8)
    for fault in ("kill", "torn", "power-data", "power-names"):
        at, furthest = 1, 0
        while (struck := strike(fault, at)) is not None:
            folder, died = struck
            found = saved_step(folder)
            if died.returncode == -signal.SIGKILL:
                furthest = max(furthest, found)
            # One checkpoint may not have come to be, but what was saved before it is there.
            expect(found >= furthest - 8, f"{fault} at operation {at}: back at step {found} after {furthest}")
            done = run(folder, 2, 8)
            expect(done.stdout == wanted, f"{fault} at operation {at}: got {done.stdout!r} {done.stderr!r}")
            at += 1
        print(f"{fault} at each of {at - 1} operations, up to step {furthest}")
        expect(at > 5 and furthest >= 30, f"{fault}: {at - 1} operations on files were seen, up to step {furthest}")
    for fault, stays in (("ENOSPC", False), ("ENOSPC", True), ("EIO", False), ("EIO", True), ("EDQUOT", True),
                         ("short", False), ("EINTR", False)):
        at = 1
        while (struck := strike(fault, at, stays)) is not None:
            folder, done = struck
            # The very first operation asks whether the folder can be written to, before any work is done.
            refused = done.returncode == 1 and "expected a folder that can be written to" in done.stderr
            place = f"{fault}{' for good' if stays else ''} at operation {at}"
            expect(refused or done.stdout == wanted, f"{place}: got {done.stdout!r} {done.stderr!r}")
            if fault not in ("short", "EINTR") and not refused:
                expect("goes on without this checkpoint" in done.stderr, f"{place}: nothing was said")
            left = [name for name in os.listdir(folder) if ".partial-" in name] if os.path.isdir(folder) else []
            expect(not left or stays, f"{place}: left {left}")
            again = run(folder, 2, 8)
            expect(again.stdout == wanted, f"{place}, then again: got {again.stdout!r} {again.stderr!r}")
            at += 1
        print(f"{fault}{' for good' if stays else ''} at each of {at - 1} operations")


try:
    random_kills()
    every_operation()
finally:
    shutil.rmtree(work, ignore_errors=True)
print(f"{len(failures)} failures")
sys.exit(1 if failures else 0)
