import { referenceEngine } from '@spikewire/engine';
import type { Executor, ExecutorSource } from '@spikewire/engine/executor';
import { inProcess } from '@spikewire/engine/executor';
import { nextReadingModel, SpikewireError, writeModel } from '@spikewire/models';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { executorSourceOf } from '../executor/address.ts';
import { Host } from './host.ts';

vi.mock('../executor/address.ts', async (original) => ({ ...(await original<object>()), executorSourceOf: vi.fn() }));

const modelOf = (seed: number) =>
  writeModel(nextReadingModel({ channels: [{ name: 'level', unit: 'm' }], neurons: 5, rangeWarmUp: 4, seed }));
const [ANSWERING, WATCHED] = [modelOf(1), modelOf(2)];
const reading = (k: number) => ({ time: k, values: Float64Array.of(Math.sin(k)) });

/** Like a thread: one window after another, and those of the watched model have no end until it is closed. */
class BlockedThread implements ExecutorSource {
  readonly name = 'thread';
  readonly #inner = inProcess(referenceEngine);
  readonly abilities = this.#inner.abilities;
  #end: (failure: Error) => void = () => {};
  readonly #ended = new Promise<never>((_, reject) => {
    this.#end = reject;
  });
  #last: Promise<unknown> = Promise.resolve();
  isBlocked = false;
  isClosed = false;

  constructor() {
    this.#ended.catch(() => {});
  }

  async open(model: Uint8Array): Promise<Executor> {
    const executor = await this.#inner.open(model);
    const run = executor.run.bind(executor);
    executor.run = (request) => {
      const isEndless = model === WATCHED && request.steps > 0;
      const window = this.#last.then(() => {
        this.isBlocked ||= isEndless;
        return isEndless ? this.#ended : run(request);
      });
      this.#last = window.catch(() => {});
      return window;
    };
    return executor;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.#end(new SpikewireError('unsupported', 'thread', 'is closed', 'an open one'));
  }
}

let threads: BlockedThread[];
let host: Host;
beforeEach(() => {
  threads = [];
  vi.mocked(executorSourceOf).mockReset();
  vi.mocked(executorSourceOf).mockImplementation(async () => {
    threads.push(new BlockedThread());
    return threads.at(-1)!;
  });
});
afterEach(() => host.close());

it('a watched model whose windows have no end delays no answer, and ends with the host', async () => {
  host = await Host.open({ bytes: ANSWERING }, { device: 'reference', threads: 1, net: '' });
  await host.watch([{ bytes: WATCHED }]);
  const answers = (async () => {
    for (let k = 1; k <= 20; k++) await host.desk.feed('', reading(k));
    return 'answered';
  })();
  await expect.poll(() => threads.at(-1)!.isBlocked).toBe(true);
  const late = new Promise((resolve) => setTimeout(resolve, 20_000, 'not answered').unref());
  try {
    expect(await Promise.race([answers, late])).toBe('answered');
    const [first, second] = vi.mocked(executorSourceOf).mock.calls;
    expect(second).toEqual(first);
  } finally {
    if (threads.length === 1) await threads[0]!.close();
  }
  await host.close();
  expect(threads.map(({ isClosed }) => isClosed)).toEqual([true, true]);
  const { readings, leftOut, refused } = host.comparison!;
  expect({ taken: readings + leftOut, refused }).toEqual({ taken: 20, refused: 0 });
});

it('a thread of a watched model is closed where the model is refused or replaced', async () => {
  host = await Host.open({ bytes: ANSWERING }, { device: 'reference', threads: 1, net: '' });
  await expect(host.watch([{ bytes: Uint8Array.of(1) }])).rejects.toThrow();
  await host.watch([{ bytes: modelOf(3) }]);
  await host.watch([{ bytes: modelOf(4) }]);
  expect(threads.map(({ isClosed }) => isClosed)).toEqual([false, true, true, false]);
});

it('a watched model shares a place of which there is one', async () => {
  host = await Host.open({ bytes: ANSWERING }, { device: 'board:0', threads: 1, net: '' });
  await host.watch([{ bytes: modelOf(3) }]);
  await host.watch([]);
  expect(threads.map(({ isClosed }) => isClosed)).toEqual([false]);
});
