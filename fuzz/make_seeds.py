"""Fills a folder with what the fuzzer starts from: the tests' golden files, and what lies in them.

    python3 fuzz/make_seeds.py FOLDER
"""
import pathlib
import sys
import zipfile

LARGEST = 48 << 10


def main(folder):
    golden = pathlib.Path(__file__).resolve().parent.parent / "tests"
    found = {}
    for pattern in ("formats/golden/**/*.keras", "formats/golden/**/*.h5", "models/golden/*.keras", "**/golden/*.npy",
                    "base/golden/*.zip", "layers/golden/*.npz"):
        for path in sorted(golden.glob(pattern)):
            found[path.name] = path.read_bytes()
            if path.suffix == ".keras":
                with zipfile.ZipFile(path) as archive:
                    found[path.stem + ".json"] = archive.read("config.json")
    for name, data in found.items():
        if len(data) <= LARGEST:
            (folder / name).write_bytes(data)


main(pathlib.Path(sys.argv[1]))
