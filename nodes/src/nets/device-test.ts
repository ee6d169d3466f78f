import { EventBuffer, SpikewireError } from 'spikewire';
import { tryBoard } from 'spikewire/accelerators';
import { executorSourceOf } from 'spikewire/executor';
import { modelBytes } from './model-bytes.ts';
import { placeOf } from './place.ts';

/** What has not answered by then is said not to. */
const PATIENCE_MS = 15_000;
const STEPS = 50;
const LONGEST = 200;

/** What answered, and how long it took for a small net. */
export interface DeviceAnswer {
  readonly name: string;
  readonly milliseconds: number;
}

/** Tries addresses, one at a time. */
export class DeviceTest {
  #busy = false;

  /** Rejects with why nothing answers at the address. */
  async run(address: unknown): Promise<DeviceAnswer> {
    if (typeof address !== 'string' || address.trim() === '' || address.length > LONGEST)
      throw new SpikewireError('usage', 'address', 'is not an address', 'such as clocked');
    if (this.#busy) throw new SpikewireError('budget', 'test', 'is under way', 'one at a time');
    this.#busy = true;
    const trial = runSmallNet(address.trim()).finally(() => {
      this.#busy = false;
    });
    return within(PATIENCE_MS, trial);
  }
}

async function runSmallNet(address: string): Promise<DeviceAnswer> {
  const { device, threads } = placeOf(address, true);
  const source = await executorSourceOf(device, { threads });
  try {
    if (device.includes(':')) {
      const { name, windows, windowsPerSecond } = await tryBoard(source);
      return { name, milliseconds: Number(((1000 * windows) / windowsPerSecond).toPrecision(2)) };
    }
    const channels = [{ name: 'test', unit: '' }];
    const executor = await source.open(await modelBytes({ kind: 'next-reading', channels, rangeWarmUp: 2 }));
    try {
      const began = performance.now();
      await executor.run({ steps: STEPS, input: new EventBuffer(0).toList() });
      return { name: executor.name, milliseconds: Number((performance.now() - began).toPrecision(2)) };
    } finally {
      await executor.close();
    }
  } finally {
    await source.close();
  }
}

/** Rejects where there is no answer in time; what comes later is nobody's. */
function within<T>(milliseconds: number, answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () =>
      reject(new SpikewireError('unsupported', 'device', 'does not answer', `one in ${milliseconds} ms`));
    const timer = setTimeout(late, milliseconds);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
