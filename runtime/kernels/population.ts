// Operands that populations of all number formats share: places of an instruction's operands, and what a population has.

export const ACCUMULATOR = 0;
export const MEMBRANE = 1;
export const PLACES = 2;
export const STRIDE = 3;
/** Parameters from one place to the next: 0 where all places have the same. */
export const PARAMETER_STEP = 4;
export const LIST = 5;
export const FLAGS = 6;
/** F of the integer form. */
export const FRACTION = 7;
/** g of a read-out of the integer form. */
export const HAND_ON = 8;
export const DECAY = 9;
/** Gain of the input in real numbers, of the current in both forms. */
export const GAIN = 10;
export const BIAS = 11;
export const THRESHOLD = 12;
/** Value after a spike, or what a spike takes away. */
export const RESET = 13;
export const MINIMUM = 14;
export const REFRACTORY = 15;
export const REFRACTORY_STEPS = 16;
export const CURRENT = 17;
export const CURRENT_DECAY = 18;
export const CURRENT_GAIN = 19;
export const CURRENT_BIAS = 20;
/** Two float64 counts of saturations: at the upper end, at the lower end. */
export const SATURATED = 21;

export const HAS_FIRING = 1;
export const HAS_REFRACTORY = 2;
export const HAS_MINIMUM = 4;
export const HAS_CURRENT = 8;
export const RESETS_BY_SUBTRACTION = 16;
export const SPIKES_MANY = 32;
/** A spike at v ≥ θ; real numbers only. */
export const SPIKES_AT_THRESHOLD = 64;
/** No membrane can leave its format, whatever arrives; whole numbers only. */
export const NEVER_SATURATES = 128;
