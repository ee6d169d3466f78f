import type { Api } from './api.ts';
import { readMessages } from './event-stream.ts';

/** What may have changed at the controller. */
export type ChangeKind = 'devices' | 'rollouts' | 'people' | 'history';
const KINDS: readonly ChangeKind[] = ['devices', 'rollouts', 'people', 'history'];

/** The controller says something, if only a comment, each 15 s. */
const SILENCE_MILLISECONDS = 40_000;
/** Without its stream of changes the page asks by itself. */
const POLL_MILLISECONDS = 5000;

export interface ChangesListener {
  changed(kinds: readonly ChangeKind[]): void;
  /** Whether the controller tells of changes by itself; else they are asked for. */
  streams(isOpen: boolean): void;
}

/** Follows what changes until the signal: by the stream of the controller and, while that fails, by the clock. */
export async function followChanges(api: Api, listener: ChangesListener, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await readStream(api, listener, signal).catch(() => undefined); // ended, refused or lost: all the same
    if (signal.aborted) return;
    listener.streams(false);
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
    if (!signal.aborted) listener.changed(KINDS);
  }
}

async function readStream(api: Api, listener: ChangesListener, signal: AbortSignal): Promise<void> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), SILENCE_MILLISECONDS);
  try {
    const stream = await api.stream('changes', AbortSignal.any([signal, silence.signal]));
    listener.streams(true);
    listener.changed(KINDS); // what happened before
    const decoder = new TextDecoder();
    const reader = stream.getReader();
    let text = '';
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MILLISECONDS);
      const { messages, rest } = readMessages(text + decoder.decode(part.value, { stream: true }));
      text = rest;
      for (const message of messages) listener.changed(kindsIn(message));
    }
  } finally {
    clearTimeout(timer);
  }
}

/** All kinds where a message names none: a later controller may tell it otherwise. */
function kindsIn(message: string): readonly ChangeKind[] {
  try {
    const { changed } = JSON.parse(message) as { changed: unknown };
    if (Array.isArray(changed)) return KINDS.filter((kind) => changed.includes(kind));
  } catch {
    // not JSON
  }
  return KINDS;
}
