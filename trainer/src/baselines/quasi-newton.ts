const MEMORY = 10;
const MOST_STEPS = 200;
const [DECREASE, SHORTER, MOST_HALVINGS] = [1e-4, 0.5, 30];

/**
 * The minimum of a smooth function by L-BFGS with backtracking (Nocedal and Wright 2006, algorithms 7.4, 7.5 and 3.1),
 * until no component of the gradient is above `tolerance`, or after 200 steps. `value` writes its gradient.
 */
export function minimise(
  value: (at: Float64Array, gradient: Float64Array) => number,
  start: Float64Array,
  tolerance = 1e-4,
): Float64Array {
  let at = start.slice();
  let gradient = new Float64Array(at.length);
  let height = value(at, gradient);
  const changes: { readonly s: Float64Array; readonly y: Float64Array; readonly rho: number }[] = [];
  for (let step = 0; step < MOST_STEPS && gradient.some((g) => Math.abs(g) > tolerance); step++) {
    const direction = gradient.map((g) => -g);
    const alphas = changes.map(() => 0);
    for (let k = changes.length - 1; k >= 0; k--) {
      const { s, y, rho } = changes[k]!;
      alphas[k] = rho * dot(s, direction);
      addTo(direction, y, -alphas[k]!);
    }
    const last = changes.at(-1);
    const scale = last === undefined ? 1 / Math.sqrt(dot(gradient, gradient)) : 1 / (last.rho * dot(last.y, last.y));
    for (let i = 0; i < direction.length; i++) direction[i]! *= scale;
    for (const [k, { s, y, rho }] of changes.entries()) addTo(direction, s, alphas[k]! - rho * dot(y, direction));
    const slope = dot(gradient, direction);
    let [length, next, below] = [1, at, height];
    const nextGradient = new Float64Array(at.length);
    for (let halving = 0; ; halving++) {
      next = at.map((x, i) => x + length * direction[i]!);
      below = value(next, nextGradient);
      if (below <= height + DECREASE * length * slope) break;
      if (halving === MOST_HALVINGS) return at;
      length *= SHORTER;
    }
    const s = next.map((x, i) => x - at[i]!);
    const y = nextGradient.map((g, i) => g - gradient[i]!);
    const product = dot(s, y);
    if (product > 0) changes.push({ s, y, rho: 1 / product });
    if (changes.length > MEMORY) changes.shift();
    [at, gradient, height] = [next, nextGradient, below];
  }
  return at;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function addTo(target: Float64Array, other: Float64Array, factor: number): void {
  for (let i = 0; i < target.length; i++) target[i]! += factor * other[i]!;
}
