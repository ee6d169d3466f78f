import type { LimitSource } from '@spikewire/engine/executor';

/** Numbers of a Loihi core, in the order in which nengo-loihi has them (block.py, lines 8 to 11). */
export const CORE = { compartments: 1024, inAxons: 4096, outAxons: 4096, synapseBits: 16_384 * 64 } as const;
/** Settings that a core has at most, which its compartments share (nengo-loihi, hardware/validate.py). */
export const PROFILES = { compartment: 32, threshold: 16, synapse: 16, membranePairs: 1, preTraces: 3 } as const;
export const CORES = 128;

/** A state loses decay/4096 in a step. */
export const DECAY = 4096;
/** A current loses one 4096th more than its decay says. */
export const CURRENT_OFFSET = 1;
/** A weight, a threshold and v are multiples of 2^-6 of what the registers hold. */
export const SCALE = 64;
export const THRESHOLD_MANTISSA = 2 ** 17 - 1;
/** 12 bits beside the sign, times 2^0 … 2^7. */
export const BIAS = { mantissa: 2 ** 12 - 1, exponent: 7 } as const;
export const LARGEST_BIAS = BIAS.mantissa * 2 ** BIAS.exponent;
/** With a sign, weights of 8 bits lose one bit: 127 steps of 2 to both sides, times 2^-7 … 2^7. */
export const WEIGHT = { bits: 8, steps: 127, shift: 1, exponent: 7 } as const;
/** What arrives in a step, and a state, beside the sign. */
export const ARRIVING = 2 ** 21;
export const STATE = 2 ** 23;
/** The shortest is a spike without a dead step. */
export const REFRACTORY = { least: 1, most: 63 } as const;
export const SYNAPTIC_DELAY = 62;

/** Version of nengo-loihi whose files are named. */
const NENGO_LOIHI = 'nengo-loihi e564f66';
const file = (title: string): LimitSource => ({ title, evidence: 'source file' });

export const sources = {
  core: file(`${NENGO_LOIHI}, block.py, lines 8 to 11`),
  bits: file(`${NENGO_LOIHI}, block.py, bits_per_axon`),
  profiles: file(`${NENGO_LOIHI}, hardware/validate.py, whose own comments doubt its numbers`),
  registers: file(`${NENGO_LOIHI}, builder/discretize.py and hardware/nxsdk_objects.py`),
  compartment: file('Lava b6822fb, proc/lif/models.py'),
  weights: file(`${NENGO_LOIHI}, block.py, WEIGHT_BITS_MAP, and builder/validate.py`),
  pairs: file(`${NENGO_LOIHI}, builder/discretize.py: one pair of vmin and vmax a core`),
  learning: file('Lava b6822fb, magma/core/learning/constants.py'),
  scale: file('spikewire, quantize --for loihi: a population and the weights into it have one scale'),
  delay: file('brian2_loihi 039847a, loihi_synapses.py'),
  step: {
    title: 'Davies et al. 2018, IEEE Micro 38(1): arrivals of a step are spikes of the one before',
    evidence: 'vendor or abstract',
  },
  chip: { title: 'Davies et al. 2018, IEEE Micro 38(1), chip overview', evidence: 'vendor or abstract' },
} as const satisfies Record<string, LimitSource>;
