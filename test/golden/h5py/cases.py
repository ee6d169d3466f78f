"""Files with what random trees seldom have. Each function fills one."""

import h5py
import numpy as np

GROWING = [(None,), (2500,), (None, 2), (2, None), (None, None), (40, 40)]


def shape_of(most):
    return (2500,) if len(most) == 1 else tuple(2 if size == 2 else 40 for size in most)


def many_chunks(file):
    """Indexes with several levels, pages and super blocks."""
    for k, most in enumerate(GROWING):
        shape = shape_of(most)
        values = np.arange(np.prod(shape), dtype="<i4").reshape(shape)
        for compression in (None, "gzip"):
            name = f"{k} {compression}"
            chunks = (1,) * len(shape)
            file.create_dataset(name, data=values, maxshape=most, chunks=chunks, compression=compression)


def sparse_chunks(file):
    """Chunks that were never written have the fill value, also pages of chunks."""
    for k, most in enumerate(GROWING):
        shape = shape_of(most)
        for compression in (None, "gzip"):
            options = {"maxshape": most, "chunks": (1,) * len(shape), "compression": compression, "fillvalue": -7.5}
            dataset = file.create_dataset(f"{k} {compression}", shape, ">f4", **options)
            dataset[(0,) * len(shape)] = 1
            dataset[tuple(size // 2 for size in shape)] = 2
            dataset[tuple(size - 1 for size in shape)] = 3


def far_chunks(file):
    """Pages of an index that grows."""
    for compression in (None, "gzip"):
        options = {"maxshape": (None,), "chunks": (1,), "compression": compression}
        dataset = file.create_dataset(str(compression), (140_000,), "u1", **options)
        for place in (0, 3000, 132_000, 139_999):
            dataset[place] = 1 + place % 200


def shrunk(file):
    for k, most in enumerate([(None,), (None, None), (30, 30)]):
        shape = (20,) * len(most)
        dataset = file.create_dataset(str(k), data=np.ones(shape), maxshape=most, chunks=(3,) * len(most), fillvalue=4)
        dataset.resize((11,) * len(most))
        dataset.resize((25,) * len(most))


def early(file):
    """Space that is there before anything is written: the implicit index."""
    for name, fill in (("zeros", 0), ("sevens", 7)):
        properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        properties.set_chunk((3, 4))
        properties.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
        properties.set_fill_value(np.array(fill, "<i2"))
        space = h5py.h5s.create_simple((10, 10), (12, 10))
        dataset = h5py.Dataset(h5py.h5d.create(file.id, name.encode(), h5py.h5t.STD_I16LE, space, properties))
        dataset[2:5, 3:9] = np.arange(18).reshape(3, 6)


def compact(file):
    properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    properties.set_layout(h5py.h5d.COMPACT)
    space = h5py.h5s.create_simple((2, 3))
    dataset = h5py.Dataset(h5py.h5d.create(file.id, b"compact", h5py.h5t.IEEE_F64BE, space, properties))
    dataset[...] = np.arange(6).reshape(2, 3) / 8


def many_links(file):
    """Trees of several levels in old groups and new ones."""
    group = file.create_group("many")
    for k in range(1500):
        group.create_group(f"group {k:04} {'x' * (k % 40)}")
    for k in range(0, 1500, 3):
        del group[f"group {k:04} {'x' * (k % 40)}"]


def many_attributes(file):
    for k in range(700):
        file.attrs[f"number {k} {'y' * (k % 90)}"] = np.arange(k % 11, dtype="<u2")
    file.attrs["text"] = "ü" * 900
    for k in range(300):
        file.attrs[f"longer {k}"] = np.arange(380, dtype="<f8") + k


def large_attributes(file):
    """Beyond 64 KiB of an object header: huge objects of a heap."""
    for k in range(12):
        file.attrs[f"large {k}"] = np.arange(3000 * k, dtype="<f8")


def padded_texts(file):
    kinds = {"terminated": h5py.h5t.STR_NULLTERM, "null": h5py.h5t.STR_NULLPAD, "space": h5py.h5t.STR_SPACEPAD}
    for name, padding in kinds.items():
        for characters in (h5py.h5t.CSET_ASCII, h5py.h5t.CSET_UTF8):
            kind = h5py.h5t.C_S1.copy()
            kind.set_size(6)
            kind.set_strpad(padding)
            kind.set_cset(characters)
            space = h5py.h5s.create_simple((3,))
            dataset = h5py.h5d.create(file.id, f"{name} {characters}".encode(), kind, space)
            filler = b" " if name == "space" else b"\0"
            texts = b"".join(text.ljust(6, filler) for text in (b"", b"a b", b"abcde"))
            dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, np.frombuffer(texts, "V6"), kind)


def long_texts(file):
    """Collections of a heap of many texts, and of one."""
    texts = ["x" * (k * 97 % 5000) for k in range(400)] + ["", "ü" * 100_000]
    file.create_dataset("texts", data=texts, dtype=h5py.string_dtype())
    file.attrs.create("texts", texts[-3:-1], dtype=h5py.string_dtype())
    file.create_dataset("none", (4,), h5py.string_dtype())


def links(file):
    file["here"] = h5py.SoftLink("/nowhere/ü")
    file["there"] = h5py.ExternalLink("other.h5", "/a")
    file.create_dataset("first", data=[1, 2])
    file["second"] = file["first"]


def named_types(file):
    file["number"] = np.dtype("<f4")
    dataset = file.create_dataset("values", (2,), dtype=file["number"])
    dataset[...] = [0.5, -3]
    dataset.attrs.create("shared", [1.5], dtype=file["number"])


def enumerations(file):
    colours = h5py.enum_dtype({"red": 0, "green": 300}, basetype="<i2")
    file.create_dataset("colours", data=np.array([0, 300], "<i2"), dtype=colours)
    switch = h5py.enum_dtype({"FALSE": 0, "TRUE": 1, "UNKNOWN": -1}, basetype="i1")
    file.create_dataset("switch", data=np.array([0, 1, -1], "i1"), dtype=switch)


def empty(file):
    file["nothing"] = h5py.Empty("<f4")
    file.attrs["nothing"] = h5py.Empty("<i8")
    file.create_dataset("no rows", (0, 3), "<f8")
    file.create_dataset("unwritten", (2, 2), "<f8", fillvalue=2.5)


def reordered(file):
    """Filters in another order, and parts of chunks that are not filtered."""
    properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    properties.set_chunk((4, 4))
    properties.set_fletcher32()
    properties.set_deflate(6)
    properties.set_shuffle()
    space = h5py.h5s.create_simple((6, 7))
    dataset = h5py.Dataset(h5py.h5d.create(file.id, b"odd", h5py.h5t.NATIVE_DOUBLE, space, properties))
    dataset[...] = np.arange(42).reshape(6, 7)


def refused(file):
    """What is named and not read: each dataset has its own reason."""
    file.create_dataset("scaleoffset", data=np.arange(100), scaleoffset=0, chunks=(100,))
    file.create_dataset("compound", data=np.zeros(2, [("a", "<f4"), ("b", "<i2")]))
    file.create_dataset("list", data=np.array([np.arange(2), np.arange(3)], object), dtype=h5py.vlen_dtype("<i4"))
    file.create_dataset("reference", data=np.array([file.ref], object), dtype=h5py.ref_dtype)
    file.create_dataset("opaque", data=np.zeros(2, "V3"))
    file.create_dataset("array", (2,), np.dtype(("<f4", (3,))))
    file.create_dataset("large", data=np.array([2**53 + 1], "<i8"))
    file.create_dataset("extended", data=np.zeros(2, np.longdouble))
    file.create_dataset("external", (2,), "<f4", external=[("other.raw", 0, 8)])
    layout = h5py.VirtualLayout((2,), "<f4")
    layout[:] = h5py.VirtualSource("other.h5", "a", (2,))
    file.create_virtual_dataset("virtual", layout)
    file.attrs["compound"] = np.zeros(2, [("a", "<f4")])


def sample(file):
    """A little of everything, as a small file."""
    file.attrs["text"] = "ü"
    file.attrs["fixed"] = np.array([b"a", b"bc"])
    for k in range(10):
        file.create_group(f"lif{k}.lif").attrs["k"] = k
    many = file.create_group("many attributes")
    for k in range(10):
        many.attrs[f"a{k}"] = np.float32(k) / 2
    values = np.arange(12, dtype="<f4").reshape(4, 3)
    file["plain"] = values
    file["big"] = values.astype(">f8")
    file["half"] = values.astype("<f2")
    file["truth"] = values > 5
    file["whole"] = values.astype("<i8") - 6
    file["scalar"] = 0.25
    file.create_dataset("words", data=[["in", "lif"], ["lif", "出"]], dtype=h5py.string_dtype())
    filters = {"compression": "gzip", "shuffle": True, "fletcher32": True}
    for name, most in {"one": (4, 3), "fixed": (6, 3), "growing": (None, 3), "free": (None, None)}.items():
        chunks = (4, 3) if name == "one" else (2, 2)
        file.create_dataset(f"{name} plain", data=values, chunks=chunks, maxshape=most)
        file.create_dataset(f"{name} packed", data=values, chunks=chunks, maxshape=most, **filters)
    file.create_dataset("lzf", data=np.zeros((20, 5), "<i2"), chunks=(9, 5), compression="lzf")
    file["here"] = h5py.SoftLink("/plain")


CASES = {
    case.__name__: case
    for case in (
        many_chunks,
        sparse_chunks,
        far_chunks,
        shrunk,
        early,
        compact,
        many_links,
        many_attributes,
        padded_texts,
        long_texts,
        links,
        named_types,
        enumerations,
        empty,
        reordered,
        large_attributes,
        refused,
        sample,
    )
}
