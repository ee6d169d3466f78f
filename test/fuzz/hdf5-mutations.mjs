import { mutateBytes, pick } from './mutations.mjs';

/** Signatures of parts that end with a checksum, or have it within. */
const SEALED = ['OHDR', 'OCHK', 'BTHD', 'BTIN', 'BTLF', 'FRHP', 'FHIB', 'FAHD', 'FADB', 'EAHD', 'EAIB', 'EASB', 'EADB'];
const SUPERBLOCK = '\x89HDF\r\n\x1a\n';
const LONGEST = 4096;

/** An HDF5 file, and where it has checksums, so that a damaged copy can have right ones. */
export function sealedFile(bytes) {
  return { bytes, seals: [...endingSeals(bytes), ...innerSeals(bytes)] };
}

/** Damaged bytes, most of the time of the same length, and then half of the time with right checksums. */
export function mutateHdf5({ bytes, seals }, random) {
  if (random.nextInteger(8) === 0) return mutateBytes(bytes, random);
  const mutated = new Uint8Array(bytes);
  for (let changes = 1 + random.nextInteger(3); changes > 0; changes--) pick(random, CHANGES)(mutated, random);
  if (random.nextInteger(2) === 0) {
    putSums(
      mutated,
      seals.filter((seal) => isChanged(seal, bytes, mutated)),
    );
  }
  return mutated;
}

function isChanged({ start, end }, before, after) {
  return Buffer.compare(before.subarray(start, end), after.subarray(start, end)) !== 0;
}

const CHANGES = [flipBit, setByte, setNumber, moveAddress, moveAddress, copyPart];

function place(bytes, random, size = 1) {
  return random.nextInteger(bytes.length - size + 1);
}

function flipBit(bytes, random) {
  bytes[place(bytes, random)] ^= 1 << random.nextInteger(8);
}

function setByte(bytes, random) {
  bytes[place(bytes, random)] = pick(random, [0, 1, 2, 3, 4, 7, 8, 9, 0x20, 0x7f, 0x80, 0xff]);
}

function setNumber(bytes, random) {
  const edges = [
    0n,
    1n,
    BigInt(bytes.length),
    2n ** 16n,
    2n ** 31n,
    2n ** 32n - 1n,
    2n ** 40n,
    2n ** 53n,
    2n ** 64n - 1n,
  ];
  const at = place(bytes, random, 8);
  new DataView(bytes.buffer).setBigUint64(at, pick(random, edges), true);
}

/** Lets something that looks like an address lead to where another one leads. */
function moveAddress(bytes, random) {
  const view = new DataView(bytes.buffer);
  const isAddress = (at) => {
    const value = view.getBigUint64(at, true);
    return value > 40n && value < BigInt(bytes.length);
  };
  const find = () => {
    const start = place(bytes, random, 8);
    for (let at = start; at <= bytes.length - 8 && at < start + 512; at++) if (isAddress(at)) return at;
    return undefined;
  };
  const [from, to] = [find(), find()];
  if (from !== undefined && to !== undefined) view.setBigUint64(to, view.getBigUint64(from, true), true);
}

function copyPart(bytes, random) {
  const size = 1 + random.nextInteger(Math.min(64, bytes.length));
  const from = place(bytes, random, size);
  bytes.copyWithin(place(bytes, random, size), from, from + size);
}

/** Parts whose last four bytes are the checksum of all before them. */
function endingSeals(bytes) {
  const starts = SEALED.flatMap((signature) => placesOf(bytes, signature));
  const isNew = bytes[8] >= 2;
  const seals = starts.map((start) => ({ start, at: endOf(bytes, start) })).filter(({ at }) => at !== undefined);
  const superblocks = isNew ? placesOf(bytes, SUPERBLOCK).map((start) => ({ start, at: start + 44 })) : [];
  return [...seals, ...superblocks].map(({ start, at }) => ({ start, end: at, at }));
}

function endOf(bytes, start) {
  for (let at = start + 8; at + 4 <= bytes.length && at < start + LONGEST; at++) {
    if (numberAt(bytes, at) === lookup3(bytes.subarray(start, at))) return at;
  }
  return undefined;
}

/** Direct blocks of heaps, whose checksum stands within them and counts as zeros. */
function innerSeals(bytes) {
  return placesOf(bytes, 'FHDB').flatMap((start) => {
    const forms = [512, 1024, 2048, 4096].flatMap((size) =>
      [17, 18].map((by) => ({ start, end: start + size, at: start + by })),
    );
    return forms
      .filter((seal) => seal.end <= bytes.length && numberAt(bytes, seal.at) === sumOf(bytes, seal))
      .slice(0, 1);
  });
}

function sumOf(bytes, { start, end, at }) {
  const part = bytes.slice(start, end);
  if (at < end) part.fill(0, at - start, at - start + 4);
  return lookup3(part);
}

/** Makes the checksums of these parts right. */
export function putSums(bytes, seals) {
  for (const seal of seals) new DataView(bytes.buffer).setUint32(seal.at, sumOf(bytes, seal), true);
}

function numberAt(bytes, at) {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true);
}

function placesOf(bytes, signature) {
  const [buffer, found] = [Buffer.from(bytes), []];
  for (let at = buffer.indexOf(signature, 0, 'latin1'); at >= 0; at = buffer.indexOf(signature, at + 1, 'latin1'))
    found.push(at);
  return found;
}

const MIXING = [4, 6, 8, 16, 19, 4];
const FINAL = [14, 11, 25, 16, 4, 14, 24];

/** Jenkins's lookup3, again and in another way than in the reader. */
function lookup3(bytes) {
  const words = new Int32Array(Math.max(3, Math.ceil(bytes.length / 12) * 3));
  const view = new Uint8Array(words.buffer);
  view.set(bytes);
  const state = new Int32Array(3).fill(0xdeadbeef + bytes.length);
  const rotated = (value, by) => (value << by) | (value >>> (32 - by));
  for (let at = 0; at < words.length; at += 3) {
    for (let k = 0; k < 3; k++) state[k] += words[at + k];
    if (at + 3 < words.length) {
      MIXING.forEach((by, k) => {
        const [x, y, z] = [k % 3, (k + 1) % 3, (k + 2) % 3];
        state[x] = (state[x] - state[z]) ^ rotated(state[z], by);
        state[z] += state[y];
      });
    }
  }
  FINAL.forEach((by, k) => {
    const [x, y] = [(2 + k) % 3, (1 + k) % 3];
    state[x] = (state[x] ^ state[y]) - rotated(state[y], by);
  });
  return state[2] >>> 0;
}
