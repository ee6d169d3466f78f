import { spawnSync } from 'node:child_process';
import { type CoreImage, regions, registers } from '@spikewire/devices/accelerators';

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
  const commands = [
    write(regions.memory, memory.at, memory.words),
    write(regions.program, image.program.at, image.program.words),
    write(regions.registers, registers.entry, Uint16Array.of(image.program.at)),
    ...windows.flatMap((steps) => [
      write(regions.memory, records.at, first),
      write(regions.activity, activity.at, new Uint16Array(activity.length)),
      ...steps.flatMap((words) => [
        write(regions.activity, input.at, words),
        command('S', 1),
        read(regions.activity, activity.at, activity.length),
        read(regions.memory, records.at, records.length),
        read(regions.registers, registers.cyclesLow, CYCLE_WORDS),
      ]),
    ]),
  ];
  const { stdout, stderr, status } = spawnSync(program, ['1'], { input: Buffer.concat(commands), maxBuffer: 2 ** 30 });
  if (status !== 0) throw new Error(`the simulated core ended with ${status}: ${stderr}`);
  const answers = new Uint16Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + stdout.length));
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

/** Commands for `devices/rtl/simulation/core.cpp`. */
function command(name: string, ...numbers: readonly number[]): Buffer {
  return Buffer.concat([Buffer.from(name), Buffer.from(Uint32Array.from(numbers).buffer)]);
}

function read(region: number, at: number, count: number): Buffer {
  return command('R', (region << 16) | at, count);
}

function write(region: number, at: number, words: Uint16Array): Buffer {
  const bytes = Buffer.from(words.buffer, words.byteOffset, words.byteLength);
  return Buffer.concat([command('W', (region << 16) | at, words.length), bytes]);
}
