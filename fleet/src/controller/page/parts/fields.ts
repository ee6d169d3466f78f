import { type Content, make } from '../markup.ts';

/** What a person has written into a field of a form; empty for a field that it does not have. */
export type Written = (field: string) => string;

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly value?: string;
  readonly about?: string;
  readonly required?: boolean;
  readonly longest?: number;
  readonly placeholder?: string;
  /** Values that are suggested: an id of a list, and the values with what they are. */
  readonly suggestions?: { readonly id: string; readonly values: readonly (readonly [value: string, label: string])[] };
}

export function textField({ name, label, value, about, required, longest, placeholder, suggestions }: Field): Content {
  const attributes = { value, required, placeholder, maxlength: longest, list: suggestions?.id };
  return make(
    'label',
    {},
    label,
    make('input', { name, autocomplete: 'off', ...attributes }),
    about !== undefined && make('small', {}, about),
    suggestions &&
      make(
        'datalist',
        { id: suggestions.id },
        suggestions.values.map(([each, text]) => make('option', { value: each }, text)),
      ),
  );
}

/** A choice among values with their texts. */
export function choice(
  name: string,
  label: string,
  value: string,
  options: readonly (readonly [value: string, text: string])[],
  changed?: () => void,
): Content {
  return make(
    'label',
    {},
    label,
    make(
      'select',
      { name, change: changed },
      options.map(([each, text]) => make('option', { value: each, selected: each === value }, text)),
    ),
  );
}

/** A form that calls `send` with what was written, and its button. */
export function form(name: string, send: (written: Written) => void, ...content: Content[]): Content {
  return make(
    'form',
    {
      class: 'fields',
      'data-key': name,
      submit: (event) => {
        event.preventDefault();
        const element = event.currentTarget as HTMLFormElement;
        const values = new FormData(element);
        send((field) => String(values.get(field) ?? ''));
      },
    },
    content,
  );
}

export const submit = (text: string): Content => make('button', { type: 'submit' }, text);

export function button(text: string, press: () => void, isDangerous = false): HTMLButtonElement {
  return make('button', { type: 'button', 'data-key': text, class: isDangerous && 'danger', click: press }, text);
}
