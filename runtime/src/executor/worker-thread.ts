import { parentPort } from 'node:worker_threads';
import { readAnyModel, SpikewireError } from '@spikewire/models';
import { engineNamed } from '../engine/engines.ts';
import { blockOf, intoBlock, withOutput } from './event-block.ts';
import type { WindowRequest, WindowResult } from './executor.ts';
import { InProcessExecutor } from './in-process.ts';
import type { WorkerAnswer, WorkerCall, WorkerOpen, WorkerOpened } from './worker-call.ts';

/** The other end of `InferenceThread`: a loop that serves calls in order. */
const port = parentPort!;
const nets = new Map<number, InProcessExecutor>();

port.on('message', (request: WorkerCall) => {
  serve(request).then(
    (value) => port.postMessage({ call: request.call, value } satisfies WorkerAnswer, handedOver(request, value)),
    (problem) => port.postMessage({ call: request.call, error: describe(problem) } satisfies WorkerAnswer),
  );
});

async function serve({ net, method, argument }: WorkerCall): Promise<unknown> {
  if (method === 'open') return open(net, argument as WorkerOpen);
  const executor = nets.get(net);
  if (executor === undefined) throw new SpikewireError('unsupported', 'net', 'is closed', 'an open one');
  switch (method) {
    case 'run':
      return run(executor, argument as WindowRequest);
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

/** The output goes back in the block in which the input came. */
function run(executor: InProcessExecutor, request: WindowRequest): WindowResult {
  const result = executor.runNow(request);
  return withOutput(result, intoBlock(result.output, blockOf(request.input)));
}

function handedOver({ method }: WorkerCall, value: unknown): readonly ArrayBuffer[] {
  return method === 'run' ? [blockOf((value as WindowResult).output)] : [];
}

function describe(problem: unknown): NonNullable<WorkerAnswer['error']> {
  if (problem instanceof SpikewireError) return { code: problem.code, where: problem.where, message: problem.message };
  const message = problem instanceof Error ? problem.message : String(problem);
  return { code: 'unsupported', where: 'inference worker', message };
}
