import { parentPort, workerData } from 'node:worker_threads';
import { openStages } from './open-stages.ts';
import type { OwnThreadData, OwnThreadRequest } from './own-thread.ts';

// The other end of `openInThread`.
const { model, threads, inputs, outputs } = workerData as OwnThreadData;
const port = parentPort!;
const executable = await openStages(model, threads);
const { room = {} } = executable;
const given = { ...inputs, ...room };
// The library writes into no memory that threads share, on Node 20.
const results = Object.fromEntries(
  Object.entries(outputs).map(([name, { length }]) => [name, new Float32Array(length)]),
);
port.on('message', async (request: OwnThreadRequest) => {
  if (request === 'close') {
    await executable.close();
    port.close();
    return;
  }
  await executable.run(given, results);
  for (const [name, array] of Object.entries(results)) outputs[name]!.set(array);
  port.postMessage(request);
});
port.postMessage(room);
