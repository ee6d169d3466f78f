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

/**
 * What is proved, by which modules, and how: for so many cycles from the reset, and by induction from there for all.
 *
 * @type {readonly { name: string, top: string, files: string[], stage?: number, depth: number, induction: boolean }[]}
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
];

/** Whether a proof holds for the modules in a folder. */
export function holds({ top, files, stage = 0, depth, induction }, folder = RTL) {
  const work = mkdtempSync(join(tmpdir(), 'spikewire-proof-'));
  try {
    const formula = join(work, 'formula.smt2');
    const script = [
      `read_verilog -sv -formal -DFORMAL -DSTAGE=${stage} ${files.join(' ')}`,
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
