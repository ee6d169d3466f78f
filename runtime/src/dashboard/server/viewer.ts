import type { ServerResponse } from 'node:http';
import type { Roles } from '../../desk/access.ts';
import { type DashboardFrame, SHOWN_CHANNELS, SHOWN_READINGS } from '../source.ts';
import type { DashboardEvents } from '../wire.ts';
import { BATCH_ENTRIES, Batch } from './batch.ts';

/** Between two messages with readings: at most twenty a second. */
const PACE_MILLISECONDS = 50;

/** A viewer that takes nothing for so long is gone, even if its connection is not. */
const STUCK_MILLISECONDS = 30_000;

/**
 * One open event stream. Nothing is written while the connection is still busy with the last message, so that the room
 * a viewer takes is one message on its way, one batch and one event of each other name that wait.
 */
export class Viewer {
  readonly roles: Roles;
  readonly #response: ServerResponse;
  #channels = 0;
  readonly #batch = new Batch();
  /** Newest event of each name that waits for the connection, as text. */
  readonly #owed = new Map<string, string>();
  #blocked = false;
  #sentAt = Number.NEGATIVE_INFINITY;
  #pace: NodeJS.Timeout | undefined;
  #stuck: NodeJS.Timeout | undefined;

  constructor(response: ServerResponse, roles: Roles) {
    this.roles = roles;
    this.#response = response;
    response.on('drain', () => this.#drained());
    response.on('close', () => this.#stop());
    response.on('error', () => this.#stop());
  }

  /** From now on it is shown readings of a net with so many channels. */
  begin(channels: number): void {
    this.#channels = Math.min(channels, SHOWN_CHANNELS);
  }

  /** Takes a reading; it is sent when the pace and the connection allow. */
  offer(frame: DashboardFrame): void {
    this.#batch.add(frame);
    this.#schedule();
  }

  /** Sends the newest readings of the past at once, one by one as far as they are kept. */
  replay(frames: readonly DashboardFrame[]): void {
    for (const frame of frames.slice(-SHOWN_READINGS)) {
      this.#batch.add(frame);
      if (this.#batch.size === BATCH_ENTRIES) {
        this.#writeBatch();
      }
    }
    this.#writeBatch();
  }

  /** Sends an event, or keeps it, in place of an older one of its name, until the connection is free. */
  send<Name extends keyof DashboardEvents>(name: Name, data: DashboardEvents[Name]): void {
    const text = eventText(name, data);
    if (this.#blocked) {
      this.#owed.set(name, text);
    } else {
      this.#write(text);
    }
  }

  close(): void {
    this.#stop();
    this.#response.end();
  }

  #schedule(): void {
    if (this.#pace !== undefined || this.#blocked || this.#batch.size === 0) {
      return;
    }
    const wait = this.#sentAt + PACE_MILLISECONDS - Date.now();
    this.#pace = setTimeout(
      () => {
        this.#pace = undefined;
        if (!this.#blocked) {
          this.#writeBatch();
        }
      },
      Math.min(Math.max(wait, 0), PACE_MILLISECONDS),
    );
  }

  #writeBatch(): void {
    const now = Date.now();
    const readings = this.#batch.take(this.#channels, now);
    if (readings !== null) {
      this.#sentAt = now;
      this.#write(eventText('readings', readings));
    }
  }

  #write(text: string): void {
    if (this.#response.write(text) || this.#blocked) {
      return;
    }
    this.#blocked = true;
    this.#stuck = setTimeout(() => this.#response.destroy(), STUCK_MILLISECONDS);
  }

  #drained(): void {
    clearTimeout(this.#stuck);
    this.#blocked = false;
    const owed = [...this.#owed.values()];
    this.#owed.clear();
    for (const text of owed) {
      this.#write(text);
    }
    this.#schedule();
  }

  #stop(): void {
    clearTimeout(this.#pace);
    clearTimeout(this.#stuck);
    this.#pace = undefined;
    this.#blocked = true;
    this.#owed.clear();
  }
}

/** The text of a server-sent event; JSON has no raw line breaks, so that one data line is enough. */
function eventText<Name extends keyof DashboardEvents>(name: Name, data: DashboardEvents[Name]): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
