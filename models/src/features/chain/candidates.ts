import type { CodingDeclaration, FeatureStage } from '../../model/model.ts';

/** A chain of features with a name for people. */
export interface FeatureCandidate {
  readonly name: string;
  readonly stages: readonly FeatureStage[];
}

/** What readings are like: `block` samples of each channel at `rate` Hz, or single samples (block 1). */
export interface ReadingShape {
  readonly block: number;
  /** Samples per second; needed for blocks. */
  readonly rate?: number;
}

/** Shorter blocks have no spectrum worth its name: they are taken as windows of single samples are. */
const SHORTEST_SPECTRUM = 64;
/** Of a block, and bands of each: as many as take a Raspberry Pi seconds to choose by, and not minutes. */
const [SLICES, SLICE_BANDS] = [16, 8];
const feature = (type: string, parameters: CodingDeclaration['parameters'] = {}): CodingDeclaration => ({
  type,
  parameters,
});

/**
 * Chains that readings of that shape may go through before they are classified; the first is the one to take where
 * nothing is known.
 */
export function featureCandidates({ block, rate }: ReadingShape): readonly FeatureCandidate[] {
  if (block === 1)
    return [16, 8, 32, 64].map((length) => ({ name: `level of ${length}`, stages: level(length, length >> 1) }));
  if (block < SHORTEST_SPECTRUM || rate === undefined) {
    return [{ name: 'level', stages: [feature('block', { length: block }), ...level(block, block)] }];
  }
  return spectra(block, rate);
}

/** Mean, deviation and slope of windows. */
function level(length: number, hop: number): FeatureStage[] {
  return [feature('window', { length, hop }), [feature('mean'), feature('standard-deviation'), feature('slope')]];
}

function spectra(block: number, rate: number): FeatureCandidate[] {
  const length = 2 ** Math.floor(Math.log2(block));
  const resolution = rate / length;
  // The mean of a block lies on its lines 0 and 1.
  const whole = { sampleRate: rate, low: 2 * resolution };
  const slow = { sampleRate: rate, low: resolution, high: rate / 32 };
  const form = [feature('standard-deviation'), feature('kurtosis')];
  const bands = (count: number, spacing: string) =>
    feature('band-energies', { ...whole, bands: Math.min(count, length / 16), spacing });
  const envelope = length < 256 ? [] : [feature('envelope-energies', { ...slow, bands: Math.min(16, length / 128) })];
  const chain = (name: string, ...measures: CodingDeclaration[]) => ({
    name,
    stages: [
      feature('block', { length: block }),
      feature('window', { length, hop: block }),
      measures,
      feature('logarithm'),
    ],
  });
  const slices = block % SLICES === 0 && block / SLICES >= SHORTEST_SPECTRUM ? [course(block, rate)] : [];
  return [
    chain('64 bands, form and envelope', bands(64, 'linear'), ...form, ...envelope),
    chain('16 bands, form and envelope', bands(16, 'linear'), ...form, ...envelope),
    chain('32 bands and form', bands(32, 'linear'), ...form),
    chain('16 mel bands and form', bands(16, 'mel'), ...form),
    chain('form and envelope', ...form, ...envelope),
    chain('form', ...form, feature('crest-factor'), feature('rms')),
    { name: 'level and form', stages: levelAndForm(block, length) },
    ...slices,
  ];
}

/** Where the mean tells something, as how a sensor is held does. */
function levelAndForm(block: number, length: number): FeatureStage[] {
  const measures = ['mean', 'standard-deviation', 'slope', 'peak-to-peak', 'zero-crossings', 'kurtosis'];
  return [
    feature('block', { length: block }),
    feature('window', { length, hop: block }),
    measures.map((type) => feature(type)),
  ];
}

/** Spectra of the slices of a block, in their order and however loud: what a word is told by. */
function course(block: number, rate: number): FeatureCandidate {
  const hop = block / SLICES;
  const length = 2 ** Math.floor(Math.log2(hop));
  const low = (2 * rate) / length;
  return {
    name: `course of ${SLICES} slices in ${SLICE_BANDS} mel bands`,
    stages: [
      feature('block', { length: block }),
      feature('window', { length, hop }),
      feature('band-energies', { sampleRate: rate, low, bands: SLICE_BANDS, spacing: 'mel' }),
      feature('logarithm'),
      feature('window', { length: SLICES }),
      feature('below-largest'),
    ],
  };
}
