import type { IncomingMessage } from 'node:http';

const keepers = new WeakMap<object, () => void>();

/** Keeps the connection of a request, where that gets a stream: the server closes others first. */
export function onStream(request: IncomingMessage, keep: () => void): void {
  keepers.set(request, keep);
}

/** The request has passed all checks, and its answer has no end. */
export function beginStream(request: object): void {
  keepers.get(request)?.();
}
