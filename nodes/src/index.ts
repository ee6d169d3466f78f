export type * from './node-red.ts';
export { palette, paletteNodeOf, plugins } from './palette/palette.ts';
