import type { EventList } from '@spikewire/engine/network';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromBlock, intoBlock, outOfBlock } from './event-block.ts';

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const events = fc.array(fc.tuple(fc.double(), int32, int32, int32), { maxLength: 40 }).map(listOf);

function listOf(rows: readonly (readonly [number, number, number, number])[]): EventList {
  const column = (k: number) => rows.map((row) => row[k]!);
  return {
    value: Float64Array.from(column(0)),
    step: Int32Array.from(column(1)),
    node: Int32Array.from(column(2)),
    index: Int32Array.from(column(3)),
  };
}

describe('events in one block of memory', () => {
  it('come out as they went in, window after window in the block of the last', () => {
    fc.assert(
      fc.property(fc.array(events, { maxLength: 6 }), (windows) => {
        let spare: ArrayBuffer | undefined;
        const kept = windows.map((list) => {
          const sent = intoBlock(list, spare);
          // As between threads: who sends it has it no longer.
          const arrived = structuredClone(sent, { transfer: [sent.memory] });
          expect(fromBlock(arrived)).toEqual(list);
          spare = arrived.memory;
          return outOfBlock(arrived);
        });
        expect(kept).toEqual(windows);
      }),
    );
  });

  it('take a block that is large enough and leave one that is not', () => {
    const [one, two] = [listOf([[0.5, 1, 2, 3]]), listOf([...Array(2)].map(() => [0.5, 1, 2, 3] as const))];
    const block = intoBlock(two).memory;
    expect(intoBlock(one, block).memory).toBe(block);
    const narrow = intoBlock(one).memory;
    expect(intoBlock(two, narrow).memory).not.toBe(narrow);
  });
});
