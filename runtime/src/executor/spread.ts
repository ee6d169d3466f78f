import type { Executor, ExecutorSource } from '@spikewire/engine/executor';

/** Several sources as one: each net is opened where the fewest are open, of those that do not rest. */
export function spreadOver(sources: readonly ExecutorSource[]): ExecutorSource {
  const [first] = sources;
  if (sources.length === 1) return first!;
  const open = sources.map(() => 0);
  return {
    name: `${first!.name} × ${sources.length}`,
    abilities: first!.abilities,
    get rests() {
      return sources.every(({ rests }) => rests);
    },
    async open(model, options) {
      const awake = open.map((nets, k) => (sources[k]!.rests ? Number.POSITIVE_INFINITY : nets));
      const index = awake.indexOf(Math.min(...awake));
      open[index]!++;
      const leave = () => {
        open[index]!--;
      };
      try {
        return leaving(await sources[index]!.open(model, options), leave);
      } catch (failure) {
        leave();
        throw failure;
      }
    },
    async close() {
      await Promise.all(sources.map((source) => source.close()));
    },
  };
}

/** The same executor, whose first `close` calls `leave`. */
function leaving(executor: Executor, leave: () => void): Executor {
  const close = executor.close.bind(executor);
  let isOpen = true;
  executor.close = () => {
    if (isOpen) leave();
    isOpen = false;
    return close();
  };
  return executor;
}
