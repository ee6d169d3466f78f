import { clockedEngine } from '@spikewire/engine';
import { InProcessExecutor } from '@spikewire/engine/executor';
import { anomalyModel, RandomGenerator } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { Session } from './session.ts';

/** A sensor of 20 °C with 0.3 °C of noise, and what may befall it. */
class Sensor {
  readonly #random: RandomGenerator;
  readonly #model = anomalyModel({ channels: [{ name: 'temperature', unit: '°C' }] });
  readonly #session: Session;
  #now = 0;

  constructor(seed: number) {
    this.#random = new RandomGenerator(seed, 'sensor');
    this.#session = new Session(this.#model, new InProcessExecutor(clockedEngine, this.#model), {
      clock: () => this.#now,
    });
  }

  usual = () => 20 + 0.3 * this.#random.nextNormal();

  /** The monitors that flag one of these readings. */
  async read(count: number, value: (k: number) => number = this.usual): Promise<string[]> {
    const flagged = new Set<string>();
    for (let k = 0; k < count; k++) {
      this.#now += 1e6;
      const { verdicts } = await this.#session.feed({ time: this.#now / 1000, values: Float64Array.of(value(k)) });
      for (const { monitor, anomaly } of verdicts) if (anomaly) flagged.add(monitor);
    }
    return [...flagged];
  }

  save = () => this.#session.save();
  restore = (state: Uint8Array) => this.#session.restore(state);
}

/** A fault of so many readings. */
const faults: readonly ((sensor: Sensor, length: number) => Promise<unknown>)[] = [
  (sensor, length) => sensor.read(length, () => 85),
  (sensor, length) => sensor.read(length, () => 0),
  (sensor, length) => sensor.read(length, () => 20 + 10 * (sensor.usual() - 20)),
  (sensor, length) => sensor.read(length, () => 21),
  (sensor, length) => sensor.read(length, (k) => sensor.usual() + (k % 2 === 0 ? 15 : -15)),
  (sensor, length) => sensor.read(length, (k) => sensor.usual() - 0.2 * k),
];

describe('after six faults', () => {
  it.each([
    { seed: 1, length: 10, between: 200 },
    { seed: 2, length: 40, between: 100 },
    { seed: 3, length: 25, between: 500 },
    { seed: 4, length: 100, between: 300 },
    { seed: 19, length: 100, between: 1000 },
    { seed: 8, length: 80, between: 200 },
  ])('flags +5 °C as before them: seed $seed, $length readings each', async ({ seed, length, between }) => {
    const sensor = new Sensor(seed);
    await sensor.read(4000);
    /** What flags a move by so much. */
    const moved = async (rise: number) => {
      const twin = new Sensor(seed + 100);
      await twin.restore(await sensor.save());
      return twin.read(20, () => twin.usual() + rise);
    };
    // A little less before than after: what is usual of noise is never quite the same.
    const [first, second] = [await moved(4), await moved(7)];
    expect(first).toEqual(expect.arrayContaining(['extremum', 'surprise', 'drift']));
    expect(second).toEqual(expect.arrayContaining(['next-reading']));
    for (const fault of faults) {
      await fault(sensor, length);
      await sensor.read(between);
    }
    // Rare steps have to be rarer until ordinary readings have made up for the faults.
    const soon = (monitors: string[]) => expect.arrayContaining(monitors.filter((each) => each !== 'pair-novelty'));
    expect(await moved(5)).toEqual(soon(first));
    expect(await moved(8)).toEqual(soon(second));
    await sensor.read(1500);
    expect(await moved(5)).toEqual(expect.arrayContaining(first));
    expect(await moved(8)).toEqual(expect.arrayContaining(second));
  });
});
