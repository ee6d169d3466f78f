import { SpikewireError } from '../../error.ts';
import { misfitOf } from '../../kept-numbers.ts';
import type { Model } from '../../model/model.ts';
import type { Tensor } from '../../tensor.ts';
import type { Decoder, DecoderSite } from './decoder.ts';
import { decoderKindOf } from './decoders.ts';

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

/** What a decoder knows, as a model keeps it: what it saw last is not of it, nor what is all 0, nor zeros at an end. */
export function baseOf({ state = {} }: Decoder): ReadonlyMap<string, Tensor> {
  const base = new Map<string, Tensor>();
  for (const [name, { view }] of Object.entries(state)) {
    let { length } = view;
    while (length > 0 && view[length - 1] === 0) length--;
    if (length > 0 && name !== 'evidence') base.set(name, { shape: [length], data: view.slice(0, length) });
  }
  return base;
}

function begin({ state = {}, teachable }: Decoder, base: ReadonlyMap<string, Tensor>, where: string): void {
  if (teachable === undefined) throw new SpikewireError('graph', where, 'is for a decoder that is not taught', 'none');
  for (const [name, { data }] of base) {
    const view = Object.hasOwn(state, name) ? state[name]!.view : undefined;
    if (view === undefined || data.length > view.length) {
      const problem = `has ${data.length} numbers for "${name.slice(0, 64)}"`;
      throw new SpikewireError('graph', where, problem, `at most ${view?.length ?? 0}, as its decoder keeps`);
    }
  }
  for (const [name, { view }] of Object.entries(state)) {
    view.fill(0);
    view.set(base.get(name)?.data ?? []);
  }
  const parts = Object.entries(state).map(([name, numbers]) => ({
    where: `${where}, "${name}"`,
    numbers,
    saved: numbers.view,
  }));
  const misfit = misfitOf(parts, (...said) => new SpikewireError('graph', ...said));
  if (misfit !== undefined) throw misfit;
}
