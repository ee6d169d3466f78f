import {
  addRowOneByOne,
  addSizesOneByOne,
  clipRowOneByOne,
  type LearnedWeights,
  scaleRowsOneByOne,
  type WeightRow,
  type WeightRows,
} from './weights.ts';

/** Whole rows in terms of single weights, for weights whose format or order leaves nothing to gain by more. */
export abstract class WeightsOneByOne {
  addRow(this: LearnedWeights, row: WeightRow): void {
    addRowOneByOne(this, row);
  }

  clipRow(this: LearnedWeights, start: number, stride: number, count: number, lowest: number, highest: number): void {
    clipRowOneByOne(this, start, stride, count, lowest, highest);
  }

  addSizes(this: LearnedWeights, sums: Float64Array, rows: WeightRows): void {
    addSizesOneByOne(this, sums, rows);
  }

  scaleRows(this: LearnedWeights, factors: Float64Array, rows: WeightRows): void {
    scaleRowsOneByOne(this, factors, rows);
  }
}
