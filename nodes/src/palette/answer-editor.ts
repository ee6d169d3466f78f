import type { Response } from '../node-red.ts';

/** Answers a form with what it has asked for, or with why that cannot be. */
export function answerEditor(response: Response, asked: Promise<unknown>): void {
  asked.then(
    (document) => response.json(document),
    (failure: Error) => response.status(409).json({ error: failure.message }),
  );
}
