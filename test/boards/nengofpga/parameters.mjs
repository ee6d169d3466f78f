import { inflateRawSync } from 'node:zlib';

// Reads a file of parameters as numpy does, and refuses everything else that a pickle may hold.

/** By name without .npy, the dict of each array of one object. */
export function readParameters(bytes) {
  const dicts = {};
  for (const [name, content] of unzip(bytes)) dicts[name.replace(/\.npy$/, '')] = unpickle(objectOf(content));
  return dicts;
}

function unzip(bytes) {
  const end = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  if (end < 0) throw new Error('no end of a zip');
  const files = [];
  let at = bytes.readUInt32LE(end + 16);
  for (let k = 0; k < bytes.readUInt16LE(end + 10); k++) {
    if (bytes.readUInt32BE(at) !== 0x504b0102) throw new Error('no entry of a zip');
    if (bytes.readUInt16LE(at + 10) !== 8) throw new Error('a file that is not deflated');
    const [packed, size, name, extra, comment] = [
      bytes.readUInt32LE(at + 20),
      bytes.readUInt32LE(at + 24),
      bytes.readUInt16LE(at + 28),
      bytes.readUInt16LE(at + 30),
      bytes.readUInt16LE(at + 32),
    ];
    const local = bytes.readUInt32LE(at + 42);
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const content = inflateRawSync(bytes.subarray(start, start + packed));
    if (content.length !== size) throw new Error('a file of another size');
    files.push([bytes.toString('latin1', at + 46, at + 46 + name), content]);
    at += 46 + name + extra + comment;
  }
  return files;
}

function objectOf(npy) {
  if (npy.toString('latin1', 1, 6) !== 'NUMPY' || npy[0] !== 0x93) throw new Error('no npy');
  const length = npy.readUInt16LE(8);
  const header = npy.toString('latin1', 10, 10 + length);
  if (!/'descr': '\|O'/.test(header) || !/'shape': \(\)/.test(header)) throw new Error(`an array of ${header}`);
  if ((10 + length) % 64 !== 0) throw new Error('a header that is not aligned');
  return npy.subarray(10 + length);
}

const MARK = Symbol('mark');

class NdArray {
  setState([version, shape, type, isFortran, content]) {
    if (version !== 1 || isFortran) throw new Error('another form of array');
    if (type.name === 'O8') this.value = content[0];
    else {
      const numbers = Array.from({ length: content.length / 8 }, (_, k) => content.readDoubleLE(8 * k));
      if (numbers.length !== shape.reduce((size, each) => size * each, 1)) throw new Error('an array of another size');
      Object.assign(this, { shape, numbers });
    }
  }
}

class DataType {
  constructor(name) {
    if (name !== 'O8' && name !== 'f8') throw new Error(`a type ${name}`);
    this.name = name;
  }
  setState([version, order]) {
    if (version !== 3 || (this.name === 'f8' && order !== '<')) throw new Error('another form of type');
  }
}

/** All that a pickle may call. */
const CALLS = {
  'numpy.core.multiarray _reconstruct': () => new NdArray(),
  'numpy dtype': (name) => new DataType(name),
  '_codecs encode': (text, encoding) => Buffer.from(text, encoding),
};

function unpickle(bytes) {
  const stack = [];
  let at = 0;
  const line = () => {
    const end = bytes.indexOf(10, at);
    const text = bytes.toString('latin1', at, end);
    at = end + 1;
    return text;
  };
  const toMark = () => stack.splice(stack.lastIndexOf(MARK)).slice(1);
  const operations = {
    '\x80': () => {
      if (bytes[at++] !== 2) throw new Error('another protocol');
    },
    c: () => stack.push(`${line()} ${line()}`),
    '(': () => stack.push(MARK),
    t: () => stack.push(toMark()),
    ')': () => stack.push([]),
    ']': () => stack.push([]),
    '}': () => stack.push({}),
    N: () => stack.push(null),
    '\x88': () => stack.push(true),
    '\x89': () => stack.push(false),
    J: () => {
      stack.push(bytes.readInt32LE(at));
      at += 4;
    },
    G: () => {
      stack.push(bytes.readDoubleBE(at));
      at += 8;
    },
    X: () => {
      const length = bytes.readUInt32LE(at);
      stack.push(bytes.toString('utf8', at + 4, at + 4 + length));
      at += 4 + length;
    },
    R: () => {
      const [name, words] = stack.splice(-2);
      if (!Object.hasOwn(CALLS, name)) throw new Error(`a call of ${name}`);
      stack.push(CALLS[name](...words));
    },
    b: () => {
      const state = stack.pop();
      stack.at(-1).setState(state);
    },
    a: () => {
      const item = stack.pop();
      stack.at(-1).push(item);
    },
    u: () => {
      const items = toMark();
      for (let k = 0; k < items.length; k += 2) stack.at(-1)[items[k]] = items[k + 1];
    },
  };
  for (;;) {
    const code = String.fromCharCode(bytes[at++]);
    if (code === '.') return stack.pop().value;
    if (!Object.hasOwn(operations, code)) throw new Error(`an opcode ${JSON.stringify(code)}`);
    operations[code]();
  }
}
