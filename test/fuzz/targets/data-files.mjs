import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCsv, readNpy } from 'spikewire';
import { parseCsvTable } from 'spikewire/data';
import { readRecorded } from 'spikewire/recorded';
import { mutateBytes, pick } from '../mutations.mjs';

const TABLES = ['x,y,kind\n1,2,a\n3,4,b\n', '1;2,5;"a;b"\n-3e2;4;c\n', '\uFEFF"x",k\r\n1,"a, ""b"""\r\n\r\n2,c'];
const RECORDED = [
  '{"format":"spikewire-recorded","version":1,"channels":["x"],"numbers":2}\n',
  '{"t":0,"label":"idle","values":[1,2]}\n{"t":10.5,"label":"on","values":[3e2,-4]}\n',
].join('');
const SIZES = ['(2, 2)', '(4,)', '(0, 50000000)', '(1, 4)', '(4294967296, 4294967296)', '()'];
/** Numbers that a simulation may have. */
const MOST = 1000;

/** Tables, arrays and recordings as people give them, right ones and damaged ones: they are read, or refused in a line. */
export const dataFiles = {
  name: 'data files',
  create() {
    const folder = mkdtempSync(join(tmpdir(), 'spikewire-fuzz-'));
    const path = join(folder, 'r.jsonl');
    const readers = [
      [() => pick(random, TABLES), (bytes) => parseCsvTable('t.csv', text(bytes))],
      [() => pick(random, TABLES), (bytes) => readCsv(text(bytes), MOST)],
      [() => npy(random), (bytes) => readNpy(bytes, MOST)],
      [
        () => RECORDED,
        (bytes) => {
          writeFileSync(path, bytes);
          return readRecorded(path);
        },
      ],
    ];
    let random;
    const run = async (drawn) => {
      random = drawn;
      const [seed, read] = pick(random, readers);
      const bytes = Buffer.from(seed());
      await read(random.nextInteger(4) === 0 ? bytes : mutateBytes(bytes, random));
      return true;
    };
    return Object.assign(run, { close: () => rmSync(folder, { recursive: true }) });
  },
};

const text = (bytes) => Buffer.from(bytes).toString('utf8');

/** Four bytes of numbers behind a header that may speak of others. */
function npy(random) {
  const header = `{'descr': '|u1', 'fortran_order': False, 'shape': ${pick(random, SIZES)}, }\n`;
  const start = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length, 0];
  return Buffer.concat([Buffer.from(start), Buffer.from(header), Uint8Array.of(1, 2, 3, 4)]);
}
