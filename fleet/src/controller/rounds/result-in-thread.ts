import { Worker } from 'node:worker_threads';
import { SpikewireError } from '@spikewire/models';
import type { ResultAnswer } from './result-thread.ts';
import type { ComputedResult, ResultRequest } from './round-result.ts';

/** Computes a result in a thread of its own: the controller answers devices meanwhile. */
export function resultInThread(request: ResultRequest): Promise<ComputedResult> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL('./result-thread.js', import.meta.url), { workerData: request, execArgv: [] });
    thread.once('message', (answer: ResultAnswer) => {
      if ('result' in answer) return resolve(answer.result);
      const { code, message } = answer;
      reject(code === undefined ? new Error(message) : SpikewireError.restore(code, 'round', message));
    });
    thread.once('error', reject);
    thread.once('exit', () => reject(new Error('the thread that computes the result has ended'))); // or it has answered
  });
}
