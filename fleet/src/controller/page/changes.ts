import type { Api } from './api.ts';
import { readEvents } from './events.ts';

/** What may have changed at the controller. */
export type ChangeKind = 'devices' | 'rollouts' | 'rounds' | 'people' | 'history';
const KINDS: readonly ChangeKind[] = ['devices', 'rollouts', 'rounds', 'people', 'history'];

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
    const events = {
      opened() {
        listener.streams(true);
        listener.changed(KINDS); // what happened before
      },
      said: (message: string) => listener.changed(kindsIn(message)),
    };
    await readEvents(api, 'changes', events, signal).catch(() => undefined); // ended, refused or lost: all the same
    if (signal.aborted) return;
    listener.streams(false);
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
    if (!signal.aborted) listener.changed(KINDS);
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
