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
  /** Those in which a layer was sharpened. */
  readonly sharpened: number;
  readonly pauses: number;
  /** Training loss that the next one is compared with. */
  readonly loss: number;
}

const START: SharpenerState = { epochs: 0, sharpened: 0, pauses: 0, loss: Number.MAX_VALUE };

/**
 * Sharpens layers one after the other from the input on, evenly over an epoch, after a warm-up; where the training loss
 * has risen by more than is tolerated it waits until that is made up for.
 */
export class Sharpener {
  state = START;
  /** How much of the epoch under way is done, 0 … 1. */
  share = 0;
  readonly #options: SharpenerOptions;

  constructor(options: SharpenerOptions) {
    this.#options = options;
  }

  get finished(): boolean {
    return this.state.sharpened >= this.#needed;
  }

  /** Epochs that it takes at most. */
  get epochs(): number {
    const { warmUp, mostPauses } = this.#options;
    return warmUp + this.#needed * (1 + mostPauses);
  }

  /** Epochs of sharpening. */
  get #needed(): number {
    return Math.ceil(this.#options.layers / this.#options.rate);
  }

  get #waits(): boolean {
    return this.state.epochs < this.#options.warmUp || this.state.pauses > 0;
  }

  /** Of each layer, 0 … 1. */
  get sharpness(): number[] {
    const { layers } = this.#options;
    return Array.from({ length: layers }, (_, layer) => Math.max(0, Math.min(1, this.#sum - layer)));
  }

  /**
   * Share of the learning rate, 1 … 0: what is left of the width of the layer that is being sharpened, and less, by the
   * cube of the layers that are left, for each layer before it. The steeper a layer is, the rarer and larger are its
   * gradients; at a constant rate their noise undoes what the layer knows, and once it is sharp nothing mends that. The
   * layers behind it have learned to take it as it is: a rate that rises again by much undoes that too.
   */
  get learning(): number {
    const left = 1 - Math.floor(this.#sum) / this.#options.layers;
    return (1 - (this.#sum % 1)) * left ** 3;
  }

  /** Of all layers. */
  get #sum(): number {
    const { layers, rate } = this.#options;
    const done = this.state.sharpened + (this.#waits ? 0 : this.share);
    return done >= this.#needed ? layers : rate * done;
  }

  endEpoch(loss: number): void {
    this.share = 0;
    const { warmUp, tolerance, mostPauses } = this.#options;
    const { epochs, pauses, loss: before } = this.state;
    const sharpened = this.state.sharpened + (this.#waits ? 0 : 1);
    const isTooMuch = epochs >= warmUp && loss > (1 + tolerance) * before && pauses < mostPauses;
    this.state = isTooMuch
      ? { epochs: epochs + 1, sharpened, pauses: pauses + 1, loss: before }
      : { epochs: epochs + 1, sharpened, pauses: 0, loss };
  }
}
