import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { coreSources, rtl } from './sources.mjs';

/**
 * The path of the simulated core, `simulation/core.cpp`, built by Verilator in about 15 seconds where no program of the
 * same sources lies in the temporary folder. `folder` has other sources, by default the RTL itself.
 */
export function coreSimulator(folder = rtl) {
  const sources = [...coreSources, 'description.vh', 'simulation/core.cpp'];
  const digest = createHash('sha256');
  for (const name of sources) digest.update(name).update(readFileSync(join(folder, name)));
  const kept = join(tmpdir(), `spikewire-core-${digest.digest('hex').slice(0, 16)}`);
  const program = join(kept, 'Vcore');
  if (existsSync(program)) return program;
  const work = mkdtempSync(join(tmpdir(), 'spikewire-verilator-'));
  try {
    verilate(folder, work);
    mkdirSync(kept, { recursive: true });
    // Another process may have built the same in the meantime; either is complete.
    cpSync(join(work, 'Vcore'), join(work, 'done'));
    renameSync(join(work, 'done'), program);
    return program;
  } finally {
    rmSync(work, { recursive: true });
  }
}

function verilate(folder, work) {
  const options = ['--cc', '--exe', '--build', '-j', '1', '-O3', '--x-initial', 'unique', '--x-assign', 'unique'];
  const names = ['--top-module', 'core', '--Mdir', work, '-o', 'Vcore', `-I${folder}`];
  const files = [...coreSources, 'simulation/core.cpp'].map((name) => join(folder, name));
  execFileSync('verilator', [...options, ...names, '-CFLAGS', '-O2', ...files], { stdio: ['ignore', 'pipe', 'pipe'] });
}
