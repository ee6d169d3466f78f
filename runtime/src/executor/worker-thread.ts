import { parentPort } from 'node:worker_threads';
import { readAnyModel, SpikewireError } from '@spikewire/models';
import { engineNamed } from '../engine/engines.ts';
import type { WindowRequest, WindowResult } from './executor.ts';
import { InProcessExecutor } from './in-process.ts';
import type { WorkerAnswer, WorkerCall, WorkerOpen, WorkerOpened } from './worker-executor.ts';

/** The other end of `InferenceWorker`: a loop that serves calls in order. */
const port = parentPort!;
const nets = new Map<number, InProcessExecutor>();

port.on('message', (request: WorkerCall) => {
  serve(request).then(
    (value) => port.postMessage({ call: request.call, value } satisfies WorkerAnswer, buffersOf(value)),
    (problem) => port.postMessage({ call: request.call, error: describe(problem) } satisfies WorkerAnswer),
  );
});

async function serve({ net, method, argument }: WorkerCall): Promise<unknown> {
  if (method === 'open') return open(net, argument as WorkerOpen);
  const executor = nets.get(net)!;
  switch (method) {
    case 'run':
      return executor.runNow(argument as WindowRequest);
    case 'setLearning':
      return executor.setLearning(argument as boolean);
    case 'resetLearning':
      return executor.resetLearning();
    case 'save':
      return executor.save();
    case 'restore':
      return executor.restore(argument as Uint8Array);
    case 'close':
      nets.delete(net);
      return undefined;
  }
}

function open(net: number, { engine, model, seed }: WorkerOpen): WorkerOpened {
  const executor = new InProcessExecutor(engineNamed(engine), readAnyModel(model), seed === undefined ? {} : { seed });
  nets.set(net, executor);
  return { name: executor.name, bytes: executor.bytes };
}

/** The buffers of a window's answer move instead of being copied. */
function buffersOf(value: unknown): ArrayBuffer[] {
  const result = value as Partial<WindowResult> | undefined;
  const lists = [result?.output, result?.raster].filter((list) => list !== undefined);
  return lists.flatMap(({ step, node, index, value: values }) => [step, node, index, values].map((array) => array.buffer as ArrayBuffer));
}

function describe(problem: unknown): NonNullable<WorkerAnswer['error']> {
  if (problem instanceof SpikewireError) return { code: problem.code, where: problem.where, message: problem.message };
  const message = problem instanceof Error ? problem.message : String(problem);
  return { code: 'unsupported', where: 'inference worker', message };
}
