import { type CoreImage, regions, registers } from '@spikewire/devices/accelerators';
import { Script } from './simulated-core.ts';

/** What the core holds after a step. */
export interface CoreWords {
  /** The activity memory, from `image.activity.at` on, and the records, from `image.records.at` on. */
  readonly activity: Uint16Array;
  readonly records: Uint16Array;
  readonly cycles: number;
}

const CYCLE_WORDS = 2;

/**
 * Runs windows in the simulated core, `program`, each of which begins with the first state of the net: for each step
 * the words of all Inputs. One entry for each step, one window after the other.
 */
export function runFreshWindows(
  program: string,
  image: CoreImage,
  windows: readonly (readonly Uint16Array[])[],
): CoreWords[] {
  const { memory, activity, records, input } = image;
  const first = memory.words.subarray(records.at - memory.at, records.at - memory.at + records.length);
  const script = new Script();
  script.write(regions.memory, memory.at, memory.words);
  script.write(regions.program, image.program.at, image.program.words);
  script.write(regions.registers, registers.entry, Uint16Array.of(image.program.at));
  for (const steps of windows) {
    script.write(regions.memory, records.at, first);
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
  const length = activity.length + records.length + CYCLE_WORDS;
  return Array.from({ length: answers.length / length }, (_, step) => {
    const answer = answers.subarray(step * length, (step + 1) * length);
    const [low, high] = answer.subarray(-CYCLE_WORDS);
    return {
      activity: answer.subarray(0, activity.length),
      records: answer.subarray(activity.length, activity.length + records.length),
      cycles: low! + 2 ** 16 * high!,
    };
  });
}
