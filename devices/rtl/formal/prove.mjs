// Proves properties of the RTL with yosys-smtbmc and z3: `node devices/rtl/formal/prove.mjs`, a line for each proof.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const RTL = fileURLToPath(new URL('..', import.meta.url));

/** A frame is proved in stages, see frame_rx.vh. */
const STAGES = [
  'both descriptions of the framer agree on bytes, length and what is handed on',
  'both ways to compute a CRC agree',
  'a CRC over all but the last bytes is the one before these bytes',
  'a frame is taken only with the right CRC, length and escapes, and all of it was handed on',
  'bytes are handed on without stuffing, and taken or forgotten with the last flag',
];

/** The units of the core, and their own modules. */
const UNITS = { integrate: [], update: ['neuron'], learn: ['random'] };

/**
 * What is proved, by which modules, and how: for so many cycles from the reset, and by induction from there for all.
 * The modules named in `anything` may do anything.
 *
 * @typedef {{ top: string, files: string[], anything?: string[], stage?: number }} Modules
 * @type {readonly (Modules & { name: string, depth: number, induction: boolean })[]}
 */
export const proofs = [
  {
    name: 'the queue of frames loses nothing, doubles nothing, and hands on only what was committed',
    top: 'packet_fifo_proof',
    files: ['formal/packet_fifo_proof.v', 'packet_fifo.v'],
    depth: 10,
    induction: false,
  },
  ...STAGES.map((name, k) => {
    return { name, top: 'frame_rx', files: ['frame_rx.v', 'crc32.v'], stage: k + 1, depth: 2, induction: true };
  }),
  ...Object.entries(UNITS).map(([top, anything]) => {
    const name = `the unit ${top} asks for nothing before it starts and after it has ended`;
    return { name, top, files: [`${top}.v`], anything, depth: 2, induction: true };
  }),
  {
    name: 'the host and the units of the core never meet at a memory or at a sum',
    top: 'core',
    files: ['core.v'],
    anything: ['lane', 'memory', 'ram', ...Object.keys(UNITS)],
    depth: 6,
    induction: true,
  },
];

/**
 * Whether a proof holds for the modules in a folder.
 *
 * @param {Modules & { depth: number, induction: boolean }} proof
 */
export function holds({ top, files, anything = [], stage = 0, depth, induction }, folder = RTL) {
  const work = mkdtempSync(join(tmpdir(), 'spikewire-proof-'));
  try {
    const formula = join(work, 'formula.smt2');
    const script = [
      `read_verilog -sv -formal -DFORMAL -DSTAGE=${stage} ${files.join(' ')}`,
      ...anything.map((name) => `read_verilog -sv -lib ${name}.v`),
      `hierarchy -top ${top}`,
      ...anything.map((name) => `cutpoint t:${name}`),
      `prep -top ${top} -flatten`,
      'async2sync; dffunmap',
      `write_smt2 -wires ${formula}`,
    ].join('; ');
    execFileSync('yosys', ['-q', '-p', script], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
    return [[], ...(induction ? [['-i']] : [])].every((way) => {
      const args = ['--noprogress', '-s', 'z3', ...way, '-t', String(depth), formula];
      try {
        return execFileSync('yosys-smtbmc', args, { encoding: 'utf8' }).includes('Status: PASSED');
      } catch (failure) {
        if (String(failure.stdout).includes('Status: FAILED')) return false;
        throw failure;
      }
    });
  } finally {
    rmSync(work, { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const proof of proofs) {
    const started = performance.now();
    const found = holds(proof) ? 'proved' : 'WRONG';
    const how = proof.induction ? 'by induction' : `${proof.depth} cycles`;
    console.log(`${found} (${how}, ${((performance.now() - started) / 1000).toFixed(1)} s): ${proof.name}`);
    if (found === 'WRONG') process.exitCode = 1;
  }
}
