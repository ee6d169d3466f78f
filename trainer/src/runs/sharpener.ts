export interface SharpenerOptions {
  readonly layers: number;
  /** Epochs before anything is sharpened. */
  readonly warmUp: number;
  /** By how much a layer is sharpened in an epoch, up to 1. */
  readonly rate: number;
  /** By what share the training loss may rise in an epoch of sharpening; otherwise the net learns on as it is. */
  readonly tolerance: number;
  /** Epochs without sharpening in a row, at most. */
  readonly mostPauses: number;
}

/** How far it is, as it stands in a checkpoint. */
export interface SharpenerState {
  readonly epochs: number;
  /** Sum of the sharpness of all layers. */
  readonly total: number;
  readonly pauses: number;
  /** Training loss that the next one is compared with. */
  readonly loss: number;
}

const START: SharpenerState = { epochs: 0, total: 0, pauses: 0, loss: Number.MAX_VALUE };

/**
 * Sharpens layers one after the other from the input on, evenly over an epoch, after a warm-up; where the training loss
 * has risen by more than is tolerated it waits until that is made up for.
 */
export class Sharpener {
  state = START;
  readonly #options: SharpenerOptions;

  constructor(options: SharpenerOptions) {
    this.#options = options;
  }

  get finished(): boolean {
    return this.state.total >= this.#options.layers;
  }

  /** Epochs that it takes at most. */
  get epochs(): number {
    const { layers, warmUp, rate, mostPauses } = this.#options;
    return warmUp + Math.ceil(layers / rate) * (1 + mostPauses);
  }

  /** Of each layer, in so much of the epoch that is under way: 0 … 1. */
  sharpness(share: number): number[] {
    const { layers, rate, warmUp } = this.#options;
    const { epochs, total, pauses } = this.state;
    const now = epochs < warmUp || pauses > 0 ? total : total + rate * share;
    return Array.from({ length: layers }, (_, layer) => Math.max(0, Math.min(1, now - layer)));
  }

  endEpoch(loss: number): void {
    const { warmUp, tolerance, mostPauses } = this.#options;
    const { epochs, pauses, loss: before } = this.state;
    const total = this.sharpness(1).reduce((sum, each) => sum + each, 0);
    const isTooMuch = epochs >= warmUp && loss > (1 + tolerance) * before && pauses < mostPauses;
    this.state = isTooMuch
      ? { epochs: epochs + 1, total, pauses: pauses + 1, loss: before }
      : { epochs: epochs + 1, total, pauses: 0, loss };
  }
}
