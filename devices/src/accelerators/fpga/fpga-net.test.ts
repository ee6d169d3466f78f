import { parseModel, quantize, writeModel } from '@spikewire/models';
import type { EventList } from 'spikewire';
import { describe, expect, it } from 'vitest';
import { BoardPlaces } from './board-places.ts';
import { testLinkedBoard } from './board-test.ts';
import { type CoreRoom, rooms } from './core-description.ts';
import { abilitiesOf } from './fpga.ts';
import { FpgaLink } from './fpga-link.ts';
import { type FpgaBoard, openFpgaNet } from './fpga-net.ts';
import { MemoryBoard } from './memory-board.test-data.ts';

const room = rooms.simulated;
/** Room for two small nets, or for one and its copies. */
const SMALL = { ...room, memory: 1024, program: 56 };

async function openBoard(room: CoreRoom = rooms.simulated) {
  const memory = new MemoryBoard(room);
  const link = await FpgaLink.open(memory);
  const board: FpgaBoard = {
    ...{ name: 'board', abilities: abilitiesOf(room), link, room, places: new BoardPlaces('board', room) },
    ...{ entry: undefined, holds: undefined },
  };
  return { memory, link, open: (model: Uint8Array) => openFpgaNet(board, model) };
}

/** Two inputs with spikes, a connection and read-outs. */
function netBytes(learning = {}, neurons = 2): Uint8Array {
  const float = parseModel({
    nodes: {
      in: { type: 'Input', shape: [2] },
      fc: {
        type: 'Linear',
        weight: Array.from({ length: neurons }, (_, k) => [1 + (k % 3), 2 - (k % 4)]),
      },
      cells: { type: 'LI', tau: 0.01 },
      out: { type: 'Output', shape: [neurons] },
    },
    edges: [
      ['in', 'fc'],
      ['fc', 'cells'],
      ['cells', 'out'],
    ],
    semantics: { dt: 0.001 },
    learning,
  });
  return writeModel(quantize(float, { bits: 8, calibration: { inputs: new Map([['in', 'spikes' as const]]) } }));
}

/** Events at element 0 of the Input, by step. */
function events(...given: readonly (readonly [step: number, value: number])[]): EventList {
  return {
    step: Int32Array.from(given, ([step]) => step),
    node: new Int32Array(given.length),
    index: new Int32Array(given.length),
    value: Float64Array.from(given, ([, value]) => value),
  };
}

const NOTHING = events();
/** Steps of a window that takes several requests. */
const LONG = 1500;

describe('a net on a board of which the core is reset, because a step was stuck', () => {
  it('begins at its own program again, and holds as before', async () => {
    const { memory, open } = await openBoard();
    await open(netBytes());
    const second = await open(netBytes({ fc: { rule: 'pes', learningRate: 1e-3 } }));
    await second.setLearning(false);
    await second.run({ steps: 1, input: NOTHING });
    const [before] = memory.runs.splice(0);
    expect(before!.entry).toBeGreaterThan(0);
    expect(before!.holds).toBe(1);
    memory.stuckAfter = 0;
    await expect(second.run({ steps: 1, input: NOTHING })).rejects.toThrow(/with error 4 \(stuck\)/);
    await second.run({ steps: 1, input: NOTHING });
    expect(memory.runs).toEqual([before]);
  });

  it('has taken all answers of its window when that rejects', async () => {
    const { memory, open } = await openBoard();
    const net = await open(netBytes());
    memory.stuckAfter = 1;
    await expect(net.run({ steps: LONG, input: NOTHING })).rejects.toThrow(/with error 4 \(stuck\)/);
    expect(memory.runs.length).toBeGreaterThan(1);
    expect(memory.waiting).toBe(0);
  });
});

describe('the digest of a board', () => {
  it('names a net that is alone there', async () => {
    const { memory, link, open } = await openBoard();
    const first = await open(netBytes());
    expect(memory.digest).toMatch(/^[\da-f]{16}$/);
    const second = await open(netBytes());
    expect(memory.digest).toBe('');
    await Promise.all([first, second].map((net) => net.close()));
    await open(netBytes());
    expect(memory.digest).toMatch(/^[\da-f]{16}$/);
    await testLinkedBoard(link);
    expect(memory.digest).toBe('');
  });
});

describe('an Input of spikes', () => {
  const learning = { fc: { rule: 'pes', learningRate: 1e-3 } };
  const refused = /^input "in": brings −1 to a connection that learns on the board; expected spikes of 1$/;

  it.each([
    ['less than half', events([1, -0.3]), true],
    ['what rounds to −1', events([1, -0.7]), false],
    ['−1 in two parts', events([1, -0.4], [1, -0.4]), false],
    ['−0.4 in each of two steps', events([0, -0.4], [1, -0.4]), true],
    ['−1 and 1 in a step', events([1, -1], [1, 1]), true],
  ])('takes or refuses %s as the number to which it rounds', async (_, input, isTaken) => {
    const net = await (await openBoard()).open(netBytes(learning));
    const window = net.run({ steps: 2, input });
    if (isTaken) await window;
    else await expect(window).rejects.toThrow(refused);
  });
});

describe('a fresh state', () => {
  const words = (memory: MemoryBoard) => Array.from(memory.written.splice(0), ({ words }) => words);
  const sum = (numbers: readonly number[]) => numbers.reduce((all, each) => all + each, 0);

  it('is copied by the core, until another net needs the room of the copy', async () => {
    const { memory, open } = await openBoard(SMALL);
    const net = await open(netBytes({}, 30));
    await net.run({ steps: 1, input: NOTHING, fresh: true });
    const [copying, step] = memory.runs.splice(0);
    expect(step!.entry).toBe(0);
    expect(copying!.entry).toBeGreaterThan(0);
    expect(sum(words(memory))).toBeGreaterThan(2 * 64);
    await net.run({ steps: 1, input: NOTHING, fresh: true });
    expect(memory.runs.splice(0)).toEqual([copying, step]);
    // Two times where a step begins, and what was emitted last.
    expect(sum(words(memory))).toBeLessThan(64);
    const second = await open(netBytes({}, 30));
    words(memory);
    await net.run({ steps: 1, input: NOTHING, fresh: true });
    expect(memory.runs.splice(0)).toEqual([step]);
    expect(sum(words(memory))).toBeGreaterThan(64);
    await second.close();
    await net.run({ steps: 1, input: NOTHING, fresh: true });
    expect(memory.runs.splice(0)).toEqual([copying, step]);
  });

  it('is written where the core cannot copy', async () => {
    const { memory, open } = await openBoard({ ...SMALL, learning: false });
    const net = await open(netBytes({}, 30));
    await net.run({ steps: 1, input: NOTHING, fresh: true });
    expect(memory.runs).toHaveLength(1);
  });
});

describe('the trial of a board', () => {
  it('writes no more words than its memory has', async () => {
    const memory = new MemoryBoard({ ...room, memory: 1024 });
    const lines = await testLinkedBoard(await FpgaLink.open(memory));
    expect(lines).toContain('memory: all 1024 words hold what is written');
  });
});
