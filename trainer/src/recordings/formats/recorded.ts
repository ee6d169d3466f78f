import { SpikewireError } from '@spikewire/models';
import { loadRecorded } from 'spikewire/data';
import { readingShapeOf } from '../../samples/readings.ts';
import { MOST_CHANNELS } from './limits.ts';
import { channelsIn, namesOf, type RecordingFormat, type Wanted } from './recording.ts';
import { Stretches } from './stretches.ts';

/** The column of these files. */
const LABEL = 'label';

/**
 * What `spikewire record` has written. Blocks are taken to follow each other without a gap as long as the label stays.
 */
export const recorded: RecordingFormat = {
  extensions: ['.jsonl'],
  async read(path, wanted) {
    checkColumns(path, wanted);
    const set = await loadRecorded(path);
    const { channels, block, rate } = readingShapeOf(set);
    if (channels > MOST_CHANNELS)
      throw new SpikewireError('file', path, `has ${channels} channels`, `at most ${MOST_CHANNELS}`);
    const names = set.channels.length > 0 ? set.channels : namesOf(channels);
    const chosen = channelsIn(path, names, wanted);
    const stretches = new Stretches(
      path,
      chosen.map((channel) => names[channel]!),
      rate,
    );
    for (const [k, reading] of set.samples.entries()) {
      const label = wanted.labelColumn === undefined ? undefined : set.classes[set.labels[k]!]!;
      for (let at = 0; at < block; at++) {
        const sample = chosen.map((channel) => reading[channel * block + at]!);
        stretches.add(label, undefined, sample);
      }
    }
    stretches.end();
    return stretches.all;
  },
};

function checkColumns(path: string, { labelColumn = LABEL, groupColumn }: Wanted): void {
  const strange = labelColumn === LABEL ? groupColumn : labelColumn;
  if (strange !== undefined) throw new SpikewireError('file', path, `has no column "${strange}"`, LABEL);
}
