/** Where the operands of a product lie, and how large they are, in the order in which a job has them. */
@unmanaged
export class Product {
  /** [rows, inputs] */
  matrix: usize;
  rows: i32;
  inputs: i32;
  /** For each row room for `slot` numbers, at least 8 more than inputs. */
  lists: usize;
  slot: i32;
  /** Whether a number of the matrix is neither 0 nor 1. */
  graded: usize;
  /** For each chunk of rows the ends of its inputs' lists, an address each, and then these lists, 2 bytes a row. */
  columns: usize;
  /** For each set of eight inputs, a bit each, which ones are in it, ascending, a byte each. */
  members: usize;
  /** [outputs, inputs] */
  weights: usize;
  /** [rows, outputs] */
  sums: usize;
  outputs: i32;
  /**
   * Room for the weights with the outputs innermost, a block for each input, and for those of a chunk, in every part.
   */
  scratch: usize;
  /** [outputs], or 0. */
  bias: usize;
}
