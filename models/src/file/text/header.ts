/** The JSON header of a file may be this long, in bytes; a bound on what a hostile file can make a reader do. */
export const MAXIMUM_HEADER_BYTES = 1 << 20;
