import { SpikewireError } from '@spikewire/models';
import { integerEngine } from 'spikewire';
import type { Abilities, AcceleratorDriver, Executor, ExecutorSource } from 'spikewire/accelerators';
import { inProcess } from 'spikewire/executor';

const abilities: Abilities = {
  neurons: 64,
  synapses: 4096,
  weightBits: [8],
  kinds: ['Linear', 'Affine', 'LIF', 'LI', 'Lowpass'],
  rules: ['pes'],
  runs: 'windows',
};

/** The driver of one board that is not a board address: integer nets, behind a cable that can be pulled out. */
export class SimulatedBoard implements AcceleratorDriver {
  readonly scheme = 'simulated';
  readonly summary = 'a board of tests';
  readonly abilities: Abilities;
  isAttached = true;

  /** @param nets most nets that it holds at a time; absent: any number */
  constructor(nets?: number) {
    this.abilities = nets === undefined ? abilities : { ...abilities, nets };
  }

  async list() {
    return this.isAttached ? [{ address: 'simulated:0', name: 'board of tests', abilities: this.abilities }] : [];
  }

  async open(rest: string): Promise<ExecutorSource> {
    const name = `simulated ${rest}`;
    const inside = inProcess(integerEngine);
    const { nets: most = Number.POSITIVE_INFINITY } = this.abilities;
    let nets = 0;
    /** What goes over the cable is a copy, takes a while, and does not arrive where the cable is out. */
    const over = async <Value>(call: () => Promise<Value>): Promise<Value> => {
      this.#expectAttached(name);
      const value = await call();
      await new Promise((resolve) => setImmediate(resolve));
      this.#expectAttached(name);
      return structuredClone(value);
    };
    return {
      name,
      abilities: this.abilities,
      open: async (model, options) => {
        this.#expectAttached(name);
        if (nets >= most) throw new SpikewireError('unsupported', name, `has no place for more than ${most} nets`);
        nets++;
        const leave = () => {
          nets--;
        };
        try {
          return behindCable(name, await inside.open(model, options), inOrder(over), leave);
        } catch (failure) {
          leave();
          throw failure;
        }
      },
      close: async () => {},
    };
  }

  #expectAttached(name: string): void {
    if (!this.isAttached) throw new SpikewireError('unsupported', name, 'does not answer', 'a board that is attached');
  }
}

type Over = <Value>(call: () => Promise<Value>) => Promise<Value>;

function inOrder(over: Over): Over {
  let last: Promise<unknown> = Promise.resolve();
  return (call) => {
    const result = last.then(() => over(call));
    last = result.catch(() => {});
    return result;
  };
}

function behindCable(name: string, executor: Executor, over: Over, leave: () => void): Executor {
  let isOpen = true;
  return {
    name,
    bytes: executor.bytes,
    choice: { engine: name, because: null },
    run: (request) => over(() => executor.run(structuredClone(request))),
    setLearning: (on) => over(() => executor.setLearning(on)),
    resetLearning: () => over(() => executor.resetLearning()),
    save: () => over(() => executor.save()),
    restore: (state) => over(() => executor.restore(state.slice())),
    close: () =>
      over(async () => {
        await executor.close();
        if (isOpen) leave();
        isOpen = false;
      }),
  };
}
