// Numbers and escapes: what a literal's text is worth. Pure functions over the text; problems come back as sentences.

export function isDigit(c: number): boolean {
  return c >= 48 && c <= 57;
}

/** Names: a letter or `_`, then letters, digits, `_`. Letters beyond ASCII are those of Unicode. */
export function isWordStart(c: number): boolean {
  return (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || c === 95 || (c >= 0xaa && isLetter(c));
}

export function isWordPart(c: number): boolean {
  return isWordStart(c) || isDigit(c);
}

function isLetter(c: number): boolean {
  return /\p{L}/u.test(String.fromCharCode(c));
}

export interface NumberRead {
  kind: "int" | "float";
  value: bigint | number;
  end: number;
  problem: string | null;
  hint: string | null;
}

/** No integer type has more than 64 bits; longer texts are refused before anything converts them. */
const digits_max = 100;

function digitValue(c: number): number {
  if (isDigit(c)) return c - 48;
  if (c >= 97 && c <= 122) return c - 87;
  if (c >= 65 && c <= 90) return c - 55;
  return 99;
}

/** Reads the number at `start`. `plain`: decimal digits only, a tuple's selector. */
export function readNumber(text: string, start: number, plain: boolean): NumberRead {
  let at = start;
  let base = 10;
  if (!plain && text[at] === "0" && "xXbBoO".includes(text[at + 1] ?? " ")) {
    base = "xX".includes(text[at + 1]!) ? 16 : "bB".includes(text[at + 1]!) ? 2 : 8;
    at += 2;
  }
  const digitsFrom = at;
  const skipDigits = (): void => {
    for (;;) {
      const c = text.charCodeAt(at);
      if (c !== 95 && !(digitValue(c) < base)) return;
      at += 1;
    }
  };
  skipDigits();
  let float = false;
  if (base === 10 && !plain) {
    if (text[at] === "." && isDigit(text.charCodeAt(at + 1))) {
      float = true;
      at += 1;
      skipDigits();
    }
    if (text[at] === "e" || text[at] === "E") {
      const sign = text[at + 1] === "+" || text[at + 1] === "-" ? 1 : 0;
      if (isDigit(text.charCodeAt(at + 1 + sign))) {
        float = true;
        at += 1 + sign;
        skipDigits();
      }
    }
  }
  const body = text.slice(digitsFrom, at);
  const digits = body.replaceAll("_", "");
  const bad = (problem: string, hint: string | null = null): NumberRead =>
    ({ kind: float ? "float" : "int", value: float ? 0 : 0n, end: at, problem, hint });
  if (!plain && isWordPart(text.charCodeAt(at))) {
    const suffixFrom = at;
    while (isWordPart(text.charCodeAt(at))) at += 1;
    const suffix = text.slice(suffixFrom, at);
    if (/^[iuf](8|16|32|64|size)$/.test(suffix)) {
      return bad(`a number has no suffix \`${suffix}\``, `write \`${text.slice(start, suffixFrom)} as ${suffix}\``);
    }
    return bad(`\`${text.slice(start, at)}\` is no number: \`${suffix[0]}\` is no digit of base ${base}`);
  }
  if (digits === "") return bad(`digits are missing after \`${text.slice(start, digitsFrom)}\``);
  if (/^_|_$|__|_[.eE]|[.eE]_/.test(body)) return bad("an underscore in a number stands between two digits");
  if (float) {
    const value = Number(digits);
    if (!Number.isFinite(value)) return bad("the number is too large for an f64");
    return { kind: "float", value, end: at, problem: null, hint: null };
  }
  if (digits.length > digits_max) return bad("the number is too large for any integer type");
  const prefix = base === 16 ? "0x" : base === 2 ? "0b" : base === 8 ? "0o" : "";
  return { kind: "int", value: BigInt(prefix + digits), end: at, problem: null, hint: null };
}

export interface EscapeRead {
  value: number;
  end: number;
  problem: string | null;
}

/** Reads the escape at `at` (a backslash). A bad one stands for the character after the backslash. */
export function readEscape(text: string, at: number, template: boolean): EscapeRead {
  const c = text[at + 1] ?? "";
  const simple = "ntr0\\\"'".indexOf(c);
  if (c !== "" && simple >= 0) {
    return { value: [10, 9, 13, 0, 92, 34, 39][simple]!, end: at + 2, problem: null };
  }
  if (template && (c === "{" || c === "}")) return { value: c.charCodeAt(0), end: at + 2, problem: null };
  if (c === "" || c === "\n" || c === "\r") {
    return { value: 92, end: at + 1, problem: "a backslash at the end of a line escapes nothing" };
  }
  if (c === "u") return readUnicode(text, at);
  const code = text.codePointAt(at + 1)!;
  const end = at + 1 + (code > 0xffff ? 2 : 1);
  return { value: code, end, problem: `there is no escape \`${text.slice(at, end)}\`` };
}

function readUnicode(text: string, at: number): EscapeRead {
  const shape = "a Unicode escape reads `\\u{1F600}`, with one to six hexadecimal digits";
  if (text[at + 2] !== "{") return { value: 0xfffd, end: at + 2, problem: shape };
  let end = at + 3;
  let value = 0;
  while (digitValue(text.charCodeAt(end)) < 16) {
    value = Math.min(value * 16 + digitValue(text.charCodeAt(end)), 0x7fffffff);
    end += 1;
  }
  const count = end - at - 3;
  if (text[end] !== "}") return { value: 0xfffd, end, problem: shape };
  end += 1;
  if (count === 0 || count > 6) return { value: 0xfffd, end, problem: shape };
  if (value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) {
    return { value: 0xfffd, end, problem: `\`${text.slice(at, end)}\` is no Unicode scalar value` };
  }
  return { value, end, problem: null };
}
