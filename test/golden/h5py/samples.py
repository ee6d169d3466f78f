"""Writes test/golden/data/hdf5: python3 test/golden/h5py/samples.py

The same small tree as each version of the library writes it, and what h5py reads of it. Needs h5py (Debian
python3-h5py).
"""

import json
from pathlib import Path

import h5py
from cases import sample
from server import list_group

FOLDER = Path(__file__).parent.parent / "data" / "hdf5"

FOLDER.mkdir(exist_ok=True)
for version in ("earliest", "v108", "latest"):
    path = FOLDER / f"{version}.h5"
    with h5py.File(path, "w", libver=(version, "latest")) as file:
        sample(file)
    with h5py.File(path) as file:
        tree = list_group(file)
(FOLDER / "tree.json").write_text(json.dumps(tree, ensure_ascii=False) + "\n")
