#!/usr/bin/env python3
"""Checks two promises of the source tree, one line per violation:

  1. every op under folio/ops stands in the catalogue (folio/ops/catalog.cpp), and nothing else does;
  2. a file of folder X includes only files of X and of folders that come before X in the list below.
"""
import pathlib
import re
import sys

# From the ground up: each folder builds on those before it.
FOLDERS = ["base", "tensor", "graph", "ops", "runtime", "kernels", "compiler", "layers", "data", "training",
           "models", "applications", "analysis", "pictures", "sound", "formats", "report", "recipes"]

OP_NAME = re.compile(r'std::string name\(\) const (?:override|final)\s*\{\s*return "(\w+)";\s*\}')
ELEMENTWISE_NAME = re.compile(r'kName\s*=\s*"(\w+)"')
ENTRY = re.compile(r'^\s*\{"(\w+)",\s*"', re.MULTILINE)
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"')


def sources(folder):
    return sorted(p for p in folder.rglob("*") if p.suffix in (".h", ".cpp"))


def check_catalogue(root):
    catalogue = root / "folio/ops/catalog.cpp"
    if not catalogue.exists():
        return [f"{catalogue.relative_to(root)}: the catalogue of ops is missing"]
    entries = ENTRY.findall(catalogue.read_text(encoding="utf-8"))
    violations = [f"folio/ops/catalog.cpp: op {name} is listed twice" for name in sorted(set(entries))
                  if entries.count(name) > 1]
    found = {}
    for path in sources(root / "folio/ops"):
        text = path.read_text(encoding="utf-8")
        for pattern in (OP_NAME, ELEMENTWISE_NAME):
            for match in pattern.finditer(text):
                line = text.count("\n", 0, match.start()) + 1
                found.setdefault(match.group(1), f"{path.relative_to(root)}:{line}")
    for name, place in found.items():
        if name not in entries:
            violations.append(f"{place}: op {name} is not in the catalogue; add a line to folio/ops/catalog.cpp")
    for name in entries:
        if name not in found:
            violations.append(f"folio/ops/catalog.cpp: op {name} is listed but not defined under folio/ops")
    return violations


def check_includes(root):
    violations = []
    for path in sources(root / "folio"):
        place = path.relative_to(root)
        folder = place.parts[1] if len(place.parts) > 2 else None
        if folder is not None and folder not in FOLDERS:
            violations.append(f"{place}: folder {folder} has no place in the order of folders; add it to FOLDERS")
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            included = match.group(1)
            parts = included.split("/")
            if parts[0] != "folio":
                violations.append(f'{place}:{number}: includes "{included}"; write the path from the root, "folio/…"')
                continue
            # Headers directly under folio/ gather everything: only files beside them may include those.
            target = parts[1] if len(parts) > 2 else None
            if not (root / included).exists():
                violations.append(f'{place}:{number}: includes "{included}", which does not exist')
            elif folder is None:
                continue
            elif target is None or target not in FOLDERS:
                violations.append(f'{place}:{number}: includes "{included}", which is in no folder of the order')
            elif FOLDERS.index(target) > FOLDERS.index(folder):
                violations.append(f'{place}:{number}: includes "{included}", but {target} comes after {folder}; '
                                  f'{folder} may only include ' + ", ".join(FOLDERS[:FOLDERS.index(folder) + 1]))
    return violations


def main():
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent
    violations = check_catalogue(root) + check_includes(root)
    for violation in violations:
        print(violation)
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
