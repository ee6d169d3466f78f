type ByteOrder = 'little' | 'big';

/** What an element of an array is in the file. */
export type Hdf5Type =
  /** IEEE 754. */
  | { readonly class: 'float'; readonly bytes: 2 | 4 | 8; readonly order: ByteOrder }
  /** Also an enumeration, as the integers of its members. */
  | { readonly class: 'integer'; readonly bytes: 1 | 2 | 4 | 8; readonly signed: boolean; readonly order: ByteOrder }
  /** As h5py writes them: an enumeration of int8, FALSE = 0 and TRUE = 1. */
  | { readonly class: 'boolean' }
  | {
      readonly class: 'string';
      readonly characters: 'ascii' | 'utf-8';
      /** Bytes, or `variable`. */
      readonly length: number | 'variable';
      /** What ends or fills a text of fixed length; of no meaning for the others. */
      readonly padding: 'null-terminated' | 'null' | 'space';
    }
  /** What is not read here: its values throw `unsupported`. */
  | { readonly class: 'other'; readonly name: string };

export type Hdf5Numbers = Float64Array | Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array;

/** An array: the content of a dataset or of an attribute. */
export interface Hdf5Array {
  /** Sizes of its dimensions; none for a scalar. What has no elements at all (`h5py.Empty`) has the shape [0]. */
  readonly shape: readonly number[];
  readonly type: Hdf5Type;
  /**
   * The elements in C order, as many as the shape has. Floats of each width are float64, integers of up to 32 bits have
   * their own width, those of 64 bits are float64, booleans are 0 or 1, texts are strings.
   *
   * Of an array that was read they are decoded when they are asked for the first time. Then this throws `unsupported`
   * for types, layouts and filters that are not read and for integers beyond 2⁵³, `file` for what is damaged, and
   * `budget` where it takes more memory than is left.
   */
  readonly values: Hdf5Numbers | readonly string[];
}

export interface Hdf5Group {
  readonly kind: 'group';
  readonly attributes: ReadonlyMap<string, Hdf5Array>;
  /** By name; of a group that was read, in the order of the names' bytes. */
  readonly children: ReadonlyMap<string, Hdf5Node>;
}

export interface Hdf5Dataset extends Hdf5Array {
  readonly kind: 'dataset';
  readonly attributes: ReadonlyMap<string, Hdf5Array>;
}

/** What a group names and is not followed. */
export interface Hdf5Other {
  readonly kind: 'other';
  /** Such as `a soft link to "/a"`. */
  readonly what: string;
}

export type Hdf5Node = Hdf5Group | Hdf5Dataset | Hdf5Other;
