import { clockedEngine } from '@spikewire/engine';
import { InProcessExecutor } from '@spikewire/engine/executor';
import { anomalyModel, RandomGenerator } from '@spikewire/models';
import { expect, it } from 'vitest';
import { Session } from './session.ts';

const WARM_UP = 3000;
/** Watts of the phases of a washing machine, and readings of each; the pause is the first. */
const POWER = [8, 2000, 160, 300] as const;
const HEATS = 150;
const OTHERS = 300;

/** What it takes, programme after programme, with pauses of 100…500 readings. */
function* washing(seed: number) {
  const random = new RandomGenerator(seed, 'cycle');
  for (let phase = 0; ; phase = (phase + 1) % POWER.length) {
    const pause = 100 + Math.floor(400 * random.nextUniform());
    const readings = phase === 0 ? pause : phase === 1 ? HEATS : OTHERS;
    for (let k = 0; k < readings; k++) yield POWER[phase]! * (1 + 0.01 * random.nextNormal()) + 3 * random.nextNormal();
  }
}

it.each([2, 6])('keeps what it knows of levels that come and go, whichever is adopted: machine %i', async (seed) => {
  const model = anomalyModel({ channels: [{ name: 'power', unit: 'W' }], warmUp: WARM_UP });
  let now = 0;
  const session = new Session(model, new InProcessExecutor(clockedEngine, model), {
    clock: () => now,
    warmUp: WARM_UP,
  });
  const alarms: string[] = [];
  const power = washing(seed);
  for (let k = 0; k < 16_000; k++) {
    now += 5e6;
    const values = Float64Array.of(power.next().value!);
    const { verdicts } = await session.feed({ time: now / 1000, values });
    for (const { monitor, alarm } of verdicts) if (alarm) alarms.push(monitor);
  }
  expect(alarms.filter((monitor) => monitor !== 'next-reading')).toEqual([]);
});
