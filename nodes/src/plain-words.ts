/** Node-RED shows people the text of an error, which else begins with the name of its class. */
export function inPlainWords<Problem>(problem: Problem): Problem & (Error | undefined) {
  if (problem instanceof Error)
    Object.defineProperty(problem, 'toString', { value: () => problem.message, configurable: true });
  return problem as Problem & (Error | undefined);
}
