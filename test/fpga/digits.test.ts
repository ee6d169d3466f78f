import { type CoreImage, coreImage, registers, rooms } from '@spikewire/devices/accelerators';
import { encodeFrame, encodeStep, requests, run } from '@spikewire/devices/fpga';
import { type Model, sourceUnit } from '@spikewire/models';
import { engineNamed, type RunningNetwork } from 'spikewire';
import { expect, it } from 'vitest';
import { play, type Stimulus } from '../conformance/play.ts';
import { digits, digitsModel, needsDigits } from './digits.ts';
import { type CoreWords, runFreshWindows } from './fresh-windows.ts';
import { needsCore } from './needs-core.ts';
import { emittedAt, stateAt } from './simulated-core.ts';

/** Test digits of MNIST; devices/rtl/RESULTS.md has the command for all 10,000. */
const DIGITS = Number(process.env.SPIKEWIRE_FPGA_DIGITS ?? 50);
/** Digits of one process of the core. */
const AT_ONCE = 250;

it(`gives every spike and membrane of the integer engine for ${DIGITS} written digits`, {
  timeout: 60_000 + 1000 * DIGITS,
}, async (context) => {
  needsDigits(context);
  const program = needsCore(context);
  const model = digitsModel();
  const { steps } = model.sample;
  const network = engineNamed('integer').load(model);
  const image = coreImage(model, { room: rooms.simulated, graph: network.graph });
  const { stimuli } = await digits(model, DIGITS);
  expect(stimuli).toHaveLength(DIGITS);
  const perDigit: number[] = [];
  let numbers = 0;
  for (let at = 0; at < DIGITS; at += AT_ONCE) {
    const part = stimuli.slice(at, at + AT_ONCE);
    const { steps: done, copying } = runFreshWindows(
      program,
      image,
      part.map((stimulus) => stepsOf(image, stimulus, steps)),
    );
    expect(done).toHaveLength(steps * part.length);
    // A fetch of two instructions, and four cycles for each word.
    expect(new Set(copying)).toEqual(new Set([20 + 2 + 4 * image.records.length]));
    for (const [k, stimulus] of part.entries()) {
      const seen = done.slice(k * steps, (k + 1) * steps);
      network.resetActivity();
      for (const [step, words] of seen.entries()) {
        const expected = engineAt(network, stimulus, step);
        expect(coreAt(image, words), `digit ${at + k}, step ${step}`).toEqual(expected);
        numbers += [...expected.values()].flatMap(({ emitted, membranes }) => [...emitted, ...membranes]).length;
      }
      perDigit.push(sum(seen.map(({ cycles }) => cycles)));
    }
  }
  const line = bytesOnTheLine(model, image, stimuli);
  const spikes = sum(stimuli.map(({ in: events }) => events!.length));
  console.log(
    `${DIGITS} digits of ${steps} steps, ${numbers} numbers equal; a digit: ${(spikes / DIGITS).toFixed(1)} input ` +
      `spikes, ${line.steps.toFixed(1)} bytes of frames for its steps, ${line.copied} for a fresh state that the core ` +
      `copies in ${22 + 4 * image.records.length} cycles, ${line.state} for one that the host writes, ` +
      `${(sum(perDigit) / DIGITS).toFixed(1)} cycles (${Math.min(...perDigit)} to ${Math.max(...perDigit)})`,
  );
  // Every step visits all 74 neurons of both populations.
  expect(Math.min(...perDigit)).toBeGreaterThan(74 * 10 * steps);
});

/** What a population emits in a step, and its membranes after it, in whole numbers. */
interface Population {
  readonly emitted: readonly number[];
  readonly membranes: readonly number[];
}

function coreAt(
  { activity, records, emissions, populations }: CoreImage,
  words: CoreWords,
): ReadonlyMap<string, Population> {
  return new Map(
    Array.from(populations, ([name, place]) => {
      const emitted = emittedAt(emissions.get(name)!, words.activity, activity.at);
      return [name, { emitted, membranes: stateAt(place, words.records, records.at).v }];
    }),
  );
}

function engineAt(network: RunningNetwork, stimulus: Stimulus, step: number): ReadonlyMap<string, Population> {
  const events = play(network, 1, stimulus, step);
  const quantization = network.model.quantization!;
  return new Map(
    [...quantization.neurons].map(([name, { scale, fraction, handOn }]) => {
      const node = network.graph.nodes.find((candidate) => candidate.name === name)!;
      const v = network.readState(name, 'v');
      const unitOf = (n: number) => scale[Math.floor((n * scale.length) / v.length)]! * 2 ** -fraction;
      const emitted = new Array<number>(v.length).fill(0);
      const isReadOut = handOn !== undefined;
      // The Output shows the read-outs, in their unit.
      for (const [, index, value] of events[isReadOut ? 'out' : name]!)
        emitted[index] = Math.round(value / (isReadOut ? sourceUnit(node, quantization) : 1));
      return [name, { emitted, membranes: Array.from(v, (value, n) => Math.round(value / unitOf(n))) }];
    }),
  );
}

/** The words of the Input, step by step. */
function stepsOf({ input }: CoreImage, { in: events }: Stimulus, steps: number): Uint16Array[] {
  const words = Array.from({ length: steps }, () => new Uint16Array(input.length));
  for (const [step, index] of events!) words[step!]![index! >> 4]! |= 1 << (index! & 15);
  return words;
}

/**
 * Bytes of the frames to the board that a digit takes on the line, flags and stuffing included: mean of its steps, and
 * its state, written or copied.
 */
function bytesOnTheLine(
  model: Model,
  image: CoreImage,
  stimuli: readonly Stimulus[],
): { steps: number; state: number; copied: number } {
  const { input, activity, records, memory } = image;
  const place = {
    input: { address: 0x1_0000 + input.at, words: input.length },
    output: { address: 0x1_0000 + input.at + input.length, words: activity.length - input.length },
    outputIsBits: true,
  };
  const length = ({ type, payload }: { type: number; payload: Uint8Array }) =>
    encodeFrame({ sequence: 0, type, payload }).length;
  const bytes = stimuli.map((stimulus) => {
    const steps = stepsOf(image, stimulus, model.sample.steps);
    return length(
      run(
        place,
        steps.map((words) => encodeStep({ words, isBits: true })),
      ),
    );
  });
  const first = memory.words.subarray(records.at - memory.at, records.at - memory.at + records.length);
  const enter = length(requests.write(0x3_0000 + registers.entry, Uint16Array.of(image.program.at)));
  const nothing = { address: 0, words: 0 };
  const bareStep = run({ input: nothing, output: nothing, outputIsBits: false }, [new Uint8Array(0)]);
  return {
    steps: sum(bytes) / bytes.length,
    state: length(requests.write(records.at, first)),
    copied: enter + length(bareStep) + enter,
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
