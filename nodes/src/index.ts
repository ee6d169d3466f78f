export type * from './node-red.ts';
export { palette, paletteNodeOf } from './palette/palette.ts';
