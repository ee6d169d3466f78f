import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rtl } from './sources.mjs';

/** What is proved of combinational modules, for all inputs: the proof in `formal/` and the modules that it is about. */
export const proofs = {
  saturate_proof: ['saturate.v'],
  scale_proof: ['scale.v', 'saturate.v'],
};

/** Throws with the counter-example of the solver where the proof `name` fails. `folder` has the modules. */
export function prove(name, folder = rtl) {
  const work = mkdtempSync(join(tmpdir(), 'spikewire-proof-'));
  try {
    const files = [...proofs[name].map((file) => join(folder, file)), join(rtl, `formal/${name}.v`)];
    const formula = join(work, 'formula.smt2');
    const read = `read_verilog -formal ${files.join(' ')}; prep -flatten -top ${name}`;
    // Assertions have to be lowered, or the formula has none of them.
    const script = `${read}; async2sync; chformal -lower; write_smt2 -wires ${formula}`;
    execFileSync('yosys', ['-q', '-p', script], { stdio: ['ignore', 'ignore', 'inherit'] });
    // One step is everything: there are no registers.
    execFileSync('yosys-smtbmc', ['-s', 'z3', '-t', '1', '--noprogress', formula], { encoding: 'utf8' });
  } finally {
    rmSync(work, { recursive: true });
  }
}
