import type { KeptSession } from 'spikewire/session';

/** A net that learns from an endless stream of acts, each of which follows from its number alone. */
export interface LearningNet {
  open(directory: string | undefined, warnings?: string[]): Promise<KeptSession>;
  digest(kept: KeptSession): string;
  /** Acts that it knows of. */
  done(kept: KeptSession): number;
  act(kept: KeptSession, k: number): Promise<unknown>;
}

export const nets: Readonly<Record<'predictor' | 'classifier', LearningNet>>;
