export const baseDigest: string;
export function stateOf(sequence: bigint): Uint8Array;
