/** A number of bytes for people, such as `12.5 MB`. */
export function megabytes(bytes: number): string {
  return `${Number((bytes / 1e6).toPrecision(3))} MB`;
}
