/**
 * Reads files, large or hostile, and says what each cost: `node --expose-gc test/fuzz/memory.mjs CASE…` prints a line
 * of JSON per case with the file's bytes, the growth of what is in use and of the process' largest size, for texts what
 * they are allowed, and how it ended. A process never shrinks: what must be exact runs alone. Without a case it prints the names of all.
 */
import { jsonMemory, readAnyModel, SpikewireError, tensor, writeSafetensors } from '@spikewire/models';
import { files } from './corpus.mjs';
import { join } from './mutations.mjs';

const LARGE = 20_000_000;
/** Characters of a text. */
const TEXT = 3_000_000;
/** Bytes that a net of two nodes takes. */
const SMALL = 1_000_000;

/** A text form with so much in it, which the header of a binary form need not hold. */
function text(section) {
  return Buffer.from(`{${io},${section}}`);
}

/** A file with a right digest around a graph, as an attacker would make it. */
function forge(graph, tensors = new Map()) {
  const blank = { format: 'spikewire', version: '1', graph, digest: '0'.repeat(64) };
  const bytes = writeSafetensors(tensors, blank);
  const length = new DataView(bytes.buffer).getUint32(0, true);
  return join(Buffer.from(bytes.subarray(8, 8 + length)).toString(), bytes.subarray(8 + length));
}

function large() {
  const side = Math.floor(Math.sqrt(LARGE / 4));
  const weight = tensor(new Float32Array(side * side).fill(0.5), [side, side]);
  const nodes = {
    in: { type: 'Input', shape: [side] },
    fc: { type: 'Linear', weight: { tensor: 'w' } },
    out: { type: 'Output' },
  };
  return forge(
    JSON.stringify({
      nodes,
      edges: [
        ['in', 'fc'],
        ['fc', 'out'],
      ],
    }),
    new Map([['w', weight]]),
  );
}

function header(text, payload = 0) {
  return join(text, Buffer.alloc(payload));
}

/** Text of about a mebibyte, the most that a header holds. */
function filled(piece, length = 900_000) {
  return piece.repeat(Math.floor(length / piece.length));
}

const provenance = (piece, length) => text(`"provenance":{"a":[${filled(piece, length)}0]}`);

function graphOf(count, node, edge) {
  const nodes = Array.from({ length: count }, (_, index) => `"${index}":${node(index)}`).join();
  const edges = Array.from({ length: count - 1 }, (_, index) => JSON.stringify(edge(index))).join();
  return `{"nodes":{${nodes}},"edges":[${edges}]}`;
}

const relay = (index) => (index === 0 ? '{"type":"Input","shape":[1]}' : '{"type":"Output"}');
const io = '"nodes":{"i":{"type":"Input","shape":[1]},"o":{"type":"Output"}},"edges":[["i","o"]]';

const cases = {
  large,
  'large, not aligned': () => {
    const bytes = large();
    const shifted = new Uint8Array(bytes.length + 1).subarray(1);
    shifted.set(bytes);
    return shifted;
  },
  'claims 8 EB of header': () => Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0x7f, 0x7b),
  'claims 4 GB of tensor': () => header('{"a":{"dtype":"F32","shape":[1073741824],"data_offsets":[0,4294967296]}}', 8),
  'claims 4 GB in no bytes': () => header('{"a":{"dtype":"F32","shape":[1073741824],"data_offsets":[0,0]}}'),
  'claims 16 million neurons': () =>
    forge(
      '{"nodes":{"i":{"type":"Input","shape":[4000,4000]},"n":{"type":"LIF","tau":1,"v_threshold":1}},"edges":[["i","n"]]}',
    ),
  'claims an image of 200 million pixels': () =>
    forge(
      '{"nodes":{"i":{"type":"Input","shape":[1,10000,10000]},"c":{"type":"Conv2d","weight":[[[[1]]]],"bias":[1]},"o":{"type":"Output"}},"edges":[["i","c"],["c","o"]]}',
    ),
  'delays of a terabyte': () => forge(`{${io.replace('["i","o"]', '["i","o",{"delay":2147483647}]')}}`),
  'a megabyte of brackets': () => header(filled('[')),
  'a megabyte of braces': () => header(filled('{"a":')),
  'a megabyte of quotes': () => header(`{"a":"${filled('\\"')}`),
  'a megabyte of sizes': () => header(`{"a":{"dtype":"U8","shape":[${filled('1,')}1],"data_offsets":[0,1]}}`, 1),
  'a megabyte of empty lists in the provenance': () => forge(`{${io},"provenance":{"a":[${filled('[],')}0]}}`),
  'a megabyte of empty objects in the provenance': () => forge(`{${io},"provenance":{"a":[${filled('{},')}0]}}`),
  'half a megabyte of labels': () => forge(`{${io},"labels":[${filled('"",').slice(0, 450_000)}"x"]}`),
  'a chain in the worst order': () =>
    forge(
      graphOf(
        14_000,
        (index) => relay(13_999 - index),
        (index) => [`${index + 1}`, `${index}`],
      ),
    ),
  'a ring behind a chain': () =>
    forge(graphOf(14_000, relay, (index) => (index === 5000 ? ['5000', '4000'] : [`${index}`, `${index + 1}`]))),
  'all nodes to one': () => forge(graphOf(14_000, relay, (index) => [`${index}`, '13999'])),
  'edges through dots': () => {
    const inner = Array.from({ length: 10_000 }, (_, index) => `"${index}":{"type":"Input","shape":[1]}`).join();
    const edges = Array.from({ length: 10_000 }, (_, index) => `["i","${'.'.repeat(5)}g.${index}"]`).join();
    return forge(
      `{"nodes":{"i":{"type":"Input","shape":[1]},"g":{"type":"NIRGraph","nodes":{${inner}},"edges":[]}},"edges":[${edges}]}`,
    );
  },
  'edges into a wide sub-graph': () => {
    const inner = Array.from({ length: 12_000 }, (_, index) => `"${index}":{"type":"Input","shape":[1]}`).join();
    const edges = Array.from({ length: 12_000 }, (_, index) => `["i","g.${index}"]`).join();
    return forge(
      `{"nodes":{"i":{"type":"Input","shape":[1]},"g":{"type":"NIRGraph","nodes":{${inner}},"edges":[]}},"edges":[${edges}]}`,
    );
  },
  'long names in deep sub-graphs': () => {
    const name = 'n'.repeat(200);
    const leaves = Array.from({ length: 15_000 }, (_, index) => `"${index}":{"type":"Output"}`).join();
    const open = `{"type":"NIRGraph","edges":[],"nodes":{"${name}":`.repeat(25);
    return forge(
      `{"nodes":{"g":${open}{"type":"NIRGraph","edges":[],"nodes":{${leaves}}}${'}}'.repeat(25)}},"edges":[]}`,
    );
  },
  'text: lists of nothing': () => provenance('[],', TEXT),
  'text: lists of one': () => provenance('[1],', TEXT),
  'text: lists in lists': () => provenance(`${'['.repeat(50)}1${']'.repeat(50)},`, TEXT),
  'text: numbers': () => provenance('1,', TEXT),
  'text: objects': () => provenance('{"":1},', TEXT),
  'text: members': () =>
    text(`"provenance":{${Array.from({ length: 150_000 }, (_, k) => `"${k.toString(36)}":1`).join()}}`),
  'text: labels': () => text(`"labels":[${Array.from({ length: 150_000 }, (_, k) => `"${k.toString(36)}"`).join()}]`),
  'text: events': () =>
    text(`"selfTests":[{"steps":1,"input":{"i":[${filled('[0,0,1],', TEXT)}[0,0,1]]},"output":{"o":[]}}]`),
};

const names = process.argv.slice(2);
if (names.length === 0) console.log(JSON.stringify(Object.keys(cases)));
// What the readers need once, whatever the file, does not count.
else for (const bytes of files()) readAnyModel(bytes);
for (const name of names) console.log(JSON.stringify(costOf(name)));

function costOf(name) {
  const bytes = cases[name]();
  const budget = name.startsWith('text') ? { bytes: Math.max(SMALL, jsonMemory(bytes)) } : {};
  globalThis.gc();
  globalThis.gc();
  const before = process.memoryUsage();
  const largest = process.resourceUsage().maxRSS * 1024;
  const start = performance.now();
  let end = 'accepted';
  try {
    readAnyModel(bytes, budget);
  } catch (error) {
    if (!(error instanceof SpikewireError)) throw error;
    end = `${error.code}: ${error.message.slice(0, 200)}`;
  }
  const milliseconds = performance.now() - start;
  const after = process.memoryUsage();
  const used = ({ heapUsed, external }) => heapUsed + external;
  return {
    name,
    bytes: bytes.length,
    // The file itself lies in memory before the reader begins.
    growth: bytes.length + used(after) - used(before),
    peak: process.resourceUsage().maxRSS * 1024 - largest,
    allowed: budget.bytes,
    milliseconds: Math.round(milliseconds),
    end,
  };
}
