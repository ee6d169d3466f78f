import type { Message, RuntimeNode, Send } from '../node-red.ts';
import { inPlainWords } from '../plain-words.ts';
import type { StatusLine } from './status-line.ts';

/**
 * Puts the messages of a node without nets through `handle`, which may take its time. What it throws or rejects with
 * goes to Catch nodes and the status, and the flow goes on.
 */
export function handleMessages(
  node: RuntimeNode,
  status: StatusLine,
  handle: (message: Message, send: Send) => void | Promise<void>,
): void {
  node.on('input', (message, send, done) => {
    const refuse = (problem: unknown) => {
      status.problem(problem);
      done(inPlainWords(problem));
    };
    try {
      const handled = handle(message, send);
      if (handled === undefined) done();
      else handled.then(() => done(), refuse).catch((failure: Error) => node.error(failure.message));
    } catch (problem) {
      refuse(problem);
    }
  });
  node.on('close', (_removed, done) => {
    status.close();
    done();
  });
}
