/** What a person has written into a field of a form; empty for a field that it does not have. */
export type Written = (field: string) => string;
