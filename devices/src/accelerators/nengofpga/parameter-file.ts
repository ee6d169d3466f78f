import { deflateRawSync } from 'node:zlib';
import { crc32 } from '../fpga/crc32.ts';

/** A matrix or vector of float64, row-major. */
export interface FloatArray {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** What a dict of the file may hold. A number is written as a whole one only where it is in `whole`. */
export type Entry = string | number | { readonly whole: number } | FloatArray;

/** The four dicts that the script of the board reads (nengo-fpga e0bd838, fpga_pes_ensemble_network.py). */
export interface ScriptParameters {
  readonly sim_args: Readonly<Record<string, Entry>>;
  readonly ens_args: Readonly<Record<string, Entry>>;
  readonly conn_args: Readonly<Record<string, Entry>>;
  readonly recur_args: Readonly<Record<string, Entry>>;
}

/**
 * The file `fpen_args_<id>.npz`: a deflated zip of one .npy per dict, each an array without dimensions of one Python
 * object, pickled by protocol 2 (NEP 1; Python's pickletools). `np.load(…, allow_pickle=True)` reads it.
 */
export function parameterFile(parameters: ScriptParameters): Uint8Array {
  return zip(Object.entries(parameters).map(([name, dict]) => [`${name}.npy`, npy(pickleOf(dict))] as const));
}

function npy(pickle: Uint8Array): Uint8Array {
  const dictionary = "{'descr': '|O', 'fortran_order': False, 'shape': (), }";
  // The header ends at a multiple of 64 bytes; 10 bytes are before it.
  const header = `${dictionary.padEnd(128 - 11)}\n`;
  const start = Uint8Array.of(0x93, ...Buffer.from('NUMPY'), 1, 0, header.length & 255, header.length >> 8);
  return Buffer.concat([start, Buffer.from(header, 'latin1'), pickle]);
}

/** Opcodes of pickle protocol 2. */
const op = (code: string) => Buffer.from(code, 'latin1');

const [NONE, FALSE, TRUE, MARK, TUPLE, REDUCE, BUILD] = ['N', '\x89', '\x88', '(', 't', 'R', 'b'].map(op);
const [EMPTY_TUPLE, EMPTY_LIST, EMPTY_DICT, APPEND, SETITEMS, STOP] = [')', ']', '}', 'a', 'u', '.'].map(op);

const global = (module: string, name: string) => op(`c${module}\n${name}\n`);

function whole(value: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes.write('J', 'latin1');
  bytes.writeInt32LE(value, 1);
  return bytes;
}

function real(value: number): Buffer {
  const bytes = Buffer.alloc(9);
  bytes.write('G', 'latin1');
  bytes.writeDoubleBE(value, 1);
  return bytes;
}

function unicode(text: string): Buffer {
  const encoded = Buffer.from(text, 'utf8');
  const head = Buffer.alloc(5);
  head.write('X', 'latin1');
  head.writeUInt32LE(encoded.length, 1);
  return Buffer.concat([head, encoded]);
}

const tuple = (...items: readonly Uint8Array[]) => Buffer.concat([MARK!, ...items, TUPLE!]);
const call = (made: Uint8Array, ...words: readonly Uint8Array[]) => Buffer.concat([made, tuple(...words), REDUCE!]);

/** Protocol 2 has no bytes of its own: Python 3 writes them as text that is encoded when it is read. */
const bytesOf = (bytes: Uint8Array) =>
  call(global('_codecs', 'encode'), unicode(Buffer.from(bytes).toString('latin1')), unicode('latin1'));

function dtype(name: string, order: string, flags: number): Buffer {
  const state = tuple(whole(3), unicode(order), NONE!, NONE!, NONE!, whole(-1), whole(-1), whole(flags));
  return Buffer.concat([call(global('numpy', 'dtype'), unicode(name), FALSE!, TRUE!), state, BUILD!]);
}

function ndarray(shape: readonly number[], type: Uint8Array, content: Uint8Array): Buffer {
  const empty = tuple(whole(0));
  const made = call(
    global('numpy.core.multiarray', '_reconstruct'),
    global('numpy', 'ndarray'),
    empty,
    bytesOf(op('b')),
  );
  const dimensions = shape.length === 0 ? EMPTY_TUPLE! : tuple(...shape.map(whole));
  return Buffer.concat([made, tuple(whole(1), dimensions, type, FALSE!, content), BUILD!]);
}

/** NumPy pickles an object array as a list of its elements; here the only one is the dict. */
function pickleOf(dict: Readonly<Record<string, Entry>>): Buffer {
  const items = Object.entries(dict).flatMap(([key, value]) => [unicode(key), pickledEntry(value)]);
  const filled = Buffer.concat([EMPTY_DICT!, MARK!, ...items, SETITEMS!]);
  const list = Buffer.concat([EMPTY_LIST!, filled, APPEND!]);
  // 63: flags of the type of objects in NumPy 1 and 2.
  return Buffer.concat([op('\x80\x02'), ndarray([], dtype('O8', '|', 63), list), STOP!]);
}

function pickledEntry(entry: Entry): Buffer {
  if (typeof entry === 'string') return unicode(entry);
  if (typeof entry === 'number') return real(entry);
  if ('whole' in entry) return whole(entry.whole);
  const numbers = Buffer.alloc(8 * entry.data.length);
  for (let k = 0; k < entry.data.length; k++) numbers.writeDoubleLE(entry.data[k]!, 8 * k);
  return ndarray(entry.shape, dtype('f8', '<', 0), bytesOf(numbers));
}

/** A zip of deflated files (APPNOTE 6.3.10, chapters 4.3.7, 4.3.12 and 4.3.16). */
function zip(files: readonly (readonly [name: string, content: Uint8Array])[]): Uint8Array {
  const [parts, directory]: [Buffer[], Buffer[]] = [[], []];
  let at = 0;
  for (const [name, content] of files) {
    const packed = deflateRawSync(content);
    const fields = fieldsOf(name, content, packed.length);
    const local = Buffer.concat([signature(0x04034b50), fields, Buffer.from(name), packed]);
    // No comment, disk 0, attributes of a plain file.
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(at, 10);
    directory.push(Buffer.concat([signature(0x02014b50), Buffer.of(20, 0), fields, tail, Buffer.from(name)]));
    parts.push(local);
    at += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, central, end]);
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** What both headers of a file have: version 2.0, no flags, deflated, 1980-01-01, checksum, sizes, length of name. */
function fieldsOf(name: string, content: Uint8Array, packed: number): Buffer {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20, 0);
  fields.writeUInt16LE(8, 4);
  fields.writeUInt16LE(0x21, 8);
  fields.writeUInt32LE(crc32(content), 10);
  fields.writeUInt32LE(packed, 14);
  fields.writeUInt32LE(content.length, 18);
  fields.writeUInt16LE(name.length, 22);
  return fields;
}
