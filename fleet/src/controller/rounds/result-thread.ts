import { parentPort, workerData } from 'node:worker_threads';
import { SpikewireError } from '@spikewire/models';
import { computeResult, type ResultRequest } from './round-result.ts';

/** What the thread says at its end. */
export type ResultAnswer =
  | { readonly result: ReturnType<typeof computeResult> }
  | { readonly code: SpikewireError['code'] | undefined; readonly message: string };

function answer(): ResultAnswer {
  try {
    return { result: computeResult(workerData as ResultRequest) };
  } catch (failure) {
    const { message } = failure as Error;
    return { code: failure instanceof SpikewireError ? failure.code : undefined, message };
  }
}

parentPort!.postMessage(answer());
