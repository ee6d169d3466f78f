import { SpikewireError } from '../../error.ts';
import { misfitOf } from '../../kept-numbers.ts';
import type { Model } from '../../model/model.ts';
import type { Tensor } from '../../tensor.ts';
import type { Decoder, DecoderSite, DecoderState } from './decoder.ts';
import { decoderKindOf } from './decoders.ts';
import { roundedNumbers, unitsOf, writeRounded } from './rounded-numbers.ts';

/**
 * The decoder of an Output as a net begins with it, knowing its base. Throws `parameter` for parameters that do not fit
 * the site, `graph` for a base that does not fit the decoder.
 */
export function modelDecoder(
  { decoder, base, labels, sample: { steps } }: Model,
  output: string,
  site: Pick<DecoderSite, 'where' | 'size' | 'dt' | 'random'>,
): Decoder {
  const { type, parameters } = decoder.get(output)!;
  const prepared = decoderKindOf(type, site.where ?? output).prepare(parameters, { ...site, labels, steps });
  const known = base?.get(output);
  if (known !== undefined) begin(prepared, known, `base of "${output}"`);
  return prepared;
}

/** What the units of rounded numbers are called, behind their name. */
const UNITS = '.units';

/**
 * What a decoder knows, as a model keeps it: what it saw last is not of it, nor what is all 0, nor zeros at an end, nor
 * what is the same as other numbers; some numbers are rounded.
 */
export function baseOf({ state = {} }: Decoder): ReadonlyMap<string, Tensor> {
  const base = new Map<string, Tensor>();
  for (const [name, { view, rounded, sameAs }] of Object.entries(state)) {
    let { length } = view;
    while (length > 0 && view[length - 1] === 0) length--;
    const same = sameAs?.();
    if (length === 0 || name === 'evidence' || same?.every((value, k) => value === view[k])) continue;
    const data = view.slice(0, length);
    if (!rounded) {
      base.set(name, { shape: [length], data });
      continue;
    }
    const { numbers, units } = roundedNumbers(Float32Array.from(data));
    base.set(name, numbers).set(`${name}${UNITS}`, units);
  }
  return base;
}

function begin({ state = {}, teachable }: Decoder, base: ReadonlyMap<string, Tensor>, where: string): void {
  if (teachable === undefined) throw new SpikewireError('graph', where, 'is for a decoder that is not taught', 'none');
  for (const [name, { data }] of base) {
    const most = roomFor(name, state, base);
    if (data.length > most) {
      const problem = `has ${data.length} numbers for "${name.slice(0, 64)}"`;
      throw new SpikewireError('graph', where, problem, `at most ${most}, as its decoder keeps`);
    }
  }
  for (const [name, { view, rounded }] of Object.entries(state)) {
    const [numbers, units] = [base.get(name), base.get(`${name}${UNITS}`)];
    view.fill(0);
    if (rounded && numbers && units) writeRounded({ numbers, units }, view as Float32Array);
    else view.set(numbers?.data ?? []);
  }
  for (const [name, { view, sameAs }] of Object.entries(state)) if (!base.has(name)) view.set(sameAs?.() ?? []);
  const parts = Object.entries(state).map(([name, numbers]) => ({
    where: `${where}, "${name}"`,
    numbers,
    saved: numbers.view,
  }));
  const misfit = misfitOf(parts, (...said) => new SpikewireError('graph', ...said));
  if (misfit !== undefined) throw misfit;
}

/** How many numbers an entry of a base may have: what the decoder keeps, or as many units as its numbers need. */
function roomFor(name: string, state: DecoderState, base: ReadonlyMap<string, Tensor>): number {
  if (Object.hasOwn(state, name)) return state[name]!.view.length;
  const rounded = name.endsWith(UNITS) ? name.slice(0, -UNITS.length) : undefined;
  if (rounded === undefined || !Object.hasOwn(state, rounded) || !state[rounded]!.rounded) return 0;
  return unitsOf(base.get(rounded)?.data.length ?? 0);
}
