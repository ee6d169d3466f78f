import type { ClassifierKind } from './classifier.ts';

/** The class of the last label that came: what a sorted stream makes look good (Žliobaitė et al. 2015). */
export const repeatLastLabel: ClassifierKind = {
  name: 'repeat-last-label',
  view: 'base',
  fit({ labels }, { classes }) {
    return () => {
      const answer = new Float64Array(classes);
      let last = labels.at(-1) ?? 0;
      return {
        predict() {
          answer.fill(0);
          answer[last] = 1;
          return answer;
        },
        learn(_, label) {
          last = label;
        },
      };
    };
  },
};
