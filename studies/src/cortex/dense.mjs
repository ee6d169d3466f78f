// The stand-in for a dense net in int8: its weights, and what it must give.

/** Weights by layer, rows by output; each layer's sums of these inputs fill int8. */
export function denseNet(weights, images) {
  let rows = images.map((image) => Array.from(image, (pixel) => pixel - 128));
  let zero = -128;
  const layers = weights.map(({ values, outputs }, k) => {
    const inputs = values.length / outputs;
    const bias = Array.from({ length: outputs }, (_, o) => -zero * sumOf(values.slice(o * inputs, (o + 1) * inputs)));
    const sums = rows.map((row) => bias.map((b, o) => b + dot(values, o * inputs, row)));
    const lowest = k < weights.length - 1 ? 0 : -128;
    const factor = factorOf(127 / Math.max(...sums.flat().map(Math.abs)));
    rows = sums.map((row) => row.map((sum) => scaled(sum, factor, lowest)));
    zero = 0;
    return { values, bias, ...factor };
  });
  return { header: layers.map(headerOf).join(''), scores: rows };
}

function dot(values, from, row) {
  let sum = 0;
  for (let i = 0; i < row.length; i++) sum += values[from + i] * row[i];
  return sum;
}

const sumOf = (values) => values.reduce((total, value) => total + value, 0);

/** A factor below 1 as m·2^(−31 − shift), with m of 31 bits. */
function factorOf(factor) {
  const shift = Math.max(0, -Math.floor(Math.log2(factor)) - 1);
  return { multiplier: Math.floor(factor * 2 ** (31 + shift)), shift };
}

function scaled(sum, { multiplier, shift }, lowest) {
  const value = (BigInt(sum) * BigInt(multiplier) + (1n << BigInt(30 + shift))) >> BigInt(31 + shift);
  return Math.max(lowest, Math.min(127, Number(value)));
}

const headerOf = ({ values, bias, multiplier, shift }, k) =>
  `static const int8_t weights${k + 1}[] = {${values}};
static const int32_t bias${k + 1}[] = {${bias}};
enum { MULTIPLIER${k + 1} = ${multiplier}, SHIFT${k + 1} = ${shift} };
`;
