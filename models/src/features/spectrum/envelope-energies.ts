import { featureKind, framesOf16 } from '../feature.ts';
import { writeDeviations } from '../moments.ts';
import { bandEnergies } from './band-energies.ts';

/**
 * Energies of neighbouring bands of the power spectrum of the envelope: of |x − μ| less its own mean, as
 * `band-energies` gives them. Where impacts ring at a high frequency, as on a damaged bearing, the rate at which they
 * come stands here at its own, low frequency (McFadden and Smith 1984).
 */
export const envelopeEnergies = featureKind({
  type: 'envelope-energies',
  examples: [
    { stages: [framesOf16, { type: 'envelope-energies', parameters: { sampleRate: 100, bands: 3 } }], outputs: 3 },
  ],
  parameters: bandEnergies.parameters,

  prepare(read, site) {
    const bands = bandEnergies.prepare(read, { ...site, where: site.where ?? 'feature "envelope-energies"' });
    const envelope = new Float64Array(site.width);
    site.memory.take(site.where ?? 'feature "envelope-energies"', site.width);
    return {
      ...bands,
      work: bands.work + 7 * site.width,
      push(channel, frame, emit) {
        writeDeviations(envelope, frame);
        for (let k = 0; k < envelope.length; k++) envelope[k] = Math.abs(envelope[k]!);
        writeDeviations(envelope, envelope);
        bands.push(channel, envelope, emit);
      },
    };
  },
});
