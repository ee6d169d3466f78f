/** Outputs of a part: as many sums as registers hold. */
export const OUTPUTS: i32 = 32;

/** Bytes of the numbers of a part's outputs that belong to one input. */
export const BLOCK: usize = 128;
export const BLOCK_SHIFT: i32 = 7;
