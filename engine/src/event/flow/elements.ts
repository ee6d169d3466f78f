/**
 * One number per neuron. Where all are equal only the first is read, which keeps a loop over a few of many neurons from
 * fetching a line of memory for each: element i is `values[i & mask]`.
 */
export class Elements {
  readonly values: Float64Array;
  mask = 0;

  constructor(values: Float64Array) {
    this.values = values;
    this.changed();
  }

  /** To be called after values were written. */
  changed(): void {
    const { values } = this;
    this.mask = values.every((value) => value === values[0]) ? 0 : -1;
  }
}
