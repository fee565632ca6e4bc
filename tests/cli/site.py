#!/usr/bin/env python3
"""The site of the sheet: every link and picture leads somewhere, and in a browser at the width of a phone and of a desktop
formulas are set, nothing is wider than the page, no script fails, and the search finds.

    site.py FOLIO PICTURES
"""
import html, os, pathlib, re, resource, shutil, subprocess, sys, tempfile

FOLIO, PICTURES = os.path.realpath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
work = pathlib.Path(tempfile.mkdtemp(prefix="folio-site-"))
site = work / "a site"
failures = []


def expect(good, text):
    if not good:
        failures.append(text)
        print("FAILED:", text)


def folio(*words, largest=resource.RLIM_INFINITY):
    return subprocess.run([FOLIO, "sheet", *map(str, words)], capture_output=True, text=True,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest)))


def check_files():
    stopped = folio("--html", site, largest=60_000)
    expect(stopped.returncode == 1 and "could not write" in stopped.stderr, f"what cannot be written is said: {stopped.stderr}")
    expect(folio("--html", site).returncode == 0, "the site is written, also where one was begun")
    expect(folio("--html", site).returncode == 0, "an older site is replaced")
    expect(folio("D1", "--html", site).returncode == 2, "a row and the whole do not go together")
    (work / "mine").mkdir()
    (work / "mine" / "letter.txt").write_text("dear")
    refused = folio("--html", work / "mine")
    expect(refused.returncode == 1 and "expected a new folder" in refused.stderr, f"others' folders are left alone: {refused.stderr}")
    expect(os.listdir(work / "mine") == ["letter.txt"], "nothing is written there")
    rows = [line.split()[0] for line in folio().stdout.splitlines()]
    pages = list(site.rglob("*.html"))
    expect(len(rows) > 30 and len(pages) > len(rows) + 100, f"{len(rows)} rows, {len(pages)} pages")
    for row in rows:
        text = (site / "docs" / "sheet" / f"{row}.html").read_text()
        source = folio(row, "--json").stdout
        expect(text.count("<x-equation type=\"display\">") * 2 == source.count("$$"), f"{row}: each formula is one")
    for page in pages:
        text = page.read_text()
        code = page.name.endswith((".h.html", ".cpp.html"))
        expect(code or "<x-equation>" not in text, f"{page.name}: $ in prose was taken for a formula")
        for target in re.findall(r'(?:href|src)="([^"]*)"', text):
            target, _, fragment = html.unescape(target).partition("#")
            if "://" in target:
                continue
            found = page if not target else page.parent / target
            expect(found.is_file(), f"{page.relative_to(site)}: {target} is not there")
            if fragment and found.is_file():
                expect(f'id="{fragment}"' in found.read_text(), f"{page.relative_to(site)}: {target}#{fragment} is not there")


LOOK = """
const page = frames[0].document, root = page.documentElement.dataset, all = (what) => page.querySelectorAll(what).length;
const field = page.getElementById("search");
field.value = "nesterov momentum"; field.dispatchEvent(new Event("input"));
const first = page.querySelector("#found a");
const said = [root.ready, root.errors, all("x-equation"), all("x-equation .katex"), page.documentElement.scrollWidth,
  first ? first.getAttribute("href") : "", all("img"), [...page.images].filter((i) => i.naturalWidth).length];
document.body.textContent = "SAID " + said.join(" ") + " SAID";
"""


def check_in_browser(browser):
    PICTURES.mkdir(parents=True, exist_ok=True)
    base = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run", f"--user-data-dir={work}/profile",
            "--disable-background-networking", "--virtual-time-budget=20000"]
    for name in ("index", "docs/sheet/D1", "api", "folio/models/model.h"):
        for width in (390, 1280):
            frame = site / "frame.html"
            frame.write_text(f'<!DOCTYPE html><meta charset="utf-8"><body><iframe src="{name}.html" style="border:0;width:{width}px;height:3000px">'
                             f'</iframe><script>addEventListener("load", () => {{{LOOK}}});</script>')
            for attempt in range(3):  # a browser beside much other work may end before the page does
                dumped = subprocess.run([*base, "--window-size=1400,900", "--allow-file-access-from-files", "--dump-dom", f"file://{frame}"],
                                        capture_output=True, text=True, timeout=200).stdout
                if said := re.search(r"SAID (.*) SAID</body>", dumped):
                    break
            ready, errors, formulas, typeset, wide, found, images, seen = said[1].split(" ") if said else [""] * 8
            expect(ready == "1" and errors == "0" and formulas == typeset and wide == str(width) and images == seen and
                   found.endswith("docs/sheet/D1.html"), f"{name} at {width}: {said[1] if said else dumped[-300:]}")
            frame.unlink()
            subprocess.run([*base, f"--window-size={width},1800", f"--screenshot={PICTURES}/site-{name.replace('/', '-')}-{width}.png",
                            f"file://{site}/{name}.html"], capture_output=True, timeout=200)
            expect((PICTURES / f"site-{name.replace('/', '-')}-{width}.png").is_file(), f"{name} at {width}: no screenshot")


try:
    check_files()
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser:
        check_in_browser(browser)
    else:
        print("without a look in a browser: there is no Chromium here; scripts/setup.sh test installs it")
finally:
    shutil.rmtree(work, ignore_errors=True)
print(f"{len(failures)} failures")
sys.exit(1 if failures else 0)
