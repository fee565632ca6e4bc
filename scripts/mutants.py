#!/usr/bin/env python3
"""Plants small bugs, one at a time, in a copy of the tree, and tells which of them the tests do not notice.

    mutants.py [--count N] [--seed S] [--since REVISION] [PATH…]

Bugs are planted in the .cpp files under PATH (folio/ and cli/ unless given), or in the lines changed since REVISION. The copy
lies in build-mutants/. A bug that makes the same machine code is none and is left out; one that does not compile neither counts.
The tests of the file's own folder run first, then all others until one fails. Survivors are printed as they are found, with the
score by folder at the end; every result also goes into build-mutants/results.tsv.
"""
import argparse, collections, hashlib, json, os, pathlib, random, re, resource, shlex, shutil, subprocess, sys, time

ROOT = pathlib.Path(__file__).resolve().parent.parent
COPY = ROOT / "build-mutants"
BUILD = COPY / "build"
LARGEST = 16 << 30  # bytes of memory; a bug may ask for all there is

# What goes wrong when people write code: (what is there, what stands there instead). Groups are kept.
RULES = [(re.compile(pattern), replacements) for pattern, replacements in [
    (r" < ", [" <= ", " > "]), (r" <= ", [" < "]), (r" > ", [" >= ", " < "]), (r" >= ", [" > "]),
    (r" == ", [" != "]), (r" != ", [" == "]),
    (r" \+ ", [" - "]), (r" - ", [" + "]), (r" \* ", [" / "]), (r" / ", [" * "]), (r" % ", [" / "]),
    (r" \+= ", [" -= ", " = "]), (r" -= ", [" += "]), (r" \*= ", [" /= "]),
    (r" \+ 1\b", [""]), (r" - 1\b", [""]),
    (r" && ", [" || "]), (r" \|\| ", [" && "]), (r"(?<=[( ])!(?=[\w(])", [""]),
    (r"\btrue\b", ["false"]), (r"\bfalse\b", ["true"]),
    (r"\bstd::max\b", ["std::min"]), (r"\bstd::min\b", ["std::max"]),
    (r"\bcontinue;", ["break;"]), (r"\bbreak;", [";"]),
    (r"\bif \((.+)\) ", [r"if (!(\1)) ", "if (false) "]),
    (r"(?<![\w.\"'])(\d+)(?![\w.\"'])", ["{more}", "{less}"]),
    (r"(?<![\w.\"])(\d+\.\d+)(?![\w\"])", ["{twice}"]),
    (r"\((\w+), (\w+)\)", [r"(\2, \1)"]), (r"\[(\w+)\]", [r"[0]"]),
    (r"^(\s+)[\w.\->\[\]():]+ (?:=|\+=|-=|\*=) [^;{]+;$", [r"\1;"]),  # an assignment is forgotten
    (r"^(\s+)[\w.\->:]+\([^;{]*\);$", [r"\1;"]),                      # a call is forgotten
    (r"\.front\(\)", [".back()"]), (r"\.back\(\)", [".front()"]), (r"\.begin\(\)", [".end()"]),
]]
NOT_CODE = re.compile(r"^\s*(//|#|using |namespace |template|static_assert|case .*:$|\}|$)")


def planted(line, rule, replacement, match):
    def expand(m):
        if replacement in ("{more}", "{less}", "{twice}"):
            number = float(m[1]) if "." in m[1] else int(m[1])
            return str({"{more}": number + 1, "{less}": number - 1, "{twice}": number * 2}[replacement])
        return m.expand(replacement)
    return line[: match.start()] + expand(match) + line[match.end():]


def in_text(line, position):
    """Whether a position lies within quotes or a comment."""
    comment = line.find("//")
    return line[:position].count('"') % 2 == 1 or 0 <= comment < position


def bugs_of(path, wanted):
    lines = path.read_text().split("\n")
    for number, line in enumerate(lines):
        if NOT_CODE.match(line) or (wanted is not None and number + 1 not in wanted):
            continue
        for rule, replacements in RULES:
            for match in rule.finditer(line):
                if in_text(line, match.start()):
                    continue
                for replacement in replacements:
                    changed = planted(line, rule, replacement, match)
                    if changed != line:
                        yield number, line, changed


def changed_lines(revision):
    """Lines added or changed since a revision, by file."""
    text = subprocess.run(["git", "diff", "-U0", revision, "--", "*.cpp"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    lines, name = collections.defaultdict(set), None
    for line in text.split("\n"):
        if line.startswith("+++ "):
            name = line[6:] if line.startswith("+++ b/") else None
        elif name and (hunk := re.match(r"@@ -\S+ \+(\d+)(?:,(\d+))? @@", line)):
            first, count = int(hunk[1]), int(hunk[2] or 1)
            lines[name].update(range(first, first + count))
    return lines


def run(command, seconds=None, **options):
    """The exit status and what was said; a command that takes too long has failed."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                          start_new_session=True, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (LARGEST, LARGEST)),
                          **options) as process:
        try:
            said, _ = process.communicate(timeout=seconds)
            return process.returncode, said
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            process.communicate()
            return 124, "took too long"


def build(jobs, *targets):
    """All that the tests need; examples are left out, since linking them takes longer than what they would notice is worth."""
    return run(["cmake", "--build", BUILD, "--parallel", str(jobs), "--target", *(targets or ("folio_tests", "folio_cli", "folio_trainee", "folio_faults"))])


def copy_tree():
    """The tree as git knows it; files that are the same stay, so that nothing is built twice."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
                            capture_output=True, text=True, check=True).stdout
    wanted = {name for name in listed.split("\0") if name and (ROOT / name).is_file()}
    for name in wanted:
        old, new = COPY / name, ROOT / name
        if not old.is_file() or old.read_bytes() != new.read_bytes():
            old.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(new, old)
    for top in ("folio", "cli", "tests"):
        for path in (COPY / top).rglob("*"):
            if path.is_file() and str(path.relative_to(COPY)) not in wanted:
                path.unlink()


def objects():
    """The compiler's output for each source file."""
    commands = json.loads((BUILD / "compile_commands.json").read_text())
    found = {}
    for entry in commands:
        words = shlex.split(entry["command"])
        name = os.path.relpath(entry["file"], COPY)
        found.setdefault(name, words[words.index("-o") + 1])
    return found


def suites_of(folder):
    """The suites of the tests that mirror a folder."""
    tests = COPY / "tests" / folder
    names = set()
    for path in tests.rglob("*_test.cpp") if tests.is_dir() else []:
        names.update(re.findall(r"^TEST(?:_P|_F)?\((\w+),", path.read_text(), re.M))
    return sorted(names)


def first_failure(folder, limit):
    """What noticed a bug, or None."""
    tests = BUILD / "tests" / "folio_tests"
    if suites := suites_of(folder):
        status, said = run([tests, "--gtest_brief=1", "--gtest_fail_fast", "--gtest_filter=" + ":".join(f"{s}.*" for s in suites)],
                           limit, cwd=BUILD)
        if status:
            failed = re.search(r"\[  FAILED  \] (\S+)", said)
            return failed[1] if failed else f"{folder}: exit status {status}"
    status, said = run(["ctest", "--stop-on-failure", "--parallel", str(os.cpu_count()), "--timeout", str(limit), "-LE", "consumer|long",
                        "-E", "^(structure|sheet|example_.*)$"], limit * 10, cwd=BUILD)
    if status:
        failed = re.search(r"\d+ - (\S+) \((?:Failed|Timeout|\w+)", said)
        return failed[1] if failed else f"ctest: exit status {status}"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", default=["folio", "cli"])
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--since", metavar="REVISION")
    parser.add_argument("--minutes", type=float, default=1e9, help="begin no more bugs after so long")
    options = parser.parse_args()

    lines = changed_lines(options.since) if options.since else None
    files = sorted({file for path in options.paths for file in
                    ([ROOT / path] if (ROOT / path).is_file() else (ROOT / path).rglob("*.cpp"))})
    bugs = [(file.relative_to(ROOT), *bug) for file in files
            for bug in bugs_of(file, lines[str(file.relative_to(ROOT))] if lines is not None else None)]
    if not bugs:
        sys.exit("mutants: expected files with code to change; found none")
    random.Random(options.seed).shuffle(bugs)

    print(f"{len(bugs)} bugs are possible; building the copy in {COPY.name}/ …", flush=True)
    copy_tree()
    run(["cmake", "--preset", "release", "--log-level=WARNING"], cwd=COPY)
    status, said = build(os.cpu_count())
    if status:
        sys.exit(said[-3000:])
    outputs = objects()
    score = collections.Counter()
    survivors, tried, began = [], 0, time.monotonic()
    with open(COPY / "results.tsv", "a") as log:
        for name, number, line, changed in bugs:
            if tried == options.count or time.monotonic() - began > options.minutes * 60:
                break
            path, folder = COPY / name, "/".join(name.parts[1:-1]) if name.parts[0] == "folio" else name.parts[0]
            original = path.read_text()
            text = original.split("\n")
            assert text[number] == line
            text[number] = changed
            output = BUILD / outputs[str(name)]
            before = hashlib.sha256(output.read_bytes()).digest()
            path.write_text("\n".join(text))
            noticed = "nothing"
            try:
                compiled, _ = build(1, outputs[str(name)])
                if compiled or hashlib.sha256(output.read_bytes()).digest() == before:
                    continue
                tried += 1
                linked, said = build(os.cpu_count())
                noticed = f"the build: {said[-80:]}" if linked else first_failure(folder, 600)
            finally:
                path.write_text(original)
                if noticed != "nothing":
                    what = f"{name}:{number + 1}\t{line.strip()}\t{changed.strip()}\t{noticed or 'SURVIVED'}"
                    print(what, file=log, flush=True)
                    top = folder.split("/")[0]
                    score[top, noticed is not None] += 1
                    if noticed is None:
                        survivors.append(what)
                        print(f"SURVIVED {name}:{number + 1}\n  - {line.strip()}\n  + {changed.strip()}", flush=True)
    build(os.cpu_count())
    folders = sorted({folder for folder, _ in score})
    for folder in folders:
        print(f"{folder:12} {score[folder, True]} of {score[folder, True] + score[folder, False]} noticed")
    print(f"{tried - len(survivors)} of {tried} noticed")


if __name__ == "__main__":
    main()
