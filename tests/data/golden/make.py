"""Writes the small array files beside this script, by NumPy itself; run it to make them again.

Element k of an array is k - 2 (signed), k (unsigned), k / 2 - 1 (floating) or k % 2 (boolean).
"""
import pathlib
import warnings

import numpy

HERE = pathlib.Path(__file__).parent


def values(dtype, count):
    k = numpy.arange(count)
    kind = numpy.dtype(dtype).kind
    return {"i": k - 2, "u": k, "f": k / 2 - 1, "b": k % 2}[kind].astype(dtype)


def write(name, array, version=None):
    with open(HERE / name, "wb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        numpy.lib.format.write_array(file, array, version)


for letters in ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"):
    for order in ("little", "big"):
        dtype = numpy.dtype(letters).newbyteorder("<" if order == "little" else ">")
        write(f"{letters}_{order}.npy", values(dtype, 6).reshape(2, 3))
write("bool.npy", values(bool, 6).reshape(2, 3))
write("column_major.npy", numpy.asfortranarray(values("<f4", 24).reshape(2, 3, 4)))
write("column_major_big.npy", numpy.asfortranarray(values(">i8", 24).reshape(2, 3, 4)))
write("scalar.npy", numpy.float32(1.5).reshape(()))
write("empty.npy", numpy.zeros((0, 3), "<f4"))
write("line.npy", values("<i4", 5))
write("version2.npy", values("<f4", 6).reshape(2, 3), (2, 0))
write("version3.npy", values("<f4", 6).reshape(2, 3), (3, 0))
write("halves.npy", numpy.array([0.0, -0.0, 65504.0, 6e-8, -2.0, numpy.inf, numpy.nan, 0.333], "<f2"))

# What must be refused.
write("too_large.npy", numpy.array([1, 2**63], "<u8"))
write("objects.npy", numpy.array([{}, 1], object))
write("text.npy", numpy.array(["a", "bc"]))
write("complex.npy", numpy.zeros(2, "<c8"))
write("records.npy", numpy.zeros(2, [("a", "<f4"), ("b", "<i4")]))
write("long_double.npy", numpy.zeros(2, "longdouble"))

arrays = {"x": values("<f4", 6).reshape(2, 3), "y": values("<i8", 2)}
numpy.savez(HERE / "stored.npz", **arrays)
numpy.savez_compressed(HERE / "deflated.npz", **arrays)
