/** ln 2 in two parts, of which the first times a small whole number is exact. */
const [LN2, REST_OF_LN2] = [0.6931471803691238, 1.9082149292705877e-10];
/** Remez' polynomial of x·(exp(x) + 1)/(exp(x) − 1) in x², beyond 2. */
const [P1, P2, P3, P4, P5] = [
  ...[0.16666666666666602, -0.0027777777777015593, 6.613756321437934e-5],
  ...[-1.6533902205465252e-6, 4.1381367970572385e-8],
] as [number, number, number, number, number];
/** Where exp(x) leaves the numbers. */
const [LARGEST, SMALLEST] = [709.782712893384, -745.1332191019411];
/** About ½·ln 2 and 3⁄2·ln 2, by the upper halves of their bits. */
const [HALF, THREE_HALVES] = [0.3465735912322998, 1.0397205352783203];

/**
 * The exponential function, with the same bits on every machine and engine of JavaScript: what they call `Math.exp` is
 * right to the last bit but one, and differs there between Node and browsers. The method is that of fdlibm (Sun
 * Microsystems 1993), as Node 20 has it: x = k·ln 2 + r, exp(x) = 2^k·exp(r).
 */
export function exp(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x > LARGEST) return Number.POSITIVE_INFINITY;
  if (x < SMALLEST) return 0;
  const size = Math.abs(x);
  if (size < 2 ** -28) return 1 + x;
  if (x === 1) return Math.E;
  const k = size < HALF ? 0 : size < THREE_HALVES ? Math.sign(x) : Math.trunc(Math.LOG2E * x + Math.sign(x) / 2);
  const high = x - k * LN2;
  const low = k * REST_OF_LN2;
  const r = high - low;
  const square = r * r;
  const c = r - square * (P1 + square * (P2 + square * (P3 + square * (P4 + square * P5))));
  if (k === 0) return 1 - ((r * c) / (c - 2) - r);
  const y = 1 - (low - (r * c) / (2 - c) - high);
  // In two steps where 2^k is no number, or only a small one.
  return k > 1023 ? y * 2 * 2 ** (k - 1) : k < -1021 ? y * 2 ** (k + 1000) * 2 ** -1000 : y * 2 ** k;
}
