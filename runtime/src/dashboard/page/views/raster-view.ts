import type { RasterColumns } from '../../wire.ts';
import { element } from '../element.ts';
import type { Palette } from '../palette.ts';

/** Readings side by side. */
const READINGS = 20;

/** Canvas pixels from one reading to the next; its steps share them. */
const READING_WIDTH = 48;

/** More neurons than this share rows. */
const MAXIMAL_ROWS = 200;

const ROW_HEIGHT = 2;

const SPIKE_WIDTH = 2;

/**
 * Spikes as dots, neurons upwards, time to the right. The dots are drawn once, into a ring as wide as the picture; each
 * paint puts the two parts of the ring in order and colours them, so that its cost does not depend on the spikes.
 */
export class RasterView {
  readonly #canvas = element('raster', HTMLCanvasElement);
  readonly #detail = element('raster-detail', HTMLElement);
  readonly #top = element('raster-top', HTMLElement);
  readonly #ring = document.createElement('canvas');
  readonly #palette: Palette;
  #neurons = 1;
  /** Readings drawn; the next goes to this index modulo the width. */
  #readings = 0;

  constructor(palette: Palette) {
    this.#palette = palette;
  }

  /** Empties the raster for a net of so many neurons. */
  begin(neurons: number): void {
    this.#neurons = Math.max(1, neurons);
    this.#readings = 0;
    for (const canvas of [this.#ring, this.#canvas]) {
      canvas.width = READINGS * READING_WIDTH;
      canvas.height = this.#rows * ROW_HEIGHT;
    }
    this.#top.textContent = String(this.#neurons - 1);
    this.#detail.textContent = `${this.#neurons} neurons, from the next reading on`;
  }

  add(raster: RasterColumns): void {
    if (raster.steps.length > 0) this.#detail.textContent = `${this.#neurons} neurons, newest ${READINGS} readings`;
    const context = this.#ring.getContext('2d')!;
    let spike = 0;
    for (const count of raster.counts) {
      const left = (this.#readings % READINGS) * READING_WIDTH;
      context.clearRect(left, 0, READING_WIDTH, this.#ring.height);
      for (const end = spike + count; spike < end; spike++) {
        const x = Math.floor((raster.steps[spike]! / raster.windowSteps) * (READING_WIDTH - SPIKE_WIDTH + 1));
        context.fillRect(left + x, this.#rowTop(raster.neurons[spike]!), SPIKE_WIDTH, ROW_HEIGHT);
      }
      this.#readings++;
    }
  }

  draw(): void {
    const { width, height } = this.#canvas;
    const context = this.#canvas.getContext('2d')!;
    const seam = (this.#readings % READINGS) * READING_WIDTH;
    context.globalCompositeOperation = 'source-over';
    context.clearRect(0, 0, width, height);
    context.drawImage(this.#ring, -seam, 0);
    context.drawImage(this.#ring, width - seam, 0);
    context.globalCompositeOperation = 'source-in';
    context.fillStyle = this.#palette.colour('spike');
    context.fillRect(0, 0, width, height);
  }

  get #rows(): number {
    return Math.min(this.#neurons, MAXIMAL_ROWS);
  }

  #rowTop(neuron: number): number {
    const row = Math.floor((neuron * this.#rows) / this.#neurons);
    return (this.#rows - 1 - row) * ROW_HEIGHT;
  }
}
