import { type Content, make } from '../markup.ts';
import type { Written } from '../written.ts';

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

export function textField({ name, label, about, suggestions, longest, ...attributes }: Field): Content {
  const input = make('input', {
    ...{ ...attributes, name, id: idOf(name), autocomplete: 'off', maxlength: longest, list: suggestions?.id },
    'aria-describedby': about && aboutOf(name),
  });
  return labelled(name, label, input, about, suggestions && suggestionList(suggestions));
}

function suggestionList({ id, values }: NonNullable<Field['suggestions']>): Content {
  const options = values.map(([value, text]) => make('option', { value }, text));
  return make('datalist', { id }, options);
}

/** A choice among values with their texts. */
export function choice(
  name: string,
  label: string,
  value: string,
  options: readonly (readonly [value: string, text: string])[],
  changed?: () => void,
): Content {
  const lines = options.map(([each, text]) => make('option', { value: each, selected: each === value }, text));
  return labelled(name, label, make('select', { name, id: idOf(name), change: changed }, lines));
}

function labelled(name: string, label: string, input: Content, about?: string, ...others: Content[]): Content {
  const explanation = about !== undefined && make('small', { id: aboutOf(name) }, about);
  return make('div', { class: 'field' }, make('label', { for: idOf(name) }, label), input, explanation, others);
}

/** No view has two fields of one name. */
const idOf = (name: string) => `field-${name}`;
const aboutOf = (name: string) => `about-${name}`;

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
