#!/usr/bin/env python3
"""Twenty tables of different make, each trained on with no option but --target: what they say of the target is found in all of
them, and what comes back from predict is the table itself with what the model says.

    tables.py FOLIO
"""
import csv, datetime, gzip, io, json, os, shutil, subprocess, sys, tempfile

FOLIO = os.path.realpath(sys.argv[1])
ROWS, COLOURS = 160, ("red", "green", "blue")
failures = []


def facts():
    """Length, width, colour, day, and the price that follows from them."""
    for i in range(ROWS):
        length, width, colour = 10 + (i * 37) % 90 + 0.5 * (i % 2), 1 + (i * 59) % 83 / 10, COLOURS[i * i % 3]
        day = datetime.date(2020, 1, 1) + datetime.timedelta(days=i * 11 % 700)
        yield length, width, colour, day, 3 * length - 20 * width + (100 if colour == "red" else 0)


def lines(separator, cells, head="length,width,colour,day,price", end="\n"):
    rows = [head.split(",")] if head else []
    rows += [list(map(str, row)) for row in cells]
    return end.join(separator.join(row) for row in rows) + end


def quoted(rows):
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(["length", "width", "colour", "day", "price"])
    writer.writerows(rows)
    return out.getvalue()


def comma(number):
    return f"{number:.2f}".replace(".", ",")


def thousands(number):
    return f"{1000 * number:,.1f}"


def gaps(rows, word):
    return [[word if (i + k) % 11 == 0 and k < 3 else cell for k, cell in enumerate(row)] for i, row in enumerate(rows)]


FACTS = [list(row) for row in facts()]
DEAR = [row[:4] + ["dear" if row[4] > 100 else "cheap"] for row in FACTS]
TABLES = {  # name: (text or bytes, column to be predicted)
    "plain.csv": (lines(",", FACTS), "price"),
    "semicolons.csv": (lines(";", FACTS), "price"),
    "tabs.tsv": (lines("\t", FACTS), "price"),
    "bars.csv": (lines("|", FACTS), "price"),
    "decimal-commas.csv": (lines(";", [[comma(r[0]), comma(r[1]), r[2], r[3], comma(r[4])] for r in FACTS]), "price"),
    "thousands.csv": (lines(";", [[thousands(r[0]), r[1], r[2], r[3], thousands(r[4])] for r in FACTS]), "price"),
    "quotes.csv": (quoted(FACTS), "price"),
    "mark-and-crlf.csv": ("\ufeff" + lines(",", FACTS, end="\r\n"), "price"),
    "packed.csv.gz": (gzip.compress(lines(",", FACTS).encode()), "price"),
    "nothing.csv": (lines(",", gaps(FACTS, "")), "price"),
    "na.csv": (lines(",", gaps(FACTS, "NA")), "price"),
    "question.csv": (lines(",", gaps(FACTS, "?")), "price"),
    "german-dates.csv": (lines(",", [r[:3] + [r[3].strftime("%d.%m.%Y"), r[4]] for r in FACTS]), "price"),
    "times.csv": (lines(",", [r[:3] + [f"{r[3]} {i % 24:02d}:30:00", r[4]] for i, r in enumerate(FACTS)]), "price"),
    "codes.csv": (lines(",", [r[:2] + [f"00{COLOURS.index(r[2])}7"] + r[3:] for r in FACTS]), "price"),
    "words.csv": (lines(",", DEAR), "price"),
    "target-first.csv": (lines(",", [[r[4]] + r[:4] for r in DEAR], "price,length,width,colour,day"), "price"),
    "no-head.csv": (lines(",", [r[:3] + r[4:] for r in DEAR], ""), "3"),
    "strange-names.csv": (lines(",", FACTS, "länge (cm),\u5e45,colour of it,day,price €"), "price €"),
    "idle.csv": (lines(",", [[f"id{i}", 7] + r for i, r in enumerate(DEAR)], "name,constant,length,width,colour,day,price"), "price"),
}


def folio(*words):
    return subprocess.run([FOLIO, *words], capture_output=True, text=True)


def check(name, text, target):
    with open(name, "wb") as file:
        file.write(text if isinstance(text, bytes) else text.encode())
    trained = folio("train", "table", "--data", name, "--target", target, "--run", "run-" + name, "--json", "--quiet")
    assert trained.returncode == 0, trained.stderr
    told = json.loads(trained.stdout)
    simple = next(iter(told["baselines"].values()))
    if "accuracy" in told["test"]:
        assert told["test"]["accuracy"] >= 0.85 > simple["accuracy"], told
    else:
        assert told["test"]["mae"] < 0.35 * simple["mae"], told
    said = folio("predict", "run-" + name, name, "--output", "-")
    assert said.returncode == 0, said.stderr
    rows = list(csv.reader(io.StringIO(said.stdout)))
    assert len(rows) == ROWS + 1, len(rows)


assert len(TABLES) == 20
work = tempfile.mkdtemp(prefix="folio-tables-")
os.chdir(work)
try:
    for name, (text, target) in TABLES.items():
        try:
            check(name, text, target)
            print(name)
        except Exception as error:  # the rest is wanted too
            failures.append(name)
            print(f"FAILED: {name}: {type(error).__name__}: {str(error)[-600:]}")
finally:
    shutil.rmtree(work, ignore_errors=True)
print(f"{len(TABLES)} tables, {len(failures)} failures")
sys.exit(1 if failures else 0)
