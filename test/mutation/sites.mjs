// Where a source can be mutated, and into what: found in the syntax tree, so that a mutation is never a comment, a
// string, a type or an error of syntax.
import ts from 'typescript';

/**
 * The text of a site is `start` to `end` of its file; `change` replaces it. `numbers` are the nodes that must be
 * numbers and `alike` the two that must have types that fit each other, for the mutation to make sense.
 *
 * @typedef {{ kind: string, start: number, end: number, change: string, numbers?: ts.Node[], alike?: ts.Node[],
 *   logic?: ts.Node }} Site
 */

/** Kinds of mutations, by what they change. */
export const KINDS = ['sign', 'comparison', 'term', 'order', 'constant', 'logic'];

const { SyntaxKind } = ts;
const OPPOSITE_SIGN = new Map([
  [SyntaxKind.PlusToken, '-'],
  [SyntaxKind.MinusToken, '+'],
  [SyntaxKind.PlusEqualsToken, '-='],
  [SyntaxKind.MinusEqualsToken, '+='],
]);
const ONE_STEP_OFF = new Map([
  [SyntaxKind.LessThanToken, '<='],
  [SyntaxKind.LessThanEqualsToken, '<'],
  [SyntaxKind.GreaterThanToken, '>='],
  [SyntaxKind.GreaterThanEqualsToken, '>'],
]);
const OTHER_LOGIC = new Map([
  [SyntaxKind.AmpersandAmpersandToken, '||'],
  [SyntaxKind.BarBarToken, '&&'],
]);
/** The order of their arguments has no effect. */
const COMMUTATIVE = /^Math\.(max|min|imul|hypot)$/;
/** What people read. */
const TEXT_PROPERTIES = new Set(['doc', 'summary', 'help', 'description', 'examples', 'label', 'title', 'usage']);

/**
 * All sites of a source, in its order.
 *
 * @param {ts.SourceFile} source
 * @returns {Site[]}
 */
export function sitesOf(source) {
  const sites = [];
  const visit = (node) => {
    if (ts.isTypeNode(node) || isForPeople(node)) return;
    for (const site of sitesAt(node, source)) sites.push(site);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return sites;
}

/** Messages and help: nothing computes with them. */
function isForPeople(node) {
  if (ts.isThrowStatement(node) || ts.isTemplateExpression(node)) return true;
  if (ts.isNewExpression(node)) return /Error$/.test(node.expression.getText());
  if (ts.isCallExpression(node))
    return /^console\b|Error$|\.(padEnd|padStart|toFixed)$/.test(node.expression.getText());
  return ts.isPropertyAssignment(node) && TEXT_PROPERTIES.has(node.name.getText());
}

function sitesAt(node, source) {
  if (ts.isBinaryExpression(node)) return binarySites(node, source);
  if (ts.isPrefixUnaryExpression(node)) return negationSites(node, source);
  if (ts.isNumericLiteral(node) && !ts.isPropertyAssignment(node.parent)) return [constantSite(node, source)];
  if (ts.isNumericLiteral(node) && node.parent.initializer === node) return [constantSite(node, source)];
  if (ts.isCallExpression(node) || ts.isNewExpression(node)) return argumentSites(node, source);
  if (ts.isElementAccessExpression(node)) return axisSites(node, source);
  return [];
}

function binarySites(node, source) {
  const { left, right, operatorToken } = node;
  const operator = operatorToken.kind;
  const numbers = [left, right];
  const sites = [];
  const at = (kind, place, change, more) =>
    sites.push({ kind, start: place.getStart(source), end: place.end, change, ...more });
  if (OPPOSITE_SIGN.has(operator)) at('sign', operatorToken, OPPOSITE_SIGN.get(operator), { numbers });
  if (ONE_STEP_OFF.has(operator)) at('comparison', operatorToken, ONE_STEP_OFF.get(operator), { numbers });
  if (OTHER_LOGIC.has(operator)) at('logic', operatorToken, OTHER_LOGIC.get(operator), { logic: node });
  if (operator === SyntaxKind.PlusToken || operator === SyntaxKind.MinusToken) {
    const rightAlone = operator === SyntaxKind.PlusToken ? right.getText(source) : `-(${right.getText(source)})`;
    at('term', node, left.getText(source), { numbers });
    at('term', node, rightAlone, { numbers });
  }
  return sites;
}

function negationSites(node, source) {
  if (node.operator !== SyntaxKind.MinusToken) return [];
  const [start, end] = [node.getStart(source), node.end];
  return [{ kind: 'sign', start, end, change: node.operand.getText(source), numbers: [node.operand] }];
}

/** A tenth more; one more at least if it is whole. */
function constantSite(node, source) {
  const value = Number(node.text);
  const change = String(Number.isInteger(value) ? value + Math.max(1, Math.round(value / 10)) : value * 1.1);
  return { kind: 'constant', start: node.getStart(source), end: node.end, change };
}

/** Arguments that stand beside each other, exchanged. */
function argumentSites(node, source) {
  if (COMMUTATIVE.test(node.expression.getText(source))) return [];
  const list = node.arguments ?? [];
  return list.slice(1).flatMap((second, k) => exchanged('order', list[k], second, source));
}

/** `a[i][j]` as `a[j][i]`. */
function axisSites(node, source) {
  const inner = ts.isNonNullExpression(node.expression) ? node.expression.expression : node.expression;
  if (!ts.isElementAccessExpression(inner)) return [];
  return exchanged('order', inner.argumentExpression, node.argumentExpression, source);
}

function exchanged(kind, first, second, source) {
  if (ts.isSpreadElement(first) || ts.isSpreadElement(second) || first.getText(source) === second.getText(source))
    return [];
  const [start, end] = [first.getStart(source), second.end];
  const between = source.text.slice(first.end, second.getStart(source));
  return [
    { kind, start, end, change: second.getText(source) + between + first.getText(source), alike: [first, second] },
  ];
}
