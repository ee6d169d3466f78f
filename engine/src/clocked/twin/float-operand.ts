const bits = new DataView(new ArrayBuffer(4));

/** The float32 number that an operand carries as its bits. */
export function floatOf(operand: number): number {
  bits.setInt32(0, operand);
  return bits.getFloat32(0);
}
