const FILE_WITH_TRAINER = 'the file that npm run pack:trainer makes in the source code of spikewire';

/** Where our packages are to be had: none of them is in a registry. */
const SOURCES: Readonly<Record<string, string>> = {
  '@spikewire/trainer': FILE_WITH_TRAINER,
  '@spikewire/exchange': FILE_WITH_TRAINER,
  '@spikewire/fleet': FILE_WITH_TRAINER,
  '@spikewire/devices': 'the file that npm run pack:device makes in the source code of spikewire',
  '@spikewire/demo': 'npm run demo in the source code of spikewire',
};

/** What somebody who lacks a package needs, for hints. */
export function sourceOf(packageName: string): string {
  return SOURCES[packageName] ?? `npm install ${packageName}`;
}

/** Whether a package is made in the repository of spikewire, by its name. */
export function isOurs(packageName: string): boolean {
  return Object.hasOwn(SOURCES, packageName);
}
