import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coreSimulator } from '../../devices/rtl/build/simulator.mjs';
import { rtl } from '../../devices/rtl/build/sources.mjs';
import { arbitraryIntegerNet, arbitraryLearningNet } from './arbitrary-integer-net.ts';
import { type CoreTask, compareCore } from './compare-core.ts';
import { tracesDiffer } from './learned-words.ts';
import { needsCore } from './needs-core.ts';
import { pooledBehind, wideSparse } from './shaped-nets.ts';

/** Faults of the RTL: a file, what is written there, and what is written in its place. */
const mutations: readonly (readonly [file: string, from: string, to: string])[] = [
  ['lane.v', 'extended <<< shifts_by', 'extended <<< shifts_by[2:0]'],
  ['lane.v', 'extended <<< shifts_by', 'extended <<< shift'],
  ['lane.v', 'clear ? pair : adds_to', 'adds ? adds_to : pair'],
  ['integrate.v', "bytes ? byte_at_place : 8'd1", "8'd1"],
  ['integrate.v', 'place[0] ? word[15:8] : word[7:0]', 'place[0] ? word[7:0] : word[15:8]'],
  ['integrate.v', '{number[11:0], place}', "{number[11:0], place ^ 4'd8}"],
  ['integrate.v', "next_target[0] ? 2'b10 : 2'b01", "next_target[0] ? 2'b01 : 2'b10"],
  ['integrate.v', 'memory_q == row_left ? SCAN : RUN', 'RUN'],
  ['saturate.v', '&value[31:15]', '&value[31:16]'],
  ['saturate.v', '&value[15:7]', '&value[15:8]'],
  ['scale.v', 'negated | product[14]', 'negated'],
  ['neuron.v', "negated <= other_factor == 16'sh8000", "negated <= 1'b0"],
  ['neuron.v', 'if (membranes_turn & refractory != 0)', 'if (refractory != 0)'],
  ['neuron.v', '~{wide_bound[33], wide_bound}', '-{wide_bound[33], wide_bound}'],
  ['neuron.v', "many ? 7'd127", "many ? 7'd126"],
  ['neuron.v', 'membrane <= above ? t[31:0] : bound', 'membrane <= t[31:0]'],
  ['neuron.v', 'if (~above) t <= wide_bound;', ''],
  ['neuron.v', "{34'd0, last_bit_shifted_out}", "{34'd0, 1'b0}"],
  ['neuron.v', 'refractory <= rest;', "refractory <= rest - 1'b1;"],
  ['neuron.v', 'state == ADD_ENTERING & ~(membranes_turn & has_current)', 'state == ADD_ENTERING'],
  ['neuron.v', 'state == HOLD | state == HOLD_RESET', 'state == HOLD'],
  ['neuron.v', '.wide(wide)', ".wide(1'b1)"],
  ['update.v', "bytes ? 4'd1 : 4'd15", "bytes ? 4'd1 : 4'd14"],
  ['update.v', "state != EMIT ? 2'b00", "1'b1 ? 2'b00"],
  ['update.v', 'closing ? record + `CORE_RECORD_CURRENT : load_pointer', 'load_pointer'],
  ['core.v', 'sparse ? memory_q[7:0] : memory_q[15:8]', 'memory_q[15:8]'],
  ['core.v', "memory_q[15:8] != 8'h7f & ", ''],
  ['core.v', 'holds & opcode', "1'b0 & opcode"],
  ['integrate.v', 'learned ? 1 : 2', '2'],
  ['learn.v', "{9'd0, spiked, 16'd0}", "{8'd0, spiked, 17'd0}"],
  ['learn.v', 'full = next_x[24] & ~next_x[25]', "full = 1'b0"],
  ['learn.v', 'product[41] & |product[14:0]', 'product[41]'],
  ['learn.v', 'sets & spiked', "1'b0"],
  ['learn.v', 'change[42:17] != {26{change[42]}}', "1'b0"],
  ['learn.v', 'if (below) value <= memory_q;', ''],
  ['learn.v', "shift > 32 ? shift : 6'd32", "6'd32"],
  ['learn.v', '~silent & multiplier != 0', '~silent'],
  ['learn.v', '~visits & (silent', '(silent'],
  ['learn.v', 'carry & (change[0] | drawn)', "1'b0"],
  ['random.v', '{sum[20:0], sum[31:21]}', '{sum[21:0], sum[31:22]}'],
  ['random.v', 'carry & (rotated[0] | earlier[2])', "1'b0"],
];

/**
 * The build of each takes a quarter of a minute, so the tests try every sixth, which `SPIKEWIRE_SEED` chooses;
 * `SPIKEWIRE_FPGA_MUTATIONS=1` tries all.
 */
const [EVERY, SEED] = [6, Number(process.env.SPIKEWIRE_SEED ?? 1)];
const tried = mutations.filter(
  (_, k) => process.env.SPIKEWIRE_FPGA_MUTATIONS !== undefined || (k + SEED) % EVERY === 0,
);

describe('a fault of the RTL', () => {
  it.each(tried)('is noticed: %s, %s → %s', { timeout: 600_000 }, (file, from, to) => {
    const folder = mkdtempSync(join(tmpdir(), 'spikewire-mutation-'));
    let program: string | undefined;
    try {
      cpSync(rtl, folder, { recursive: true, filter: (path) => !path.endsWith('out') });
      const text = readFileSync(join(folder, file), 'utf8');
      expect(text.split(from)).toHaveLength(2);
      writeFileSync(
        join(folder, file),
        text.replace(from, () => to),
      );
      program = coreSimulator(folder);
      expect(isNoticed(program)).toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
      if (program !== undefined) rmSync(dirname(program), { recursive: true });
    }
  });

  it('is there in none of these, unchanged', (context) => {
    expect(isNoticed(needsCore(context), 20)).toBe(false);
  });
});

function isNoticed(program: string, runs = 200): boolean {
  const isEqual = (task: CoreTask) => {
    try {
      return compareCore(program, task).difference === undefined;
    } catch (problem) {
      // A step without an end, or an instruction that there is not.
      if (String(problem).includes('the simulated core')) return false;
      throw problem;
    }
  };
  const shaped = [wideSparse(), pooledBehind()];
  if (!shaped.every(({ model, stimulus }) => isEqual({ model, steps: 3, stimulus }))) return true;
  if (tracesDiffer(program)) return true;
  const property = fc.property(fc.oneof(arbitraryIntegerNet, arbitraryLearningNet), isEqual);
  return fc.check(property, { numRuns: runs, endOnFailure: true }).failed;
}
