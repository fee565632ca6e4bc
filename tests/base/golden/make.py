"""Writes the small zip and gzip files beside this script, by Python's own library; run it to make them again."""
import gzip
import io
import pathlib
import struct
import zipfile

HERE = pathlib.Path(__file__).parent
DATE = (1980, 1, 1, 0, 0, 0)
TEXT = b"the quick brown fox " * 10


def write(name, data):
    (HERE / name).write_bytes(data)


def zipped(members, method=zipfile.ZIP_STORED, comment=b"", stream=False, large=False):
    class Pipe(io.RawIOBase):  # cannot seek, so that sizes follow the members
        def __init__(self):
            self.data = bytearray()

        def writable(self):
            return True

        def write(self, b):
            self.data += b
            return len(b)

    target = Pipe() if stream else io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as z:
        for name, data in members:
            info = zipfile.ZipInfo(name, DATE)
            info.compress_type = method
            with z.open(info, "w", force_zip64=large) as member:
                member.write(data)
        z.comment = comment
    return bytes(target.data) if stream else target.getvalue()


TWO = [("a.txt", b"hello"), ("folder/b.bin", TEXT)]
stored = zipped(TWO)
write("stored.zip", stored)
write("deflated.zip", zipped(TWO, zipfile.ZIP_DEFLATED))
write("streamed.zip", zipped(TWO, zipfile.ZIP_DEFLATED, stream=True))
write("large.zip", zipped(TWO, large=True))
write("comment.zip", zipped(TWO, comment=b"a comment PK\x05\x06 that looks like an end record"))
write("empty.zip", zipped([]))

# What must be refused.
write("bzip2.zip", zipped(TWO, zipfile.ZIP_BZIP2))
write("encrypted.zip", stored.replace(b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00"))
write("parent.zip", zipped([("../a.txt", b"x")]))
write("absolute.zip", zipped([("/a.txt", b"x")]))
write("twice.zip", zipped([("a.txt", b"hello"), ("b.txt", b"world")]).replace(b"b.txt", b"a.txt"))
# Two entries, other names, whose headers and data are one inside the other.
inner = zipped([("inner", b"I" * 40)])
inner_member = inner[: inner.index(b"PK\x01\x02")]
outer = zipped([("outer", inner_member), ("inner", b"I" * 40)])
start = outer.rindex(b"PK\x01\x02")
outer = outer[: start + 42] + struct.pack("<I", 30 + len("outer")) + outer[start + 46 :]
write("overlap.zip", outer)
# A deflated member of a million zeros that says it has 100 bytes.
bomb = bytearray(zipped([("bomb", bytes(1 << 20))], zipfile.ZIP_DEFLATED))
for at, size in ((0, 22), (bomb.index(b"PK\x01\x02"), 24)):
    bomb[at + size : at + size + 4] = struct.pack("<I", 100)
write("bomb.zip", bytes(bomb))

write("text.gz", gzip.compress(TEXT, mtime=0))
write("two_members.gz", gzip.compress(b"hello, ", mtime=0) + gzip.compress(b"world", mtime=0))
write("bomb.gz", gzip.compress(bytes(1 << 20), mtime=0))
