#!/usr/bin/env python3
"""Checks the pages of the sheet, docs/sheet, one line per violation:

  1. every page begins with a title that names its row, "# D1 …";
  2. it has a formula between $$, or a line that begins with "No formula:" and says why; and a block of code;
  3. every link, also of the README, leads to a file, and every block of code and every formula ends;
  4. the README's table has just the pages that there are, and the examples and pictures to which they link.
"""
import pathlib
import re
import sys

PAGE = re.compile(r"[A-H]\d+\.md")
TITLE = re.compile(r"# ([A-H]\d+) \S.*")
BLOCK = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
FORMULA = re.compile(r"^\$\$ \S.*? \$\$$", re.MULTILINE | re.DOTALL)
NO_FORMULA = re.compile(r"^No formula: \S", re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")
ROW = re.compile(r"^\| ([A-H]\d+) \|", re.MULTILINE)


def links(text):
    return LINK.findall(BLOCK.sub("", text))


def check_links(path, text):
    return [f"{path.name}: expected links to files that exist, got {target}" for target in links(text)
            if not target.startswith(("https://", "#")) and not (path.parent / target.split("#")[0]).is_file()]


def check_page(path):
    text = path.read_text(encoding="utf-8")
    prose = BLOCK.sub("", text)
    violations = check_links(path, text)
    title = TITLE.fullmatch(text.split("\n", 1)[0])
    if not title or title.group(1) != path.stem:
        violations.append(f'{path.name}:1: expected a title that begins with its row, "# {path.stem} …"')
    if not FORMULA.search(prose) and not NO_FORMULA.search(prose):
        violations.append(f'{path.name}: expected a formula between $$, or a line "No formula: " and why')
    if FORMULA.sub("", prose).count("$$"):
        violations.append(f"{path.name}: expected every formula to stand between $$ on lines of its own")
    if not BLOCK.search(text):
        violations.append(f"{path.name}: expected a block of code")
    if "```" in prose:
        violations.append(f"{path.name}: expected an end of each block of code")
    return violations


def check_table(folder, pages):
    path = folder / "README.md"
    if not path.exists():
        return ["README.md: the table of the rows is missing"]
    text = path.read_text(encoding="utf-8")
    violations = check_links(path, text)
    rows = ROW.findall(text)
    violations += [f"README.md: row {row} is listed twice" for row in sorted(set(rows)) if rows.count(row) > 1]
    listed = {}
    for line in text.splitlines():
        if row := ROW.match(line):
            listed[row.group(1)] = set(links(line))
    for page in pages:
        wanted = {target for target in links(page.read_text(encoding="utf-8"))
                  if target.startswith(("../../examples/", "../pictures/"))} | {page.name}
        if page.stem not in listed:
            violations.append(f"README.md: {page.name} is not in the table")
        elif listed[page.stem] != wanted:
            violations.append(f"README.md: row {page.stem}: expected the page's own examples and pictures, differ in "
                              + ", ".join(sorted(listed[page.stem] ^ wanted)))
    names = {page.stem for page in pages}
    for row, targets in listed.items():
        if row not in names and targets:
            violations.append(f"README.md: row {row} has links but no page")
    return violations


def main():
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent
    folder = root / "docs/sheet"
    pages = sorted(path for path in folder.glob("*.md") if path.name != "README.md")
    violations = [f"{page.name}: expected the name of a row, such as D1.md" for page in pages
                  if not PAGE.fullmatch(page.name)]
    if not pages:
        violations.append("docs/sheet: there are no pages")
    for page in pages:
        violations += check_page(page)
    violations += check_table(folder, pages)
    for violation in violations:
        print("docs/sheet/" + violation if not violation.startswith("docs/") else violation)
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
