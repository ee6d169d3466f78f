import { createHash } from 'node:crypto';

/** Numbers at the edges of formats and of arithmetic. */
const EDGES = [
  '0',
  '-1',
  '1',
  '0.5',
  '-0',
  '2147483648',
  '4294967296',
  '9007199254740991',
  '9007199254740993',
  '1e308',
  '1e999',
  '1e-320',
  '127',
  '-128',
  '32769',
];
const FRAGMENTS = [
  'null',
  'true',
  '""',
  '[]',
  '{}',
  '[[]]',
  '{"tensor":"x"}',
  '"__proto__"',
  '"\\ud800"',
  '"\\u0000"',
  'NaN',
  '[1,[2]]',
  '"NIRGraph"',
  '"F64"',
  '"U8"',
  '"BF16"',
  '"in"',
  '"lif"',
  '"out"',
];

/**
 * One random change, or a few. Those of bytes meet the digest first; those of text rebuild length and digest, so that
 * they reach what lies behind.
 *
 * @param {Uint8Array} file
 * @param {import('@spikewire/models').RandomGenerator} random
 */
export function mutate(file, random) {
  let mutated = Uint8Array.from(file);
  const mutations = random.nextInteger(3) === 0 ? BYTE_MUTATIONS : TEXT_MUTATIONS;
  for (let changes = 1 + random.nextInteger(3); changes > 0; changes--) {
    mutated = pick(random, mutations)(mutated, random);
  }
  return mutated;
}

/** The same of bytes that are no file. */
export function mutateBytes(bytes, random) {
  let mutated = Uint8Array.from(bytes);
  for (let changes = 1 + random.nextInteger(3); changes > 0; changes--) {
    mutated = pick(random, BYTE_MUTATIONS)(mutated, random);
  }
  return mutated;
}

const BYTE_MUTATIONS = [flipBit, setByte, truncate, extend, cut, repeat, setLength];
const TEXT_MUTATIONS = [replaceNumber, replaceValue, removeText, repeatText, nestText];

export function pick(random, list) {
  return list[random.nextInteger(list.length)];
}

function place(bytes, random) {
  return random.nextInteger(Math.max(1, bytes.length));
}

function flipBit(bytes, random) {
  if (bytes.length > 0) bytes[place(bytes, random)] ^= 1 << random.nextInteger(8);
  return bytes;
}

function setByte(bytes, random) {
  if (bytes.length > 0) bytes[place(bytes, random)] = pick(random, [0, 1, 0x22, 0x5b, 0x7b, 0x7f, 0x80, 0xff]);
  return bytes;
}

function truncate(bytes, random) {
  return bytes.slice(0, place(bytes, random));
}

function extend(bytes, random) {
  return Buffer.concat([bytes, Buffer.alloc(1 + random.nextInteger(64), random.nextInteger(256))]);
}

function cut(bytes, random) {
  const from = place(bytes, random);
  return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + 1 + random.nextInteger(16))]);
}

function repeat(bytes, random) {
  const from = place(bytes, random);
  const part = bytes.subarray(from, from + 1 + random.nextInteger(64));
  return Buffer.concat([bytes.subarray(0, from), part, bytes.subarray(from)]);
}

function setLength(bytes, random) {
  if (bytes.length < 8) return bytes;
  const length = pick(random, [
    0n,
    1n,
    7n,
    BigInt(bytes.length),
    BigInt(bytes.length) - 8n,
    1n << 20n,
    (1n << 53n) + 1n,
    (1n << 64n) - 1n,
  ]);
  new DataView(bytes.buffer, bytes.byteOffset).setBigUint64(0, length, true);
  return bytes;
}

/** Changes the text of the header, or, half of the time, of the graph inside it. */
function onText(change) {
  return (bytes, random) => {
    const parts = split(bytes);
    if (parts === undefined) return bytes;
    if (random.nextInteger(2) === 0) return join(change(parts.header, random), parts.data);
    try {
      const header = JSON.parse(parts.header);
      header.__metadata__.graph = change(header.__metadata__.graph, random);
      return join(JSON.stringify(header), parts.data);
    } catch {
      return bytes;
    }
  };
}

function split(bytes) {
  if (bytes.length < 8) return undefined;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  if (8 + length > bytes.length) return undefined;
  return { header: Buffer.from(bytes.subarray(8, 8 + length)).toString('utf8'), data: bytes.subarray(8 + length) };
}

/** A file of these parts, with the digest it must have, where there is a place for it. */
export function join(header, data) {
  const blank = header.replace(/"digest":"[0-9a-f]{64}"/, `"digest":"${'0'.repeat(64)}"`);
  const encoded = Buffer.from(blank, 'utf8');
  const bytes = Buffer.concat([Buffer.alloc(8), encoded, data]);
  bytes.writeUInt32LE(encoded.length);
  const at = bytes.indexOf(`"digest":"${'0'.repeat(64)}"`);
  if (at >= 0) bytes.write(createHash('sha256').update(bytes).digest('hex'), at + '"digest":"'.length);
  return Uint8Array.from(bytes);
}

function replaceAt(text, pattern, random, replacement) {
  const matches = [...text.matchAll(pattern)];
  if (matches.length === 0) return text;
  const { index, 0: match } = pick(random, matches);
  return text.slice(0, index) + replacement + text.slice(index + match.length);
}

function replaceNumber(bytes, random) {
  return onText((text) => replaceAt(text, /-?\d+(\.\d+)?(e-?\d+)?/g, random, pick(random, EDGES)))(bytes, random);
}

function replaceValue(bytes, random) {
  return onText((text) => replaceAt(text, /"[^"\\]*"|\[[^[\]]*\]|\d+/g, random, pick(random, FRAGMENTS)))(
    bytes,
    random,
  );
}

function removeText(bytes, random) {
  return onText((text) => replaceAt(text, /,?"\w+":("[^"]*"|\d+|\[[^[\]]*\])|[[\]{},:]/g, random, ''))(bytes, random);
}

function repeatText(bytes, random) {
  return onText((text) => {
    const matches = [...text.matchAll(/"\w+":("[^"]*"|\d+|\[[^[\]]*\]|\{[^{}]*\}),?|\[[^[\]]*\],?/g)];
    if (matches.length === 0) return text;
    const { index, 0: match } = pick(random, matches);
    return text.slice(0, index) + `${match},`.replace(',,', ',') + text.slice(index);
  })(bytes, random);
}

function nestText(bytes, random) {
  const depth = pick(random, [1, 1, 2, 3, 3, 20, 70, 10_000]);
  const [open, close] = pick(random, [
    ['[', ']'],
    ['{"a":', '}'],
  ]);
  return onText((text) => replaceAt(text, /\d+/g, random, `${open.repeat(depth)}1${close.repeat(depth)}`))(
    bytes,
    random,
  );
}
