import { parentPort } from 'node:worker_threads';
import { engineNamed } from '@spikewire/engine';
import type { ChosenEngine, InProcessExecutor } from '@spikewire/engine/executor';
import { SpikewireError } from '@spikewire/models';
import { fromBlock, intoBlock, withOutput } from './event-block.ts';
import { inProcess } from './in-process-source.ts';
import type {
  WorkerAnswer,
  WorkerCall,
  WorkerOpen,
  WorkerOpened,
  WorkerRan,
  WorkerRestored,
  WorkerRun,
} from './worker-call.ts';

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
      return run(executor, argument as WorkerRun);
    case 'setLearning':
      return executor.setLearning(argument as boolean);
    case 'resetLearning':
      return executor.resetLearning();
    case 'save':
      return executor.save();
    case 'restore':
      return {
        learnedOnly: await executor.restore(argument as Uint8Array),
        ...chosen(executor),
      } satisfies WorkerRestored;
    case 'close':
      nets.delete(net);
      return undefined;
  }
}

async function open(net: number, { engine, model, ...options }: WorkerOpen): Promise<WorkerOpened> {
  const executor = await inProcess(engineNamed(engine)).open(model, options);
  nets.set(net, executor);
  return { name: executor.name, ...chosen(executor) };
}

function chosen({ choice, bytes }: InProcessExecutor): ChosenEngine {
  return { choice, bytes };
}

function run(executor: InProcessExecutor, { input, ...window }: WorkerRun): WorkerRan {
  const result = executor.runNow({ ...window, input: fromBlock(input) });
  return withOutput(result, intoBlock(result.output, input.memory));
}

function handedOver({ method }: WorkerCall, value: unknown): readonly ArrayBuffer[] {
  return method === 'run' ? [(value as WorkerRan).output.memory] : [];
}

function describe(problem: unknown): NonNullable<WorkerAnswer['error']> {
  if (problem instanceof SpikewireError) return { code: problem.code, where: problem.where, message: problem.message };
  const message = problem instanceof Error ? problem.message : String(problem);
  return { code: 'unsupported', where: 'inference worker', message };
}
