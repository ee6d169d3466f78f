// The half of a node that the editor runs: its form, and how it is registered there.

/** The page of a declared node; `editor` is the text of the module whose `prepare` runs when the form opens. */
export function editorPage(node, editor) {
  const prefix = node.category === 'config' ? 'node-config-input-' : 'node-input-';
  const fields = Object.entries({ name: { form: 'text', icon: 'tag' }, ...node.fields });
  const rowsOf = (some) => some.map(([name, field]) => row(prefix + name, name, field));
  const isFirst = ([name]) => node.first === undefined || name === 'name' || node.first.includes(name);
  const sections = Object.entries(node.sections ?? {});
  const isInSection = ([name]) => sections.some(([, names]) => names.includes(name));
  const folds = [
    { name: 'more', text: 'more', folded: fields.filter((field) => !isFirst(field) && !isInSection(field)) },
    ...sections.map(([section, names]) => ({
      name: section,
      text: `section.${section}`,
      folded: fields.filter(([name]) => names.includes(name)),
    })),
  ];
  const rows = [
    ...rowsOf(fields.filter((field) => isFirst(field) && !isInSection(field))),
    ...folds.flatMap(({ name, text, folded }) => fold(name, text, rowsOf(folded))),
  ];
  if (node.tip !== undefined) rows.push(`  <div class="form-tips" data-i18n="[html]hint.${node.tip}"></div>\n`);
  const properties = [
    `category: '${node.category}'`,
    `defaults: {\n${fields.map(([name, field]) => `      ${defaults(name, field)},\n`).join('')}    }`,
    ...look(node),
    `label: function () {\n      return this.name || ${labelOf(node)};\n    }`,
    `oneditprepare: function () {\n${prepare(fields, folds, prefix, editor)}    }`,
  ];
  return `<!-- Written by the build from nodes/src/palette. -->
<script type="text/html" data-template-name="${node.type}">
${rows.join('')}</script>

<script type="text/javascript">
  RED.nodes.registerType('${node.type}', {
${properties.map((property) => `    ${property},\n`).join('')}  });
</script>
`;
}

/** Lines that are folded away until somebody wants them. */
function fold(name, text, rows) {
  if (rows.length === 0) return [];
  const heading = `<summary style="cursor: pointer; margin-bottom: 12px" data-i18n="${text}"></summary>`;
  return [`  <details class="spikewire-${name}">\n  ${heading}\n${rows.join('')}  </details>\n`];
}

/** One line of the form. */
function row(id, name, field) {
  const label = `<label for="${id}"><i class="fa fa-${field.icon}"></i> <span data-i18n="field.${name}"></span></label>`;
  return `  <div class="form-row" id="${id}-row">\n    ${label}\n    ${INPUTS[field.form](id, name, field)}\n  </div>\n`;
}

const span = (key) => `<span data-i18n="${key}"></span>`;
const placeholder = ({ hint }) => (hint === undefined ? '' : ` data-i18n="[placeholder]hint.${hint}"`);

/** What is to be filled in, by the form of the field. */
const INPUTS = {
  text: (id, _, field) => `<input type="text" id="${id}" style="width: 70%"${placeholder(field)}>`,
  node: (id) => `<input type="text" id="${id}">`,
  typed: (id) => `<input type="text" id="${id}" style="width: 70%">\n    <input type="hidden" id="${id}Type">`,
  number: (id, _, field) => numberInput(id, field, 'any'),
  integer: (id, _, field) => numberInput(id, field, '1'),
  flag: (id, _, { hint }) =>
    `<input type="checkbox" id="${id}" style="width: auto; vertical-align: top">${hint === undefined ? '' : ` ${span(`hint.${hint}`)}`}`,
  word(id, name, { words }) {
    const options = words.map((word) => `      <option value="${word}" data-i18n="${name}.${word}"></option>\n`);
    return `<select id="${id}" style="width: 70%">\n${options.join('')}    </select>`;
  },
};

function numberInput(id, field, step) {
  const { minimum, maximum, unit } = field;
  const range = `min="${minimum}" max="${maximum}" step="${step}"`;
  const input = `<input type="number" id="${id}" ${range} style="width: 90px"${placeholder(field)}>`;
  return unit === undefined ? input : `${input} ${span(`unit.${unit}`)}`;
}

/** What a new node has stored, and when the editor calls it wrong. */
function defaults(name, field) {
  const value = `value: ${JSON.stringify(field.default ?? '')}`;
  switch (field.form) {
    case 'node':
      return `${name}: { ${value}, type: '${field.type}', required: ${field.optional !== true} }`;
    case 'typed': {
      const check = field.icons === undefined ? `, validate: RED.validators.typedInput('${name}Type', true)` : '';
      const required = field.required ? ', required: true' : '';
      return `${name}: { ${value}${check}${required} },\n      ${name}Type: { value: '${field.types[0]}' }`;
    }
    case 'number':
    case 'integer':
      return `${name}: { ${value}, validate: (value) => ${isAllowed(field)} }`;
    default:
      return `${name}: { ${value} }`;
  }
}

/** A flow that was stored before there was the field has nothing in it. */
function isAllowed({ form, minimum, maximum }) {
  const whole = form === 'integer' ? 'Number.isInteger(Number(value)) && ' : '';
  return `(value ?? '') === '' || (${whole}Number(value) >= ${minimum} && Number(value) <= ${maximum})`;
}

/** How a node stands in the palette and in flows; nothing for a configuration. */
function look({ category, label, color, icon, button, inputs = [], outputs = [] }) {
  if (category === 'config') return [];
  const texts = (ports) =>
    `function (index) {\n      return [${ports.map((port) => `this._('port.${port}')`).join(', ')}][index];\n    }`;
  return [
    `color: '${color}'`,
    `inputs: ${inputs.length}`,
    `outputs: ${outputs.length}`,
    `icon: '${icon}'`,
    `paletteLabel: '${label}'`,
    "labelStyle: function () {\n      return this.name ? 'node_label_italic' : '';\n    }",
    `inputLabels: ${texts(inputs)}`,
    `outputLabels: ${texts(outputs)}`,
    ...(button === undefined ? [] : [buttonAt(button)]),
  ];
}

/** What the button cannot do is said where Node-RED says such things. */
const buttonAt = (path) => `button: {
      onclick: function () {
        $.post(\`${path}/\${encodeURIComponent(this.id)}\`).fail(({ responseJSON, statusText }) =>
          RED.notify(RED.utils.sanitize(responseJSON?.error ?? statusText), 'error'));
      },
    }`;

const labelOf = ({ label, labelField }) => `${labelField === undefined ? '' : `this.${labelField} || `}'${label}'`;

/** The body of what the editor does when it opens the form. */
function prepare(fields, folds, prefix, editor) {
  const typed = fields
    .filter(([, { form }]) => form === 'typed')
    .map(([name, field]) => typedInput(prefix, name, field));
  const own = editor === '' ? '' : `${editor.replace(/^export /m, '')}prepare(this);\n`;
  const parts = [...typed, unset(fields, prefix), visibility(fields, prefix), ...folds.map(unfolding), own];
  return parts.join('').replace(/^(?=.)/gm, '      ');
}

/** Shows what holds where a flow, such as one that no editor wrote, says nothing of a field. */
function unset(fields, prefix) {
  const known = fields.filter(([, { form, default: value }]) => form !== 'typed' && (value ?? '') !== '');
  return known
    .map(([name, { form, default: value }]) => {
      const set = form === 'flag' ? `prop('checked', ${value})` : `val(${JSON.stringify(value)})`;
      return `if (this.${name} === undefined) $('#${prefix}${name}').${set};\n`;
    })
    .join('');
}

/** Opens what is folded where a setting in it is not at its default. */
function unfolding({ name, folded }) {
  if (folded.length === 0) return '';
  const usual = folded.flatMap(([name, { form, default: value, types }]) => [
    [name, value ?? ''],
    ...(form === 'typed' ? [[`${name}Type`, types[0]]] : []),
  ]);
  return `{
  const usual = ${JSON.stringify(Object.fromEntries(usual))};
  const isChanged = ([name, value]) => String(this[name] ?? value) !== String(value);
  $('.spikewire-${name}').last().prop('open', Object.entries(usual).some(isChanged));
}
`;
}

function typedInput(prefix, name, { types, icons = {} }) {
  const offered = types.map((type) =>
    icons[type] === undefined
      ? `'${type}'`
      : `{ value: '${type}', label: this._('${name}.${type}'), icon: 'fa fa-${icons[type]}' }`,
  );
  return `$('#${prefix}${name}').typedInput({
  default: '${types[0]}',
  types: [${offered.join(', ')}],
  typeField: $('#${prefix}${name}Type'),
});
`;
}

/** How the value of a form's field is read where it is not that of its input; `_ADD_` is what an editor calls none. */
const CURRENT = { typed: "typedInput('type')", node: "val()?.replace('_ADD_', '')" };

/** Shows those fields whose condition is met, now and whenever something changes. */
function visibility(fields, prefix) {
  const table = Object.fromEntries(fields);
  const hidden = fields.filter(([, { when }]) => when !== undefined);
  if (hidden.length === 0) return '';
  const current = (name) => `$('#${prefix}${name}').${CURRENT[table[name].form] ?? 'val()'}`;
  const lines = hidden.map(([name, { when }]) => {
    const met = Object.entries(when).map(([other, value]) => {
      const one = [value].flat().map((expected) => `${current(other)} === '${expected}'`);
      return one.length === 1 ? one[0] : `(${one.join(' || ')})`;
    });
    return `  $('#${prefix}${name}-row').toggle(${met.join(' && ')});\n`;
  });
  const others = [...new Set(hidden.flatMap(([, { when }]) => Object.keys(when)))];
  const inputs = others.map((name) => `#${prefix}${name}`).join(', ');
  return `const showFields = () => {\n${lines.join('')}};\n$('${inputs}').on('change', showFields);\nshowFields();\n`;
}
