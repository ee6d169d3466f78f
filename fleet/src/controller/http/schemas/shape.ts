import type { z } from '@hono/zod-openapi';

/** The schemas of all members of a type: a member that is missing, or of another type, is an error of types. */
export type Shape<T> = { readonly [Key in keyof Required<T>]: z.ZodType<T[Key]> };
