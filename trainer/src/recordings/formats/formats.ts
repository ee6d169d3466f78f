import { csv } from './csv.ts';
import { npy } from './npy.ts';
import { recorded } from './recorded.ts';
import type { RecordingFormat } from './recording.ts';
import { wav } from './wav.ts';

/** What recordings may lie in. A new one is a file of its own and a line here. */
export const recordingFormats: readonly RecordingFormat[] = [wav, csv, npy, recorded];

/** The format of a file by the ending of its name; undefined for others. */
export function formatOf(path: string): RecordingFormat | undefined {
  const name = path.toLowerCase();
  return recordingFormats.find(({ extensions }) => extensions.some((extension) => name.endsWith(extension)));
}

/** For messages. */
export function knownExtensions(): string {
  return recordingFormats.flatMap(({ extensions }) => extensions).join(', ');
}
