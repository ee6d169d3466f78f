import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formats } from '@spikewire/exchange/formats';
import { elementCount, writeWith } from '@spikewire/models';
import { engineNamed, type RunningNetwork } from 'spikewire';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildAvr, runAvr } from '../board/avr.mjs';
import { buildCortex, cores, instructionsIn, runCortex } from '../board/cortex.mjs';
import { arraysOf } from '../fpga/state-arrays.ts';
import { needs, type Service } from '../services.ts';
import { outputIn } from './c-head.ts';
import { fixedNets, type NetForC, randomNets } from './c-nets.ts';
import { play, type Stimulus } from './play.ts';

const cHeader = formats.find(({ name }) => name === 'c')!;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spikewire-board-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Board {
  readonly needs: readonly Service[];
  /** The numbers that a program says, by word. */
  run(net: string): Map<string, number[]>;
}

const boards: Record<string, Board> = {
  ...Object.fromEntries(
    Object.entries(cores).map(([name, core]): [string, Board] => [
      name,
      {
        needs: ['arm-none-eabi-gcc', 'qemu-system-arm'],
        run: (net) => runCortex(core, buildCortex(core, folder, { net, main: '' })),
      },
    ]),
  ),
  'an AVR': { needs: ['avr-gcc', 'simavr'], run: (net) => runAvr(buildAvr(folder, net)) },
};

/** States of a population in the header, by their name in a saved state. */
const STATES = { v: 'v', i: 'i', theta: 'a', refractory: 'r' } as const;

/** Says after each step what populations and Outputs emitted, and all states. */
function programFor({ graph }: RunningNetwork, header: string, steps: number, stimulus: Stimulus): string {
  const given: string[] = [];
  const words: string[] = [];
  const buffers: string[] = [];
  const said: string[] = [];
  const say = (word: string, values: string, size: number) =>
    said.push(`for (int n = 0; n < ${size}; n++) wide[n] = ${values}[n];\n    say("${word}", wide, ${size});`);
  graph.nodes.forEach(({ kind, name, shape }, index) => {
    const size = elementCount(shape);
    if (kind.role === 'input') {
      const events = stimulus[name] ?? [];
      const rows = [...events.map(([step, n, value = 1]) => `{${step}, ${n}, ${value}}`), `{${steps}, 0, 0}`];
      given.push(`static const int16_t given${index}[][3] = {${rows}};\nstatic int8_t in${index}[${size}];`);
      words.push(`in${index}`);
      buffers.push(`net_zero(in${index}, ${size});
    for (; given${index}[at${index}][0] == t; at${index}++) in${index}[given${index}[at${index}][1]] = given${index}[at${index}][2];`);
    }
    if (kind.role === 'output') words.push(`out${index}`);
    if (kind.role === 'output') {
      const { type } = outputIn(header, index);
      given.push(`static ${type} out${index}[${size}];`);
      if (type === 'int32_t') say(`out${index}`, `out${index}`, size);
      else said.push(`if (sizeof out${index}[0] == 8) say("double${index}", out${index}, ${2 * size});`);
    }
    if (kind.role !== 'neuron') return;
    if (kind.emits === 'spikes')
      say(`e${index}`, `s.e${index}[t % (sizeof s.e${index} / sizeof s.e${index}[0])]`, size);
    for (const state of statesIn(header, index)) say(`${state}_${index}`, `s.${state}_${index}`, size);
  });
  const largest = Math.max(...graph.nodes.map(({ shape }) => elementCount(shape)));
  return `#include "net.h"
#include "board.h"
${given.join('\n')}
static net s;
static int32_t wide[${largest}];
void program(void) {
  ${graph.nodes.flatMap(({ kind }, n) => (kind.role === 'input' ? [`int at${n} = 0;`] : [])).join(' ')}
  net_start(&s);
  for (int t = 0; t < ${steps}; t++) {
    ${buffers.join('\n    ')}
    net_step(&s, ${words.join(', ')});
    ${said.join('\n    ')}
  }
}
`;
}

const statesIn = (header: string, index: number) =>
  Object.values(STATES).filter((state) => header.includes(`int32_t ${state}_${index}[`));

/** What the program should say, from the integer engine step by step. */
function expectedOf(network: RunningNetwork, header: string, { steps, stimulus }: NetForC): Map<string, number[]> {
  const said = new Map<string, number[]>();
  const add = (word: string, values: readonly number[]) => said.set(word, [...(said.get(word) ?? []), ...values]);
  for (let t = 0; t < steps; t++) {
    const events = play(network, 1, stimulus, t);
    const states = arraysOf(network.save());
    network.graph.nodes.forEach((node, index) => {
      const values = new Array<number>(elementCount(node.shape)).fill(0);
      for (const [, n, value] of events[node.name]!) values[n] = value;
      if (node.kind.role === 'output') add(...outputSaid(header, index, values));
      if (node.kind.role === 'neuron') {
        if (node.kind.emits === 'spikes') add(`e${index}`, values);
        for (const state of statesIn(header, index)) add(`${state}_${index}`, states[savedName(index, state)]!);
      }
    });
  }
  return said;
}

function outputSaid(header: string, index: number, values: readonly number[]): [string, number[]] {
  const { type, unit } = outputIn(header, index);
  if (type === 'double') return [`double${index}`, Array.from(new Int32Array(Float64Array.from(values).buffer))];
  const whole = values.map((value) => Math.round(value / Number(unit)));
  expect(whole.map((n) => n * Number(unit))).toEqual(values);
  return [`out${index}`, whole];
}

function savedName(index: number, state: string): string {
  return `node${index}.${Object.entries(STATES).find(([, short]) => short === state)![0]}`;
}

/** Compares a net on a board with the integer engine, and gives the count of numbers that are not 0. */
function expectSame({ run }: Board, net: NetForC, isComplete: boolean): number {
  const network = engineNamed('integer').load(net.model);
  const header = new TextDecoder().decode(writeWith(cHeader, net.model));
  writeFileSync(join(folder, 'net.h'), header);
  const said = run(programFor(network, header, net.steps, net.whole));
  const expected = expectedOf(network, header, net);
  // A double of an AVR has 32 bits.
  if (!isComplete) for (const word of expected.keys()) if (word.startsWith('double')) expected.delete(word);
  expect([...said.keys()].toSorted()).toEqual([...expected.keys()].toSorted());
  for (const [word, numbers] of expected) expect(said.get(word), word).toEqual(numbers);
  return [...expected.values()].flat().filter((number) => number !== 0).length;
}

describe.each(Object.entries(boards))('a net as C header on %s', (name, board) => {
  it('has every spike and state of the integer engine, in random graphs', (context) => {
    for (const service of board.needs) needs(context, service);
    const nets = randomNets(36);
    expect(nets.length).toBeGreaterThan(8);
    const numbers = nets.map((net) => expectSame(board, net, name !== 'an AVR'));
    expect(numbers.reduce((total, count) => total + count, 0) / nets.length).toBeGreaterThan(200);
  });

  it.for(fixedNets())('has them in %s', ([, net], context) => {
    for (const service of board.needs) needs(context, service);
    expect(expectSame(board, net(), name !== 'an AVR')).toBeGreaterThan(50);
  });
});

it.for(Object.entries(cores))(
  'counts the instructions of loops of known length, and their stack, on %s',
  ([, core], context) => {
    for (const service of ['arm-none-eabi-gcc', 'qemu-system-arm'] as const) needs(context, service);
    const loop = (name: string, times: number) =>
      `__attribute__((naked)) void ${name}(void) {
  __asm__(".syntax unified\\nldr r0, =${times}\\n1: subs r0, #1\\nbne 1b\\nbx lr\\n.ltorg");
}\n`;
    const frame = `void frame(void) {
  volatile uint32_t words[100];
  for (int n = 0; n < 100; n++) words[n] = n;
  if (words[99] != 99) words[0] = 1;
}\n`;
    const net = `#include <stdint.h>\n${loop('once', 1)}${loop('often', 100_000)}${frame}`;
    const calls = ['once', 'often', 'frame'].map((name) => `result = measure(${name});\n  say("${name}", &result, 2);`);
    const main = `#include "board.h"
void once(void);
void often(void);
void frame(void);
void program(void) {
  measured result;
  ${calls.join('\n  ')}
}
`;
    const said = runCortex(core, buildCortex(core, folder, { net, main }));
    const [once, often] = ['once', 'often'].map((name) => instructionsIn(core, said.get(name)![0]!));
    // Two of the loop, and the load before it; the return is that of the call, which does not count.
    expect(once).toBe(3);
    expect(often).toBe(200_001);
    expect(said.get('often')![1]).toBe(32);
    expect(said.get('frame')![1]).toBeGreaterThanOrEqual(400);
    expect(said.get('frame')![1]).toBeLessThanOrEqual(448);
  },
);
