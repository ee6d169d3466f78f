"""h5py for tests: takes requests as lines of JSON, and answers each with a line.

{"write": path, "file": {"libver": [low, high], "userblock": bytes}, "tree": group} writes a file; {"list": path}
gives its tree; {"case": name, "path": path, "libver": [low, high]} writes a file of cases.py. A tree is as in
exchange/src/hdf5/tree.ts, with objects for maps. Beside shape and values, an array has the name of its type, such as
"<f4", "bool", "utf-8", "ascii" or "utf-8:10" (of fixed length). Needs h5py (Debian python3-h5py).
"""

import json
import math
import sys

import h5py
import numpy as np
from cases import CASES

SPECIAL = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def dtype_of(name):
    if name == "bool":
        return np.dtype(bool)
    if name.startswith(("utf-8", "ascii")):
        characters, _, length = name.partition(":")
        return h5py.string_dtype(characters, int(length) if length else None)
    return np.dtype(name)


def array_of(node):
    dtype = dtype_of(node["type"])
    values = [SPECIAL.get(v, v) if dtype.kind == "f" else v for v in node["values"]]
    if h5py.check_string_dtype(dtype):
        values = [v.encode() for v in values]
    return np.array(values, dtype).reshape(node["shape"]), dtype


def write_attributes(target, node):
    for name, attribute in node.get("attributes", {}).items():
        values, dtype = array_of(attribute)
        target.attrs.create(name, values, dtype=dtype)


def write_group(group, node):
    for name, child in node["children"].items():
        if child["kind"] == "group":
            target = group.create_group(name, track_order=node.get("track_order"))
            write_group(target, child)
        else:
            values, dtype = array_of(child)
            options = {k: tuple(v) if isinstance(v, list) else v for k, v in child.get("options", {}).items()}
            options["track_order"] = node.get("track_order")
            target = group.create_dataset(name, data=values, dtype=dtype, **options)
        write_attributes(target, child)


def write(path, file, tree):
    low, high = file["libver"]
    options = {"userblock_size": file["userblock"]} if file.get("userblock") else {}
    with h5py.File(path, "w", libver=(low, high), track_order=tree.get("track_order"), **options) as target:
        write_group(target, tree)
        write_attributes(target, tree)


def plain(value):
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, (float, np.floating)):
        value = float(value)
        return value if math.isfinite(value) else str(value)
    return int(value)


def type_name(array):
    dtype = array.dtype
    text = h5py.check_string_dtype(dtype)
    if text:
        return text.encoding + (f":{text.length}" if text.length else "")
    if dtype.kind == "b":
        return "bool"
    return dtype.newbyteorder("=").str if dtype.kind in "fiu" and dtype.isnative else dtype.str


def list_array(array, read):
    shape = array.shape
    if shape is None:
        return {"shape": [0], "type": type_name(array), "values": []}
    values = np.asarray(read(), dtype=object if h5py.check_string_dtype(array.dtype) else None)
    return {"shape": list(shape), "type": type_name(array), "values": [plain(v) for v in values.flatten()]}


def list_attributes(target):
    found = {}
    for name in target.attrs:
        attribute = target.attrs.get_id(name)
        found[name] = list_array(attribute, lambda: raw_values(attribute))
    return found


def raw_values(attribute):
    values = np.zeros(attribute.shape, attribute.dtype)
    if values.size:
        attribute.read(values)
    return values


def list_node(group, name):
    link = group.get(name, getlink=True)
    if isinstance(link, h5py.SoftLink):
        return {"kind": "other", "what": f'a soft link to "{link.path}"'}
    if isinstance(link, h5py.ExternalLink):
        return {"kind": "other", "what": "a link to another file"}
    target = group[name]
    if isinstance(target, h5py.Datatype):
        return {"kind": "other", "what": "a named datatype"}
    if isinstance(target, h5py.Group):
        return list_group(target)
    return {"kind": "dataset", **list_array(target, lambda: target[()]), "attributes": list_attributes(target)}


def list_group(group):
    children = {name: list_node(group, name) for name in group}
    return {"kind": "group", "attributes": list_attributes(group), "children": children}


LIBVER = {"earliest": h5py.h5f.LIBVER_EARLIEST, "v108": h5py.h5f.LIBVER_V18, "latest": h5py.h5f.LIBVER_LATEST}


def create(path, libver, widths):
    """As h5py.File, which has no option for the bytes of addresses and lengths."""
    plan = h5py.h5p.create(h5py.h5p.FILE_CREATE)
    plan.set_sizes(*widths)
    access = h5py.h5p.create(h5py.h5p.FILE_ACCESS)
    access.set_libver_bounds(*(LIBVER[name] for name in libver))
    return h5py.File(h5py.h5f.create(path.encode(), h5py.h5f.ACC_TRUNC, plan, access))


def answer(request):
    if "write" in request:
        return write(request["write"], request["file"], request["tree"])
    if "case" in request:
        with create(request["path"], request["libver"], request["widths"]) as file:
            return CASES[request["case"]](file)
    with h5py.File(request["list"], "r") as file:
        return list_group(file)


def serve():
    for line in sys.stdin:
        try:
            print(json.dumps({"answer": answer(json.loads(line))}), flush=True)
        except Exception as error:  # noqa: BLE001: the test shows whatever it is
            print(json.dumps({"error": repr(error)}), flush=True)


if __name__ == "__main__":
    serve()
