import { type Model, readAnyModel, SpikewireError } from '@spikewire/models';
import {
  type Abilities,
  type AcceleratorDriver,
  type BoardProfile,
  type ExecutorSource,
  refuseMisfits,
} from 'spikewire/accelerators';
import { testNengoBoard } from './board-test.ts';
import { ensembleOf } from './ensemble.ts';
import { EnsembleNet } from './ensemble-net.ts';
import { limitsOf } from './limits.ts';
import { RunningBoard } from './running-board.ts';
import { type BoardSettings, readSettings } from './settings.ts';

/** One ensemble of the NEF, of rectified linear neurons, in real numbers; its weights are learned by PES. */
export const abilities: Abilities = {
  nets: 1,
  longestDelay: 1,
  weightBits: [32],
  kinds: ['Linear', 'Affine', 'ReLU', 'IF', 'Lowpass'],
  semantics: { threshold: ['ge'], reset: ['subtract'], spikesPerStep: ['many'] },
  parameters: {
    ReLU: { ceiling: { absent: true } },
    IF: {
      v_min: { absent: true },
      spike_shape: { absent: true },
      tau_ref: { maximum: 0 },
      v_reset: { minimum: 0, maximum: 0 },
      v_initial: { minimum: 0, maximum: 0 },
    },
  },
  rules: ['pes'],
  // The board hands out no membrane and no weight: what was learned is kept here, from the lessons.
  states: 'learned',
  // float32, and the rounding of many lessons; of the spikes of an IF the twin has 10⁻⁴ in another step, in 10,000
  // steps. That of a real board is not known. A lost packet leaves a state on the board, of IF or feedback, off by
  // more.
  tolerance: { membrane: 1e-3, spikes: 1e-3 },
  runs: 'windows',
};

/** Boards with the circuit of NengoFPGA, of Applied Brain Research: PYNQ-Z1, PYNQ-Z2, DE1-SoC. */
export const nengofpgaDriver: AcceleratorDriver = {
  scheme: 'nengofpga',
  summary: 'boards with NengoFPGA, over UDP and ssh: nengofpga:HOST, nengofpga:FILE.ini',

  // A board is a host in a network, which nobody asks by itself.
  list: async () => [],

  profiles: async () => [profile],

  async open(rest): Promise<ExecutorSource> {
    return sourceOf(await readSettings(rest));
  },

  test: async (rest) => {
    const settings = await readSettings(rest);
    return testNengoBoard(settings, sourceOf(settings));
  },
};

const profile: BoardProfile = {
  address: 'nengofpga:ensemble',
  name: 'NengoFPGA, one ensemble',
  abilities,
  async expectFit(model: Model) {
    await refuseMisfits({ name: this.name, abilities }, model);
    ensembleOf(model);
  },
  limits: async (model) => limitsOf(model),
};

/** A source of one net at a time, which has a script of its own on the board. */
export function sourceOf(settings: BoardSettings): ExecutorSource {
  const name = `nengofpga ${settings.host}`;
  const closing = new AbortController();
  let opening: Promise<EnsembleNet> | undefined;
  let isHeld = false;
  const release = () => {
    isHeld = false;
  };
  return {
    name,
    abilities,
    async open(bytes) {
      const model = readAnyModel(bytes);
      await refuseMisfits({ name, abilities }, model);
      const form = ensembleOf(model);
      if (isHeld) throw new SpikewireError('budget', name, 'holds a net', 'one at a time');
      isHeld = true;
      const place = { name, settings, signal: closing.signal };
      const start = (decoders: Float64Array) => RunningBoard.start(place, form, decoders);
      try {
        opening = EnsembleNet.open({ name, start, release }, model, form);
        return await opening;
      } catch (problem) {
        release();
        throw problem;
      }
    },
    async close() {
      closing.abort();
      const net = await opening?.catch(() => undefined);
      await net?.close();
    },
  };
}
