import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const rtl = fileURLToPath(new URL('..', import.meta.url));

/** The modules of the core by file name, without what simulation and boards add. */
export const coreSources = readdirSync(rtl).filter((name) => name.endsWith('.v'));
