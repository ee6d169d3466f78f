import { coreImage, regions, registers, rooms } from '@spikewire/devices/accelerators';
import { parseModel, quantize, RandomGenerator } from '@spikewire/models';
import { chain } from '../chain.ts';
import { type CoreStep, runCore, Script } from './simulated-core.ts';

const [INPUTS, OUTPUTS, DT] = [40, 3, 0.001];
const LARGEST = 2 ** 24;

/** A net of inputs that spike and read-outs, which learns by errors; its traces fade in `tau` seconds. */
function pesNet(tau: number, inputs = INPUTS, outputs = OUTPUTS) {
  const weight = Array.from({ length: outputs }, (_, j) => Array.from({ length: inputs }, (_, i) => (i % 5) - j));
  const float = parseModel({
    nodes: {
      in: { type: 'Input', shape: [inputs] },
      fc: { type: 'Linear', weight },
      cell: { type: 'LI', tau: 0.01, r: 1 },
      out: { type: 'Output' },
    },
    edges: chain('in', 'fc', 'cell', 'out'),
    semantics: { dt: DT },
    learning: { fc: { rule: 'pes', learningRate: 0.01, tauPre: tau } },
  });
  return quantize(float, { bits: 8, calibration: { inputs: new Map([['in', 'spikes' as const]]) } });
}

/**
 * Where traces, from the ends of their range on, differ first from the text: x·A / 2^15 rounded towards 0, and 2^16 for
 * a spike, at most 2^24.
 */
export function tracesDiffer(program: string): string | undefined {
  const random = new RandomGenerator(1, 'traces');
  for (const tau of [0.0004, 0.02, 300]) {
    const image = coreImage(pesNet(tau), { room: rooms.simulated });
    const [learning] = image.learned.values();
    const ends = [LARGEST, -LARGEST, LARGEST - 1, 2 ** 24 - 2 ** 16, 1, -1, 0, -32_768, 65_535];
    const start = Array.from({ length: INPUTS }, (_, i) => ends[i] ?? random.nextInteger(2 * LARGEST + 1) - LARGEST);
    start.forEach((x, i) => {
      image.memory.words[learning!.pre - image.memory.at + 2 * i] = x;
      image.memory.words[learning!.pre - image.memory.at + 2 * i + 1] = x >> 16;
    });
    const spikes = Array.from({ length: 6 }, () => start.map(() => random.nextInteger(2)));
    const inputs = spikes.map((values) => new Map([['in', values]]));
    const steps = runCore(program, image, { inputs });
    const factor = BigInt(Math.min(32_767, Math.round(Math.exp(-DT / tau) * 2 ** 15)));
    let expected = start.map(BigInt);
    for (const [step, { learned }] of steps.entries()) {
      expected = expected.map((x, i) => {
        const next = (x * factor) / 2n ** 15n + (spikes[step]![i] === 1 ? 2n ** 16n : 0n);
        return next > BigInt(LARGEST) ? BigInt(LARGEST) : next;
      });
      const got = learned.get('fc')!.pre;
      const wrong = expected.findIndex((x, i) => Number(x) !== got[i]);
      if (wrong >= 0) return `tau ${tau}, step ${step}, trace ${wrong}: ${got[wrong]}; expected ${expected[wrong]}`;
    }
  }
  return undefined;
}

/** What the core learned in each of five steps; after the second it was committed, before the last taken back. */
export function committedAndTakenBack(program: string): readonly CoreStep[] {
  const image = coreImage(pesNet(0.02), { room: rooms.simulated });
  const { errors, rows } = image.learned.get('fc')!;
  const { commit, takeBack, errors: entries } = image.entries;
  const words = rows.flatMap(({ lowest, highest }) => [20_000, 20, lowest, highest]);
  const lesson = { entry: entries.get('fc')!, words: { at: errors!, words } };
  const all = Array.from({ length: INPUTS }, () => 1);
  const none = all.map(() => 0);
  return runCore(program, image, {
    inputs: [all, all, all, all, none].map((values) => new Map([['in', values]])),
    actions: [[], [lesson], [{ entry: commit }, lesson], [lesson], [{ entry: takeBack }]],
  });
}

/** Cycles of an error on 64 inputs and 10 outputs of which so many have a trace, and of a commit. */
export function learningCycles(program: string, traces: readonly number[]): { errors: number[]; commit: number } {
  const [inputs, outputs] = [64, 10];
  const {
    memory,
    program: code,
    learned,
    entries,
  } = coreImage(pesNet(0.02, inputs, outputs), { room: rooms.simulated });
  const { errors, rows, pre } = learned.get('fc')!;
  const script = new Script();
  script.write(regions.memory, memory.at, memory.words);
  script.write(regions.program, code.at, code.words);
  const count = (entry: number) => {
    script.write(regions.registers, registers.entry, Uint16Array.of(entry));
    script.step();
    script.read(regions.registers, registers.cyclesLow, 1);
  };
  // The largest m, at an s that costs no bit more.
  const table = rows.flatMap(({ lowest, highest }) => [32_767, 20, lowest, highest]);
  script.write(regions.memory, errors!, Uint16Array.from(table));
  for (const some of traces) {
    script.write(
      regions.memory,
      pre,
      Uint16Array.from({ length: 2 * inputs }, (_, k) => Number(k % 2 === 0 && k < 2 * some)),
    );
    count(entries.errors.get('fc')!);
  }
  count(entries.commit);
  const cycles = Array.from(script.run(program));
  return { errors: cycles.slice(0, -1), commit: cycles.at(-1)! };
}
