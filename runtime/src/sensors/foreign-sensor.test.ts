import { SpikewireError } from '@spikewire/models';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bringing, Installation, sensorText } from '../extensions/installation.test-data.ts';
import { attachedSensors, openSensor } from './find.ts';
import type { SensorStream } from './sensor-stream.ts';

let made: Installation;
beforeEach(() => {
  made = new Installation();
});
afterEach(() => made.remove());

const channels = "channels: [{ name: 'x', unit: '' }]";
const description = `description: { address: 'odd:a', name: 'a', ${channels} }`;

/** A sensor of a package from outside, from the text of what its driver's `open` gives. */
function open(sensor: string, onProblem?: (problem: SpikewireError) => void): Promise<SensorStream> {
  const driver = sensorText('odd', `open: async () => (${sensor})`);
  made.install(made.project, { odd: bringing('sensors', 'sensorDrivers', driver) });
  return openSensor('odd:a?interval=0.001', { places: made.places, ...(onProblem && { onProblem }) });
}

const samples = (block: string) => `{ ${description}, async *samples() { yield ${block}; } }`;
const line = (problem: string) => `odd: sensor driver "odd": ${problem}`;

describe('what a driver of somebody else opens', () => {
  it.each([
    ['undefined', 'what open gave is missing; expected a sensor'],
    ['{ read() {} }', 'description of what open gave is missing; expected an object with address, name and channels'],
    [
      "{ description: { address: 'odd:a', name: 'a' }, read() {} }",
      'channels of description of what open gave is missing; expected an array of objects with name and unit',
    ],
    [
      `{ description: { address: 'odd:a', name: 'a', rate: -1, ${channels} }, read() {} }`,
      'rate of description of what open gave is -1; expected a number above 0, or nothing',
    ],
    [`{ ${description} }`, 'read of what open gave is missing; expected a function, or one in samples'],
  ])('is refused where it is %s', async (sensor, problem) => {
    const opening = open(sensor);
    await expect(opening).rejects.toBeInstanceOf(SpikewireError);
    await expect(opening).rejects.toMatchObject({ code: 'unsupported', message: line(problem) });
  });

  it.each([
    ['[1]', 'what read gave is a list; expected a Float64Array of length 1, one number for each channel'],
    ['undefined', 'what read gave is missing; expected a Float64Array of length 1, one number for each channel'],
    [
      'Float64Array.of(1, 2, 3)',
      'what read gave is "Float64Array of length 3"; expected a Float64Array of length 1, one number for each channel',
    ],
  ])('ends where read gives %s', async (sample, problem) => {
    const stream = await open(`{ ${description}, read: async () => ${sample} }`);
    await expect(stream.read()).rejects.toMatchObject({ code: 'unsupported', message: line(problem) });
    await stream.close();
  });

  it.each([
    ['{}', 'origin of a block is missing; expected a number'],
    ['{ origin: 0, times: [0] }', 'times of a block is a list; expected a Float64Array'],
    [
      '{ origin: 0, times: new Float64Array(2), values: new Float64Array(3) }',
      'values of a block is "Float64Array of length 3"; expected a Float64Array of length 2',
    ],
  ])('ends where a block of samples is %s', async (block, problem) => {
    const stream = await open(samples(block));
    await expect(stream.read()).rejects.toMatchObject({ code: 'unsupported', message: line(problem) });
    await stream.close();
  });

  it.each([
    [
      'read',
      `{ ${description}, async read() { if (globalThis.odd-- > 0) throw new TypeError('no bus\\nmore'); return Float64Array.of(7); } }`,
    ],
    [
      'samples',
      `{ ${description}, async *samples() { if (globalThis.odd-- > 0) throw new TypeError('no bus\\nmore');
      yield { origin: 0, times: Float64Array.of(0), values: Float64Array.of(7) }; } }`,
    ],
  ])('is asked again where its %s fails', async (method, sensor) => {
    Object.assign(globalThis, { odd: 1 });
    const problems: SpikewireError[] = [];
    const stream = await open(sensor, (problem) => problems.push(problem));
    expect((await stream.read())?.values).toEqual(Float64Array.of(7));
    expect(problems.map(({ code, message }) => [code, message])).toEqual([
      ['input', line(`${method} failed (no bus)`)],
    ]);
    await stream.close();
  });

  it('keeps its own state, and closes', async () => {
    const stream = await open(`new (class { #value = 5; ${description.replace('description:', 'description =')};
      async read() { return Float64Array.of(this.#value++); } async close() { globalThis.closed = this.#value; } })()`);
    expect([(await stream.read())?.values[0], (await stream.read())?.values[0]]).toEqual([5, 6]);
    await stream.close();
    expect(globalThis).toHaveProperty('closed');
  });
});

describe('what a driver of somebody else lists', () => {
  it.each([
    ['[null]', 'what list gave at 0 is null; expected an object with address, name and channels'],
    ['undefined', 'what list gave is missing; expected an array of descriptions'],
    ["[{ address: '', name: 'a' }]", 'address of what list gave at 0 is ""; expected text'],
  ])('is a problem where it is %s, and the others are found', async (given, problem) => {
    made.install(made.project, {
      odd: bringing('sensors', 'sensorDrivers', sensorText('odd', `list: async () => ${given}`)),
      good: bringing('sensors', 'sensorDrivers', sensorText('good')),
    });
    const { found, problems } = await attachedSensors(made.places);
    expect(found.map(({ address }) => address)).toEqual(['good:a']);
    expect(problems.map(({ message }) => message)).toEqual([line(problem)]);
  });
});
