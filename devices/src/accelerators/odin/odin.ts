import { SpikewireError } from '@spikewire/models';
import type { Abilities, AcceleratorDriver, ExecutorSource } from 'spikewire/accelerators';
import { openPins } from './address.ts';
import { OdinBoard } from './board.ts';
import { testOdinBoard } from './board-test.ts';
import { type Chip, odin, SIZE, tinyOdin } from './chips.ts';
import { openOdinNet } from './odin-net.ts';
import { profileOf } from './profile.ts';

/** The processor ODIN of 256 neurons, behind a bridge for its events. */
export const odinDriver = driverOf(odin);
/** Its smaller sister without learning. */
export const tinyOdinDriver = driverOf(tinyOdin);

function driverOf(chip: Chip): AcceleratorDriver {
  const { name, title } = chip;
  return {
    scheme: name,
    summary: `${title}: ${name}:tcp:<host>:<port>, ${name}:/dev/ttyACM0, ${name}:spi:/dev/spidev0.0?aer=/dev/ttyACM0`,
    // Nothing on a line says that a bridge is there before it is opened.
    list: async () => [],
    profiles: async () => [profileOf(chip, abilitiesOf(chip))],
    async open(rest): Promise<ExecutorSource> {
      const { pins, sdsp } = await openPins(chip, rest);
      const source = { name: `${name} ${pins.name}`, abilities: abilitiesOf(chip) };
      const board = new OdinBoard(chip, pins);
      let isTaken = false;
      return {
        ...source,
        get isGone() {
          return pins.isGone;
        },
        async open(bytes) {
          if (isTaken)
            throw new SpikewireError('budget', source.name, 'holds one net at a time', 'a chip without a net');
          isTaken = true;
          const free = () => {
            isTaken = false;
          };
          return openOdinNet(source, board, bytes, sdsp, free).catch((problem: unknown) => {
            free();
            throw problem;
          });
        },
        close: () => pins.close(),
      };
    },
    test: (rest) => testOdinBoard(chip, rest),
  };
}

/** What a chip can run. Rows of synapses are counted when a net is opened: one or two for each source of spikes. */
export function abilitiesOf({ hasSignedWeights, rows }: Chip): Abilities {
  const zero = { minimum: 0, maximum: 0 };
  const firing = { v_threshold: { above: 0 }, v_reset: zero, tau_ref: zero, v_initial: zero };
  // A membrane of ODIN is never negative, whether the model says so or not.
  const floor = { v_min: hasSignedWeights ? { absent: true } : zero };
  return {
    neurons: SIZE,
    synapses: rows * SIZE,
    nets: 1,
    fanIn: rows,
    fanOut: SIZE,
    weightBits: [4, 8, 32],
    kinds: ['Linear', 'Sparse', 'IF', 'LIF'],
    semantics: { reset: ['value'], spikesPerStep: ['one'] },
    parameters: { IF: { ...firing, ...floor }, LIF: { ...firing, ...floor, v_leak: zero } },
    rules: [],
    states: 'learned',
    // No smaller bound holds for every model: a net says when it is opened how far it is off. To the driver's own
    // software, every bit is the same.
    tolerance: { membrane: 1, spikes: 1 },
    runs: 'windows',
  };
}
