import { readWithGraph } from '@spikewire/models';
import type { Engine } from '../engine.ts';
import { selfTest } from '../self-test/run.ts';
import type { OpenOptions } from './executor.ts';
import { InProcessExecutor } from './in-process.ts';

/**
 * An executor in the calling thread for the bytes of a model. Apart from the executor itself, because what reads models
 * takes a megabyte, and a thread that leaves all nets to a worker needs none of it.
 */
export async function openInProcess(
  engine: Engine,
  bytes: Uint8Array,
  options: OpenOptions = {},
  signal?: AbortSignal,
): Promise<InProcessExecutor> {
  const { seed, memory, selfTest: isTested = false } = options;
  const { model, graph } = readWithGraph(bytes, memory === undefined ? {} : { bytes: memory });
  const executor = new InProcessExecutor(engine, model, { seed, signal, graph });
  if (isTested) await selfTest(executor.network, engine, signal);
  return executor;
}
