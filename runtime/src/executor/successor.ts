import { declaredPlacement, type ExecutorSource, type OpenOptions } from '@spikewire/engine/executor';
import { SpikewireError } from '@spikewire/models/error';
import { FullBoardError } from './held-nets.ts';

/**
 * A source whose nets go on elsewhere once it is gone: when it has opened a net and cannot open another, all later ones
 * are opened by its successor, which is said once. A source that has never opened one has no successor: that is a
 * mistake to be told, and so is a model that does not fit on it. A successor that cannot be had is asked for again with
 * the next net. The successor also opens a net for which a board has no place while it holds others; that is said
 * once, with the nets that it holds.
 *
 * @param mayBeLoss false for a failure of another part of the source than the one that may be gone
 */
export function withSuccessor(
  source: ExecutorSource,
  successor: () => Promise<ExecutorSource>,
  warn: (line: string) => void = () => {},
  mayBeLoss: (failure: SpikewireError) => boolean = () => true,
): ExecutorSource {
  let hasOpened = false;
  let found: Promise<ExecutorSource> | undefined;
  /** Once the source is gone. */
  let next: Promise<ExecutorSource> | undefined;
  /** Who opens nets now. */
  let opener = source;
  let saidFull = false;
  const find = () => {
    found ??= successor().catch((problem: unknown) => {
      [found, next] = [undefined, undefined];
      throw problem;
    });
    return found;
  };
  const succeed = async (failure: SpikewireError) => {
    const here = await find();
    opener = here;
    warn(`${failure.message}; nets continue on ${here.name}`);
    return here;
  };
  const overflow = async ({ line }: FullBoardError) => {
    const here = await find();
    if (!saidFull) warn(`${line}; further nets run on ${here.name}`);
    saidFull = true;
    return here;
  };
  return {
    name: source.name,
    get abilities() {
      return opener.abilities;
    },
    get rests() {
      return opener.rests === true;
    },
    overflows: true,
    ...(source.placement && {
      placement: async (model) => declaredPlacement(next === undefined ? source : await next, model),
    }),
    async open(model, options) {
      if (next !== undefined) return (await next).open(model, options);
      try {
        const executor = await source.open(model, options);
        hasOpened = true;
        return executor;
      } catch (failure) {
        const isFull = failure instanceof FullBoardError;
        const isGone = failure instanceof SpikewireError && failure.code === 'unsupported' && mayBeLoss(failure);
        if (!(isFull || (hasOpened && isGone)) || !(await fits(model, source, options))) throw failure;
        if (isFull) return (await overflow(failure)).open(model, options);
        next ??= succeed(failure);
        return (await next).open(model, options);
      }
    },
    async close() {
      await source.close().catch(() => {}); // what is gone is closed
      await (await found?.catch(() => undefined))?.close(); // whoever wanted a net of it was told
    },
  };
}

/** A source that knows its own failures to open a net, among those of others that open a net together with it. */
export function knowingFailures(source: ExecutorSource) {
  const failures = new WeakSet<Error>();
  const knowing: ExecutorSource = {
    name: source.name,
    abilities: source.abilities,
    get rests() {
      return source.rests === true;
    },
    ...(source.placement && { placement: (model) => source.placement!(model) }),
    async open(model, options) {
      try {
        return await source.open(model, options);
      } catch (failure) {
        if (failure instanceof Error) failures.add(failure);
        throw failure;
      }
    },
    close: () => source.close(),
  };
  return { source: knowing, isOwn: (failure: Error) => failures.has(failure) };
}

/** Whether a model is within what a source says that it can run; what cannot be read is refused by whoever opens it. */
async function fits(bytes: Uint8Array, source: ExecutorSource, { memory }: OpenOptions = {}): Promise<boolean> {
  const { readAnyModel } = await import('@spikewire/models');
  try {
    const model = readAnyModel(bytes, memory === undefined ? {} : { bytes: memory });
    return (await declaredPlacement(source, model)).fits;
  } catch {
    return true;
  }
}
