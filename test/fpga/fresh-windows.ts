import { type CoreImage, copyProgram, regions, registers } from '@spikewire/devices/accelerators';
import { Script } from './simulated-core.ts';

/** What the core holds after a step. */
export interface CoreWords {
  /** The activity memory, from `image.activity.at` on, and the records, from `image.records.at` on. */
  readonly activity: Uint16Array;
  readonly records: Uint16Array;
  readonly cycles: number;
}

const CYCLE_WORDS = 2;

export interface FreshWindows {
  /** One entry for each step, one window after the other. */
  readonly steps: readonly CoreWords[];
  /** Cycles in which the core copies a fresh state, by window. */
  readonly copying: readonly number[];
}

/**
 * Runs windows in the simulated core, `program`, each of which begins with the first state of the net, which the core
 * copies from words behind the net: for each step the words of all Inputs.
 */
export function runFreshWindows(
  program: string,
  image: CoreImage,
  windows: readonly (readonly Uint16Array[])[],
): FreshWindows {
  const { memory, activity, records, input } = image;
  const first = memory.words.subarray(records.at - memory.at, records.at - memory.at + records.length);
  const copy = { at: memory.at + memory.words.length, length: records.length };
  const restore = image.program.at + image.program.words.length;
  const script = new Script();
  const enter = (at: number) => script.write(regions.registers, registers.entry, Uint16Array.of(at));
  script.write(regions.memory, memory.at, memory.words);
  script.write(regions.memory, copy.at, first);
  script.write(regions.program, image.program.at, image.program.words);
  script.write(regions.program, restore, copyProgram(copy, records.at));
  for (const steps of windows) {
    enter(restore);
    script.step();
    script.read(regions.registers, registers.cyclesLow, CYCLE_WORDS);
    enter(image.program.at);
    script.write(regions.activity, activity.at, new Uint16Array(activity.length));
    for (const words of steps) {
      script.write(regions.activity, input.at, words);
      script.step();
      script.read(regions.activity, activity.at, activity.length);
      script.read(regions.memory, records.at, records.length);
      script.read(regions.registers, registers.cyclesLow, CYCLE_WORDS);
    }
  }
  const answers = script.run(program);
  let at = 0;
  const next = (length: number) => {
    at += length;
    return answers.subarray(at - length, at);
  };
  const cycles = () => {
    const [low, high] = next(CYCLE_WORDS);
    return low! + 2 ** 16 * high!;
  };
  const copying: number[] = [];
  const steps = windows.flatMap((window) => {
    copying.push(cycles());
    return window.map(() => ({ activity: next(activity.length), records: next(records.length), cycles: cycles() }));
  });
  return { steps, copying };
}
