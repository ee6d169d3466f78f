import type { Carrying, Offer } from '../repository/offer.ts';
import type { CandidateFigures, WayEnd } from '../trial/trial.ts';

/** Where new bases come from. */
export interface UpdateSource {
  /** What is offered to this device now; undefined: nothing. Rejects with `link`, `access`, `file` or `store`. */
  look(signal: AbortSignal): Promise<Offer | undefined>;
  /** Puts the base's file among the bases, under its SHA-256; goes on with an unfinished download. Rejects likewise. */
  fetch(offer: Offer, onProgress: (done: number, of: number) => void, signal: AbortSignal): Promise<void>;
}

/** Whom a trial tells what it sees. */
export interface TrialObserver {
  /** A reading to which both models have named a class. */
  pair(carrying: Carrying, pair: PairSeen): void;
  /** The label of such a reading; how sure both were of their answers, where both have said so. */
  judge(carrying: Carrying, pair: PairSeen, label: string, confidence?: ConfidenceSeen): void;
}

/** Probabilities that the answers are right, as the models have said. */
export interface ConfidenceSeen {
  readonly answering: number;
  readonly watched: number;
}

export interface PairSeen {
  readonly net: string;
  /** Of the reading, in milliseconds since 1970. */
  readonly time: number;
  readonly answering: string;
  readonly watched: string;
}

export interface NamedBase {
  readonly bytes: Uint8Array;
  readonly name: string;
}

/** What runs on this machine, as far as an update is concerned. */
export interface UpdatedHost {
  /** The model in a file, and how what was learned can be carried over to it. Throws what is wrong with it here. */
  describe(bytes: Uint8Array): { readonly digest: string; readonly possible: readonly Carrying[] };
  /**
   * Runs a base beside the one that answers, once for each way to carry over what was learned; the former base
   * (`isFormer`) begins with what its nets had learned. Ways that cannot run are told to `refuse`, with the reason.
   * Where there is memory for some of them only, the first ones run. Resolves with those that run.
   */
  watch(
    base: NamedBase & { readonly isFormer: boolean },
    carryings: readonly Carrying[],
    observer: TrialObserver,
    refuse: (carrying: Carrying, end: WayEnd) => void,
  ): Promise<readonly Carrying[]>;
  /** Of those that are watched. */
  figures(): ReadonlyMap<Carrying, CandidateFigures>;
  /** Watches none any more. */
  unwatch(): Promise<void>;
  /**
   * Lets another base answer. Nets that are watched with that carrying go on as they are there; of the others what was
   * learned is carried over, or, where `carrying` is null, their own states return. `commit` is awaited when all that
   * was learned on the former base is saved, and before the other one learns; where it rejects, the former one goes on,
   * and so does this.
   */
  replace(base: NamedBase, carrying: Carrying | null, commit: () => Promise<void>): Promise<void>;
}
