/** How many lessons there are of each class, for people: "12 lessons (6 off, 6 on)". */
export function lessonsText(lessons: Readonly<Record<string, number>>): string {
  const counts = Object.entries(lessons);
  const all = counts.reduce((sum, [, count]) => sum + count, 0);
  return `${all} lessons (${counts.map(([name, count]) => `${count} ${name}`).join(', ')})`;
}
