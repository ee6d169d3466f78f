import type { Message, RuntimeNode, Send } from '../node-red.ts';
import { inPlainWords } from '../plain-words.ts';
import type { StatusLine } from './status-line.ts';

/**
 * Puts the messages of a node without nets through `handle`. What it throws goes
 * to Catch nodes and the status, and the flow goes on.
 */
export function handleMessages(
  node: RuntimeNode,
  status: StatusLine,
  handle: (message: Message, send: Send) => void,
): void {
  node.on('input', (message, send, done) => {
    try {
      handle(message, send);
      done();
    } catch (problem) {
      status.problem(problem);
      done(inPlainWords(problem));
    }
  });
  node.on('close', (_removed, done) => {
    status.close();
    done();
  });
}
