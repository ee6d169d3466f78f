/** As `printableLine` has them; two joiners belong to scripts and stay. */
const UNPRINTABLE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * A text with unprintable characters as `\u202e`: a name must not turn the direction of the text beside it, nor look
 * like another name.
 */
export function visibleText(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    if (character === '\n') return character;
    return character.replace(/./gs, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  });
}
