import type { ComparedScore } from './comparisons.ts';
import type { LatencySummary } from './latency.ts';
import type { MovedSensor } from './scorecard.ts';

/** What every form of the demo says at the end. */
export interface ReplaySummary {
  readonly moved: MovedSensor;
  /** What the nets had at the end. */
  readonly sensitivity: number;
  readonly holdOff: number;
  /** Readings that a run before this one had already learned from. */
  readonly resumedAt: number;
  readonly complete: boolean;
  readonly learning: ComparedScore;
  readonly latencyMs: LatencySummary;
  readonly spikesPerReading: number;
}

/** Of the flow in Node-RED: `learning` is from the messages that the flow published. */
export interface NodeRedDemoSummary extends ReplaySummary {
  readonly nodeRed: { readonly version: string; readonly editor: string; readonly page: string };
  /** Readings whose predictions nobody heard, because something ended between the two. */
  readonly notScored: number;
  readonly networkBytes: number;
  readonly saves: number;
}
