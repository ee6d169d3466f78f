import type { NodeRed, Response } from '../node-red.ts';
import { type Part, partOf } from './node-part.ts';

/** Answers a form with what it has asked for, or with why that cannot be. */
export function answerEditor(response: Response, asked: Promise<unknown>): void {
  asked.then(
    (document) => response.json(document),
    (failure: Error) => response.status(409).json({ error: failure.message }),
  );
}

/** Answers a form with what it asks of a part of a node that runs, or with why it does not run. */
export function answerFrom<Kept>(
  RED: NodeRed,
  response: Response,
  part: Part<Kept>,
  id: unknown,
  ask: (kept: Kept) => Promise<unknown>,
): void {
  const found = partOf(RED, id, part);
  if (found instanceof part.kind) answerEditor(response, ask(found));
  else response.status(404).json({ error: (found as Error | undefined)?.message ?? RED._('error.notDeployed') });
}
