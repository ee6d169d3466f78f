"""Writes recordings of the same events in AEDAT 2.0, 3.1 and 4.0 from their published layouts, without spikewire.

/usr/bin/python3 test/golden/address-events.py     needs the commands lz4 and zstd
With the name of an AEDAT 4 file it prints what is in it instead.
"""

import json
import random
import struct
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent / "data" / "address-events"


def made():
    """300 events on 346 x 260, microseconds that begin late."""
    draw = random.Random(20261202)
    time = 1_600_000_000_000_123
    for _ in range(300):
        time += draw.choice([0, 1, 7, 250, 12_345])
        yield time, draw.randrange(346), draw.randrange(260), draw.randrange(2)


def aedat2(events):
    """The clock of 32 bits begins anew after the first 256 microseconds; a pixel's brightness is no event."""
    lines = [b"#!AER-DAT2.0", b"# a raw AE data file", b"# AEChip: eu.seebetter.ini.chips.davis.Davis346red", b""]
    first = events[0][0]
    words = [((y << 22) | (x << 12) | (p << 11), (t - first + 0xFFFFFF00) & 0xFFFFFFFF) for t, x, y, p in events]
    words.insert(10, (0x80000000 | (3 << 22), words[9][1]))
    return b"\r\n".join(lines) + b"".join(struct.pack(">II", *pair) for pair in words)


def aedat3(events):
    lines = "#!AER-DAT3.1\r\n#Format: RAW\r\n#Source 1: DAVIS346\r\n#Start-Time: 2026-12-02 08:00:00 (TZ+0000)\r\n#!END-HEADER\r\n"
    special = struct.pack("<hhiiiiii", 0, 1, 8, 4, 0, 1, 1, 1) + struct.pack("<Ii", 1, 9)
    packets = [special]
    for k in range(0, len(events), 100):
        part = events[k : k + 100]
        overflow = part[0][0] >> 31
        invalid = struct.pack("<Ii", 0, 0)
        body = b"".join(
            struct.pack("<Ii", (x << 17) | (y << 2) | (p << 1) | 1, t - (overflow << 31)) for t, x, y, p in part
        )
        packets.append(struct.pack("<hhiiiiii", 1, 1, 8, 4, overflow, 101, 101, 100) + invalid + body)
    return lines.encode() + b"".join(packets)


def table(identifier, fields):
    """A table in front of what its fields refer to: (size, value) of scalars, bytes of vectors with their count."""
    sizes = [4 if isinstance(f, tuple) and isinstance(f[1], bytes) else f[0] for f in fields]
    offsets, at = [], 4
    for size in sizes:
        at = -(-at // size) * size
        offsets.append(at)
        at += size
    length = at
    fields_list = struct.pack(f"<HH{len(fields)}H", 4 + 2 * len(fields), length, *offsets)
    start = 8 + len(fields_list)
    start += -start % 8
    body = bytearray(start + length)
    struct.pack_into("<I4s", body, 0, start, identifier)
    body[start - len(fields_list) : start] = fields_list
    struct.pack_into("<i", body, start, len(fields_list))
    for offset, field in zip(offsets, fields):
        if isinstance(field[1], bytes):
            body += b"\0" * (-(len(body) + 4) % 8)
            struct.pack_into("<I", body, start + offset, len(body) - start - offset)
            body += struct.pack("<I", field[0]) + field[1]
        else:
            struct.pack_into({4: "<i", 8: "<q"}[field[0]], body, start + offset, field[1])
    return struct.pack("<I", len(body)) + bytes(body)


XML = """<dv version="2.0">
  <node name="outInfo" path="/mainloop/Recorder/outInfo/">
    <node name="0" path="/mainloop/Recorder/outInfo/0/">
      <attr key="typeIdentifier" type="string">FRME</attr>
      <node name="info" path="/mainloop/Recorder/outInfo/0/info/"><attr key="sizeX" type="int">1</attr></node>
    </node>
    <node name="1" path="/mainloop/Recorder/outInfo/1/">
      <attr key="typeIdentifier" type="string">EVTS</attr>
      <node name="info" path="/mainloop/Recorder/outInfo/1/info/">
        <attr key="sizeX" type="int">346</attr><attr key="sizeY" type="int">260</attr>
      </node>
    </node>
  </node>
</dv>"""


def aedat4(events, compression, command):
    press = lambda data: subprocess.run(command, input=data, capture_output=True, check=True).stdout if command else data
    packets = b""
    for k in range(0, len(events), 100):
        elements = b"".join(struct.pack("<qhhB3x", t, x, y, p) for t, x, y, p in events[k : k + 100])
        for stream, data in ((0, b"no events"), (1, table(b"EVTS", [(len(events[k : k + 100]), elements)]))):
            data = press(data)
            packets += struct.pack("<ii", stream, len(data)) + data
    xml = XML.encode()
    header = table(b"IOHE", [(4, compression), (8, 0), (len(xml), xml + b"\0")])
    end = 14 + len(header) + len(packets)
    header = table(b"IOHE", [(4, compression), (8, end), (len(xml), xml + b"\0")])
    return b"#!AER-DAT4.0\r\n" + header + packets + press(b"the table of packets")


def print_summary(path):
    """What an AEDAT 4 file of LZ4 has, by the command lz4."""
    data = Path(path).read_bytes()
    at = 18 + struct.unpack_from("<I", data, 14)[0]
    root = 18 + struct.unpack_from("<I", data, 18)[0]
    fields = root - struct.unpack_from("<i", data, root)[0]
    end = struct.unpack_from("<q", data, root + struct.unpack_from("<H", data, fields + 6)[0])[0]
    events = []
    while at < end:
        stream, size = struct.unpack_from("<iI", data, at)
        packet = subprocess.run(["lz4", "-dc"], input=data[at + 8 : at + 8 + size], capture_output=True, check=True).stdout
        if packet[8:12] == b"EVTS":
            head = 4 + struct.unpack_from("<I", packet, 4)[0]
            slots = head - struct.unpack_from("<i", packet, head)[0]
            vector = head + struct.unpack_from("<H", packet, slots + 4)[0]
            vector += struct.unpack_from("<I", packet, vector)[0]
            count = struct.unpack_from("<I", packet, vector)[0]
            events += struct.iter_unpack("<qhhB3x", packet[vector + 4 : vector + 4 + 16 * count])
        at += 8 + size
    times, xs, ys, ons = zip(*events)
    print(len(events), min(times), max(times), sum(xs), sum(ys), sum(ons), sorted(times) == list(times))


def main():
    if len(sys.argv) > 1:
        return print_summary(sys.argv[1])
    events = list(made())
    FOLDER.mkdir(exist_ok=True)
    lz4 = ["lz4", "-z", "-c", "-q"]
    files = {
        "two.aedat": aedat2(events),
        "three.aedat": aedat3(events),
        "plain.aedat4": aedat4(events, 0, None),
        "lz4.aedat4": aedat4(events, 1, [*lz4, "-BX", "-BD", "-B4"]),
        "lz4-high.aedat4": aedat4(events, 2, [*lz4, "-9", "--no-frame-crc"]),
        "zstd.aedat4": aedat4(events, 3, ["zstd", "-q", "-c"]),
        "events.json": json.dumps(events).replace("],", "],\n").encode() + b"\n",
    }
    for name, data in files.items():
        (FOLDER / name).write_bytes(data)


main()
