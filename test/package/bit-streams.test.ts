import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import { boards, digestOfSources } from '../../devices/rtl/build/boards.mjs';
import { copyBitStreams } from '../../scripts/release/bit-streams.mjs';

const BYTES = Uint8Array.of(1, 2, 3);

/** A folder with a bit stream of three bytes and its report. */
function built(context: TestContext, changes: object = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'spikewire-bits-'));
  context.onTestFinished(() => rmSync(folder, { recursive: true }));
  const sha256 = createHash('sha256').update(BYTES).digest('hex');
  const report = { board: 'b', clock: 24, frequencies: { 1: 23, 2: 25 }, seed: '2', sha256, rtl: 'digest', ...changes };
  writeFileSync(join(folder, 'b-uart.report.json'), JSON.stringify(report));
  writeFileSync(join(folder, 'b-uart.bin'), BYTES);
  writeFileSync(join(folder, 'b-uart.json'), '{}');
  return folder;
}

describe('bit streams of a release', () => {
  it('are those that were built, with their reports', (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'spikewire-release-'));
    context.onTestFinished(() => rmSync(folder, { recursive: true }));
    const copies = copyBitStreams(built(context), folder, () => 'digest');
    expect(copies.map((path) => basename(path))).toEqual([
      'spikewire-fpga-b-uart.bin',
      'spikewire-fpga-b-uart.report.json',
    ]);
    expect(readdirSync(folder)).toHaveLength(2);
    expect([...readFileSync(copies[0]!)]).toEqual([...BYTES]);
    expect(copyBitStreams(join(folder, 'missing'), folder, () => 'digest')).toEqual([]);
  });

  it.for<[problem: RegExp, changes: object]>([
    [/another bit stream/, { sha256: '00' }],
    [/of other RTL/, { rtl: 'earlier' }],
    [/reaches 23 of 24 MHz/, { seed: '1' }],
  ])('are refused: %s', ([problem, changes], context) => {
    const folder = built(context, changes);
    expect(() => copyBitStreams(folder, folder, () => 'digest')).toThrow(problem);
  });

  it('name the RTL of their board', () => {
    const digests = Object.keys(boards).map((name) => digestOfSources(name));
    expect(new Set(digests).size).toBe(5);
  });

  it.for<[what: string, changes: object]>([
    ['its clock', { clock: 61 }],
    ['its macros', { defines: ['CORE_BLOCK_RAM', 'MORE'] }],
    ['its synthesis', { synthesis: ['synth_ecp5 -top board'] }],
    ['its package', { packing: 'CABGA256' }],
    ['its packing', { pack: () => ['ecppack'] }],
  ])('are of other RTL once %s has changed', ([, changes], context) => {
    const board = boards['ecp5-ulx3s'];
    const [before, digest] = [{ ...board }, digestOfSources('ecp5-ulx3s')];
    context.onTestFinished(() => void Object.assign(board, before));
    Object.assign(board, changes);
    expect(digestOfSources('ecp5-ulx3s')).not.toBe(digest);
  });
});
