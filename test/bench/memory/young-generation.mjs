import { setFlagsFromString } from 'node:v8';

// As `spikewire run` does. Whether V8 doubles its space for new objects while modules load, by 2 MB, depends on when it
// collects, which is chance: the same program took 9.4 or 11.4 MB.
setFlagsFromString('--semi-space-growth-factor=1');
