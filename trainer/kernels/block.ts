/** Outputs of a part: as many sums as registers hold. */
export const OUTPUTS: i32 = 32;

/** Bytes of the numbers of a part's outputs that belong to one input. */
export const BLOCK: usize = 128;
export const BLOCK_SHIFT: i32 = 7;

/** Rows whose blocks stay in the nearest cache: those of a list of an input. */
export const CHUNK: i32 = 256;
