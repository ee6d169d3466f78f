import type { FoundChannels, Path } from 'spikewire/session';
import type { DocumentForm } from '../nets/kept-document.ts';

/** The channels that were found in the first message. */
export const channelsDocument: DocumentForm<FoundChannels> = {
  file: 'channels.json',
  toJson: ({ names, paths }) => ({ names, paths: [...paths] }),
  fromJson(document) {
    const { names, paths } = document as { names: string[]; paths: [string, Path][] };
    const areNames = Array.isArray(names) && names.length > 0 && names.every((name) => typeof name === 'string');
    return areNames ? { names, paths: new Map(paths) } : undefined;
  },
};
