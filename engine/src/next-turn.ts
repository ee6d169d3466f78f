/** Lets other things happen before long work goes on, such as a signal to end it. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
