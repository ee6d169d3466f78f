import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { elementCount } from '@spikewire/models';
import type { Value } from '../graph/operations/value.ts';
import type { Program } from '../graph/program.ts';
import type { Executable, NumberArrays } from './backend.ts';
import type { StagedModel } from './staged-model.ts';

/** What a thread is started with; the arrays are in memory that both threads see. */
export interface OwnThreadData {
  readonly model: StagedModel;
  readonly threads: number;
  readonly inputs: NumberArrays;
  readonly outputs: NumberArrays;
}

/** Asked of the thread, which answers `run` when it is done, and ends after `close`. */
export type OwnThreadRequest = 'run' | 'close';

/** Opens a program in a thread of its own, so that it runs beside others. */
export async function openInThread(program: Program, model: StagedModel, threads: number): Promise<Executable> {
  const [inputs, outputs] = [sharedArrays(program.inputs), sharedArrays(program.outputs)];
  const data: OwnThreadData = { model, threads, inputs, outputs };
  // Options of the process such as --cpu-prof are not meant for this thread.
  const thread = new Worker(new URL('./program-thread.js', import.meta.url), { workerData: data, execArgv: [] });
  const ended = new Promise<void>((resolve) => thread.once('exit', () => resolve()));
  const [room] = (await once(thread, 'message')) as [NumberArrays];
  thread.unref();
  const taken = { ...inputs, ...room };
  return {
    room,
    isBeside: true,
    async run(given, wanted) {
      for (const [name, array] of Object.entries(taken)) {
        if (given[name]!.buffer !== array.buffer) array.set(given[name]!);
      }
      thread.ref();
      const answer = once(thread, 'message');
      thread.postMessage('run' satisfies OwnThreadRequest);
      await answer;
      thread.unref();
      for (const [name, array] of Object.entries(outputs)) wanted[name]!.set(array);
    },
    async close() {
      thread.ref();
      thread.postMessage('close' satisfies OwnThreadRequest);
      // Also of one that an error has ended.
      await ended;
    },
  };
}

function sharedArrays(values: ReadonlyMap<string, Value>): Record<string, Float32Array> {
  const sharedOf = ({ shape }: Value) => new Float32Array(new SharedArrayBuffer(4 * elementCount(shape)));
  return Object.fromEntries([...values].map(([name, value]) => [name, sharedOf(value)]));
}
