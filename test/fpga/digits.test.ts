import { coreImage, rooms } from '@spikewire/devices/accelerators';
import { encodeFrame, encodeStep, requests, run } from '@spikewire/devices/fpga';
import type { Model } from '@spikewire/models';
import { expect, it } from 'vitest';
import type { Stimulus } from '../conformance/play.ts';
import { compareCoreAfresh } from './compare-core.ts';
import { digits, digitsModel, needsDigits } from './digits.ts';
import { needsCore } from './needs-core.ts';

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
  const { stimuli } = await digits(model, DIGITS);
  expect(stimuli).toHaveLength(DIGITS);
  const cycles: number[] = [];
  let numbers = 0;
  for (let at = 0; at < DIGITS; at += AT_ONCE) {
    const found = compareCoreAfresh(program, model, model.sample.steps, stimuli.slice(at, at + AT_ONCE));
    expect(found.difference).toBeUndefined();
    cycles.push(...found.cycles);
    numbers += found.compared;
  }
  const { steps } = model.sample;
  const line = bytesOnTheLine(model, stimuli);
  const perDigit = Array.from({ length: DIGITS }, (_, k) => sum(cycles.slice(k * steps, (k + 1) * steps)));
  const spikes = sum(stimuli.map(({ in: events }) => events!.length));
  console.log(
    `${DIGITS} digits of ${steps} steps, ${numbers} numbers equal; a digit: ${(spikes / DIGITS).toFixed(1)} input ` +
      `spikes, ${line.steps.toFixed(1)} bytes of frames for its steps and ${line.state} for a fresh state, ` +
      `${(sum(perDigit) / DIGITS).toFixed(1)} cycles (${Math.min(...perDigit)} to ${Math.max(...perDigit)})`,
  );
  // Every step visits all 74 neurons of both populations.
  expect(Math.min(...perDigit)).toBeGreaterThan(74 * 10 * steps);
});

/** Bytes of the frames that a digit takes on the line, flags and stuffing included: mean of its steps, and its state. */
function bytesOnTheLine(model: Model, stimuli: readonly Stimulus[]): { steps: number; state: number } {
  const { input, activity, records, memory } = coreImage(model, { room: rooms.up5k });
  const place = {
    input: { address: 0x1_0000 + input.at, words: input.length },
    output: { address: 0x1_0000 + input.at + input.length, words: activity.length - input.length },
    outputIsBits: true,
  };
  const length = ({ type, payload }: { type: number; payload: Uint8Array }) =>
    encodeFrame({ sequence: 0, type, payload }).length;
  const bytes = stimuli.map(({ in: events }) => {
    const stepsOf = Array.from({ length: model.sample.steps }, (_, at) => {
      const words = new Uint16Array(input.length);
      for (const [step, index] of events!) if (step === at) words[index! >> 4]! |= 1 << (index! & 15);
      return encodeStep({ words, isBits: true });
    });
    return length(run(place, stepsOf));
  });
  const first = memory.words.subarray(records.at - memory.at, records.at - memory.at + records.length);
  return { steps: sum(bytes) / bytes.length, state: length(requests.write(records.at, first)) };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
