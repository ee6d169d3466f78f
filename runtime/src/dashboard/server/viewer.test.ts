import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ALL_ROLES } from '../../desk/access.ts';
import type { DashboardFrame } from '../source.ts';
import type { ReadingsEvent } from '../wire.ts';
import { Viewer } from './viewer.ts';

/** A connection that takes what is written, or is full after every message. */
class Connection extends EventEmitter {
  readonly written: string[] = [];
  full = false;
  destroyed = false;

  write(text: string): boolean {
    this.written.push(text);
    return !this.full;
  }

  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }

  end(): void {
    this.emit('close');
  }

  readings(): ReadingsEvent[] {
    return this.written
      .filter((text) => text.startsWith('event: readings\n'))
      .map((text) => JSON.parse(text.split('data: ')[1]!));
  }
}

function frame(seq: number): DashboardFrame {
  return {
    reading: {
      seq,
      time: seq,
      values: [seq],
      expected: null,
      score: 0,
      limit: 1,
      anomaly: false,
      error: 0,
      spikes: 0,
      rate: 0,
    },
    raster: { steps: [], neurons: [], windowSteps: 1 },
    status: {
      warmUp: { done: true, readings: 1, of: 1 },
      learning: true,
      memory: { resident: 0, network: 0 },
      saved: null,
      counters: { received: 0, bad: 0, dropped: 0, published: 0 },
      latencyMicroseconds: 0,
    },
  };
}

let connection: Connection;
let viewer: Viewer;
beforeEach(() => {
  vi.useFakeTimers();
  connection = new Connection();
  viewer = new Viewer(connection as unknown as ServerResponse, ALL_ROLES);
  viewer.begin(1);
});
afterEach(() => {
  vi.useRealTimers();
});

describe('viewer', () => {
  it('gets at most twenty messages a second, and every reading in them', () => {
    for (let millisecond = 1; millisecond <= 1000; millisecond++) {
      viewer.offer(frame(millisecond));
      vi.advanceTimersByTime(1);
    }
    vi.advanceTimersByTime(50);
    const messages = connection.readings();
    expect(messages.length).toBeLessThanOrEqual(21);
    expect(messages.flatMap(({ seq }) => seq)).toEqual(Array.from({ length: 1000 }, (_, index) => index + 1));
  });

  it('gets a single reading at once', () => {
    viewer.offer(frame(1));
    vi.advanceTimersByTime(0);
    expect(connection.readings().length).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is not written to while its connection is full; of each event the newest waits', () => {
    connection.full = true;
    viewer.send('state', null);
    const state = { net: 'one', anomaly: false, learning: true, warmUp: { done: true, readings: 1, of: 1 }, flags: 0 };
    for (let readings = 1; readings <= 1000; readings++) {
      viewer.offer(frame(readings));
      viewer.send('state', { ...state, readings });
      vi.advanceTimersByTime(10);
    }
    expect(connection.written.length).toBe(1);
    connection.full = false;
    connection.emit('drain');
    vi.advanceTimersByTime(50);
    expect(connection.written.length).toBe(3);
    expect(connection.written[1]).toBe(`event: state\ndata: ${JSON.stringify({ ...state, readings: 1000 })}\n\n`);
    expect(connection.readings()[0]!.readings.reduce((sum, count) => sum + count)).toBe(1000);
  });

  it('is given up when it takes nothing for half a minute', () => {
    connection.full = true;
    viewer.send('state', null);
    vi.advanceTimersByTime(29_999);
    expect(connection.destroyed).toBe(false);
    vi.advanceTimersByTime(1);
    expect(connection.destroyed).toBe(true);
    viewer.offer(frame(1));
    expect(vi.getTimerCount()).toBe(0);
  });

  it('shows the past reading by reading', () => {
    viewer.replay(Array.from({ length: 1000 }, (_, index) => frame(index + 1)));
    const messages = connection.readings();
    expect(messages.flatMap(({ seq }) => seq)).toEqual(Array.from({ length: 600 }, (_, index) => index + 401));
    expect(messages.at(-1)!.status.merged).toBe(0);
  });
});
