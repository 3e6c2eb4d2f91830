// The message of an assertion that does not hold, in bytes: the program's own text or the assertion's source, and below
// it what the condition found.

/** A part of the condition that was not as it should be. */
export interface Finding {
  /** null: the part is the whole condition, which the message names already. */
  source: string | null;
  value: boolean;
  /** the two sides of a comparison, shown. */
  sides: { name: string; value: string }[];
}

/** Bytes of a value, or of a part's source, that are shown. */
const SHOWN_MAX = 200;

/** The beginning of a text in UTF-8, cut between characters. */
function cut(text: string): string {
  if (text.length <= SHOWN_MAX) return text;
  let end = SHOWN_MAX;
  while (end > 0 && (text.charCodeAt(end) & 0xc0) === 0x80) end--;
  return `${text.slice(0, end)}${ELLIPSIS}`;
}

/** `…` in UTF-8. */
const ELLIPSIS = "\xe2\x80\xa6";

const inOneLine = (source: string): string => source.replace(/\s*\n\s*/g, " ");

export function assertionFailed(source: string, message: string, findings: Finding[]): string {
  const lines = [message === "" ? `assertion failed: ${source}` : message];
  for (const { source: part, value, sides } of findings) {
    const indent = part === null ? "  " : "    ";
    if (part !== null) lines.push(`  ${cut(inOneLine(part))}${sides.length === 0 ? `: ${value}` : ""}`);
    for (const side of sides) lines.push(`${indent}${side.name}: ${cut(side.value)}`);
  }
  return lines.join("\n");
}
