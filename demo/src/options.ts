/** What every form of the demo is told. */
export interface DemoOptions {
  /** Broker to use; an embedded one where absent. */
  readonly mqtt?: string;
  readonly store: string;
  /** Forget what an earlier run learned. */
  readonly fresh: boolean;
  /** Seconds for the whole replay; 0: as fast as possible. */
  readonly seconds: number;
  /** Errors above this many times their learned range are flagged. */
  readonly sensitivity?: number;
  /** Readings after a flag in which no new episode begins. */
  readonly holdOff?: number;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  readonly progress: (line: string) => void;
}

/**
 * What is set for the monitor of the nets. Not part of their model, so that another setting goes on with what was
 * learned.
 */
export function monitorSettings({ sensitivity, holdOff }: Pick<DemoOptions, 'sensitivity' | 'holdOff'>) {
  return { ...(sensitivity === undefined ? {} : { sensitivity }), ...(holdOff === undefined ? {} : { holdOff }) };
}
