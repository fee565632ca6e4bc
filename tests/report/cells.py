#!/usr/bin/env python3
"""A report in the browser: what its tables, charts, mistakes and facts show is what the record says, each under its name.

    cells.py FOLIO GOLDEN

The record is golden/lenet5's with numbers that are all different, so that none can stand in another's place.
"""
import html, json, os, re, shutil, subprocess, sys, tempfile

FOLIO, GOLDEN = os.path.realpath(sys.argv[1]), os.path.realpath(sys.argv[2])
browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
if not browser:
    print("skipped: there is no Chromium here; scripts/setup.sh test installs it")
    sys.exit(77)

READ = """
const page = frames[0].document, text = (node) => node.textContent.trim(), all = (from, what) => [...from.querySelectorAll(what)];
const said = {
  tables: all(page, "table").map((t) => ({ kind: t.className, caption: t.caption ? text(t.caption) : "",
    head: all(t, "thead th").map(text), rows: all(t, "tbody tr").map((r) => [...r.children].map(text)),
    bars: all(t, "i").map((i) => parseFloat(i.style.width)) })),
  charts: all(page, "canvas").map((c) => ({ title: c.getAttribute("aria-label"),
    sets: frames[0].Chart.getChart(c).data.datasets.map((d) => ({ label: d.label, data: d.data.map((p) => [p.x, p.y]) })) })),
  mistakes: all(page, ".mistakes li").map((m) => ({ predicted: text(m.querySelector("b")), all: text(m) })),
  facts: Object.fromEntries(all(page, ".facts div").map((f) => [text(f.querySelector("dt")), text(f.querySelector("dd"))])),
  findings: all(page, ".findings li").map(text) };
document.body.textContent = "SAID " + JSON.stringify(said) + " SAID";
"""


def record_of(folder):
    record = json.load(open(os.path.join(GOLDEN, "lenet5", "report.json")))
    classes = record["classification"][0]
    names = classes["classes"] = [f"class {chr(97 + i)}" for i in range(len(classes["classes"]))]
    n = len(names)
    classes["confusion"] = [float(1000 * (i == j) + 13 * i + 7 * j * j + 1) for i in range(n) for j in range(n)]
    for i, row in enumerate(classes["rows"]):
        row.update(name=names[i], precision=0.9 - 0.011 * i, recall=0.5 + 0.013 * i, f1=0.7 - 0.017 * i, support=100.0 + 3 * i)
    for i, curve in enumerate(classes["roc"]):
        curve.update(name=names[i], x=[0, 0.1 + 0.01 * i, 1], y=[0, 0.6 + 0.02 * i, 1], area=0.8 + 0.01 * i)
    for i, mistake in enumerate(classes["mistakes"]):
        mistake.update(truth=names[i % n], predicted=names[(i + 3) % n], confidence=0.99 - 0.01 * i, row=1000 + 17 * i)
    record["history"] = [{"name": name, "values": [base + 0.01 * e * step for e in range(5)]} for name, base, step in
                         (("loss", 0.9, -5), ("accuracy", 0.6, 3), ("val_loss", 0.8, -3), ("val_accuracy", 0.55, 4))]
    record["results"] = [{"data": data, "values": [{"name": "loss", "value": loss}, {"name": "accuracy", "value": right}]}
                         for data, loss, right in (("validation", 0.61, 0.71), ("test", 0.63, 0.73))]
    record["importance"] = [{"name": f"column {i}", "mean": 0.5 / (i + 1), "spread": 0.01 + 0.001 * i} for i in range(4)]
    record["findings"] = [{"severity": "warning", "sentence": "What was seen.", "remedy": "What to try."}]
    os.mkdir(folder)
    json.dump(record, open(os.path.join(folder, "report.json"), "w"))
    return record


def read(work):
    subprocess.run([FOLIO, "report", os.path.join(work, "run"), "--output", os.path.join(work, "page.html")], check=True, capture_output=True)
    with open(os.path.join(work, "frame.html"), "w") as frame:
        frame.write('<!DOCTYPE html><meta charset="utf-8"><body><iframe src="page.html" style="width:1280px;height:4200px"></iframe>'
                    f'<script>addEventListener("load", () => {{ try {{ {READ} }} catch (e) {{ document.body.textContent = e.stack; }} }});</script>')
    for attempt in range(3):  # a browser beside much other work may end before the page does
        dumped = subprocess.run([browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", f"--user-data-dir={work}/profile",
                                 "--disable-background-networking", "--virtual-time-budget=20000", "--window-size=1400,900",
                                 "--allow-file-access-from-files", "--dump-dom", f"file://{work}/frame.html"],
                                capture_output=True, text=True, timeout=200).stdout
        if found := re.search(r"<body[^>]*>SAID (.*) SAID</body>", dumped, re.S):
            break
    assert found, f"the page said nothing: {dumped[-1500:]}"
    return json.loads(html.unescape(found[1]))


def number(text):
    return float(re.sub(r"[^0-9.eE+-]", "", text.replace("−", "-")))


def near(got, wanted, tolerance=1e-3):
    assert abs(got - wanted) <= tolerance * max(1e-9, abs(wanted)), f"expected {wanted}, got {got}"


def check_tables(record, said):
    classes = record["classification"][0]
    names, n = classes["classes"], len(classes["classes"])
    confusion = next(t for t in said["tables"] if t["kind"].startswith("confusion"))
    assert confusion["head"][1:] == names and "true" in confusion["head"][0], confusion["head"]
    assert [row[0] for row in confusion["rows"]] == names
    for i, row in enumerate(confusion["rows"]):
        assert [number(cell) for cell in row[1:]] == classes["confusion"][i * n:(i + 1) * n], row
    table = next(t for t in said["tables"] if t["head"][1:] == ["precision", "recall", "F1", "support"])
    for row, wanted in zip(table["rows"], classes["rows"]):
        assert row[0] == wanted["name"]
        for cell, key in zip(row[1:], ("precision", "recall", "f1", "support")):
            near(number(cell), wanted[key])
    results = next(t for t in said["tables"] if t["head"] == ["data", "loss", "accuracy"])
    assert [[row[0], number(row[1]), number(row[2])] for row in results["rows"]] == [["validation", 0.61, 0.71], ["test", 0.63, 0.73]]
    importance = next(t for t in said["tables"] if t["kind"] == "importance")
    for row, bar, wanted in zip(importance["rows"], importance["bars"], record["importance"]):
        assert row[0] == wanted["name"]
        near(number(row[2]), wanted["mean"]), near(number(row[3]), wanted["spread"], 0.06)
        near(bar, 100 * wanted["mean"] / 0.5, 0.01)


def check_charts(record, said):
    series = {s["name"]: s["values"] for s in record["history"]}
    for title, metric in (("Loss per epoch", "loss"), ("Accuracy per epoch", "accuracy")):
        chart = next(c for c in said["charts"] if c["title"].startswith(title))
        assert [s["label"] for s in chart["sets"]] == ["training", "validation"], chart
        for drawn, name in zip(chart["sets"], (metric, "val_" + metric)):
            assert [p[0] for p in drawn["data"]] == [1, 2, 3, 4, 5], drawn
            for point, wanted in zip(drawn["data"], series[name]):
                near(point[1], wanted, 1e-4)
    roc = next(c for c in said["charts"] if c["title"].startswith("ROC"))
    for drawn, wanted in zip(roc["sets"], record["classification"][0]["roc"]):
        assert drawn["label"].startswith(wanted["name"]) and f"{wanted['area']:.3f}" in drawn["label"], drawn["label"]
        for (x, y), wanted_x, wanted_y in zip(drawn["data"], wanted["x"], wanted["y"]):
            near(x, wanted_x, 1e-4), near(y, wanted_y, 1e-4)


def check_words(record, said):
    mistakes = record["classification"][0]["mistakes"]
    assert len(said["mistakes"]) == len(mistakes) > 3
    for shown, wanted in zip(said["mistakes"], mistakes):
        assert shown["predicted"] == wanted["predicted"], shown
        assert f"is {wanted['truth']}" in shown["all"] and f"row {wanted['row']}" in shown["all"], shown
        near(number(re.search(r"[\d.]+\s*%", shown["all"])[0]), 100 * wanted["confidence"], 0.01)
    facts = said["facts"]
    near(number(facts["test loss"]), 0.63), near(number(facts["test accuracy"]), 73)
    assert number(facts["parameters"]) == record["model"]["total_params"] and facts["epochs"] == "5", facts
    assert "warning" in said["findings"][0] and "What was seen." in said["findings"][0] and "What to try." in said["findings"][0]


work = tempfile.mkdtemp(prefix="folio-cells-")
try:
    record = record_of(os.path.join(work, "run"))
    said = read(work)
    for check in (check_tables, check_charts, check_words):
        check(record, said)
        print(check.__name__)
finally:
    shutil.rmtree(work, ignore_errors=True)
