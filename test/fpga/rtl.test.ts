import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { proofs, prove } from '../../devices/rtl/build/proofs.mjs';
import { coreSources, linkSources, rtl } from '../../devices/rtl/build/sources.mjs';
import { needs } from '../services.ts';

describe('the RTL of the core', () => {
  it.for(['core', 'uart_board', 'spi_board'])('has nothing of which Verilator warns (%s)', (top, context) => {
    needs(context, 'verilator');
    const sources = top === 'core' ? coreSources : [...coreSources, ...linkSources];
    const options = ['--lint-only', '-Wall', '--top-module', top, '-I.', ...sources];
    // Throws with the warnings.
    execFileSync('verilator', options, { cwd: rtl, stdio: ['ignore', 'ignore', 'pipe'] });
  });

  it.for(Object.keys(proofs) as (keyof typeof proofs)[])('has the property %s', (name, context) => {
    for (const service of ['yosys', 'z3'] as const) needs(context, service);
    prove(name);
  });

  it.for([
    ['saturate_proof', 'saturate.v', '&value[31:15]', '&value[31:16]'],
    ['scale_proof', 'scale.v', '| product[14]', '| product[13]'],
  ] as const)('loses the property %s with a fault in %s', ([name, file, from, to], context) => {
    for (const service of ['yosys', 'z3'] as const) needs(context, service);
    const folder = mkdtempSync(join(tmpdir(), 'spikewire-fault-'));
    context.onTestFinished(() => rmSync(folder, { recursive: true }));
    for (const module of proofs[name]) {
      const text = readFileSync(join(rtl, module), 'utf8');
      writeFileSync(join(folder, module), module === file ? text.replace(from, to) : text);
    }
    expect(() => prove(name, folder)).toThrow(/yosys-smtbmc/);
  });
});
