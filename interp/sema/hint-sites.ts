// For the tests: finds every hint that the parser and the checker can give, in their sources. A hint is a text with
// gaps where the program's own words come; hints.test.ts demands an example of each.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface HintSite {
  /** The text, `\0` for each gap. */
  text: string;
  /** Where it stands: `sema/places.ts:61`. */
  at: string;
}

interface Token {
  kind: "text" | "word" | "mark";
  /** Of a text what it holds, gaps as `\0`. */
  text: string;
  line: number;
}

const FOLDERS = ["syntax", "sema"];
const NO_SOURCES = /\.(test|cases)\.ts$|^(testing|fuzz|arbitrary|hint-sites|examples)\.ts$/;
const OPEN = new Set(["(", "[", "{"]);
const CLOSE = new Set([")", "]", "}"]);

/** The tokens of a TypeScript source, as far as texts and brackets go. */
function tokensOf(source: string): Token[] {
  const made: Token[] = [];
  let line = 1;
  let at = 0;
  /** Past a text that begins here; gives what it holds. */
  const text = (): string => {
    const quote = source[at++]!;
    let held = "";
    while (source[at] !== quote) {
      if (source[at] === "\n") line += 1;
      if (source[at] === "\\") {
        held += source[at + 1] === "n" ? "\n" : source[at + 1]!;
        at += 2;
      } else if (quote === "`" && source.startsWith("${", at)) {
        at += 2;
        gap();
        held += "\0";
      } else held += source[at++]!;
    }
    at += 1;
    return held;
  };
  const gap = (): void => {
    for (let depth = 1; depth > 0;) {
      const c = source[at]!;
      if (c === '"' || c === "'" || c === "`") {
        text();
        continue;
      }
      if (c === "{") depth += 1;
      if (c === "}") depth -= 1;
      at += 1;
    }
  };
  while (at < source.length) {
    const c = source[at]!;
    const rest = source.slice(at, at + 200);
    const from = line;
    if (c === "\n") line += 1;
    if (rest.startsWith("//")) at = source.indexOf("\n", at);
    else if (rest.startsWith("/*")) {
      const end = source.indexOf("*/", at) + 2;
      line += source.slice(at, end).split("\n").length - 1;
      at = end;
    } else if (c === '"' || c === "'" || c === "`") made.push({ kind: "text", text: text(), line: from });
    else if (/[A-Za-z_$#]/.test(c)) {
      const word = /^[\w$#]+/.exec(rest)![0];
      made.push({ kind: "word", text: word, line });
      at += word.length;
    } else if (c === "/" && "(,=:?&|![{;".includes(made[made.length - 1]?.text.slice(-1) ?? "(")) {
      at += /^\/(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\[])*\//.exec(rest)![0].length;
    } else if (/\s/.test(c)) at += 1;
    else {
      const mark = /^(\?\?=|\?\?|\?\.|===|!==|=>|\+=|\.\.\.|\|\||&&|.)/.exec(rest)![0];
      made.push({ kind: "mark", text: mark, line });
      at += mark.length;
    }
  }
  return made;
}

class Finder {
  readonly sites = new Map<string, HintSite>();
  readonly #files = new Map<string, Token[]>();
  readonly #done = new Set<string>();

  constructor() {
    for (const folder of FOLDERS) {
      for (const name of readdirSync(join(import.meta.dir, "..", folder))) {
        if (!name.endsWith(".ts") || NO_SOURCES.test(name)) continue;
        const source = readFileSync(join(import.meta.dir, "..", folder, name), "utf8");
        this.#files.set(`${folder}/${name}`, tokensOf(source));
      }
    }
    for (const [file, tokens] of this.#files) this.#find(file, tokens);
  }

  #find(file: string, tokens: Token[]): void {
    tokens.forEach((token, i) => {
      const next = tokens[i + 1]?.text;
      if (token.kind !== "word" || next === undefined) return;
      if (["near", "beside"].includes(token.text) && next === "=") this.#read(file, tokens, i + 2);
      if (token.text === "hint" && [":", "=", "??="].includes(next)) {
        // a parameter's or field's type is no text
        if (["string", "Type", "(", "Habit"].includes(tokens[i + 2]!.text) && next === ":") {
          if (tokens[i + 2]!.text === "(") this.#read(file, tokens, i + 2);
          else this.#readArguments(file, tokens, i);
        } else this.#read(file, tokens, i + 2);
      } else if (token.text === "hint" && next === "?" && tokens[i + 2]!.text === ":") {
        this.#readArguments(file, tokens, i);
      }
    });
  }

  /** At a parameter `hint: string`: what the calls of its function give for it, in this file or, exported, in all. */
  #readArguments(file: string, tokens: Token[], at: number): void {
    if (tokens[at + (tokens[at + 1]!.text === "?" ? 3 : 2)]!.text !== "string") return;
    let index = 0;
    let depth = 0;
    let i = at - 1;
    for (; i >= 0 && !(depth === 0 && OPEN.has(tokens[i]!.text)); i--) {
      if (CLOSE.has(tokens[i]!.text)) depth += 1;
      else if (OPEN.has(tokens[i]!.text)) depth -= 1;
      else if (depth === 0 && tokens[i]!.text === ",") index += 1;
    }
    if (tokens[i]?.text !== "(") return;
    const isArrow = tokens[i - 1]!.text === "=";
    const name = tokens[i - (isArrow ? 2 : 1)]!.text;
    const isExported = tokens.slice(Math.max(0, i - 4), i).some((t) => t.text === "export");
    for (const [where, all] of this.#files) {
      if (where !== file && !isExported) continue;
      all.forEach((token, k) => {
        if (token.text !== name || all[k + 1]?.text !== "(" || all[k - 1]?.text === "function") return;
        let given = 0;
        let inner = 0;
        for (let j = k + 2; given <= index && j < all.length && !(inner === 0 && all[j]!.text === ")"); j++) {
          if (given === index) {
            this.#read(where, all, j);
            return;
          }
          if (OPEN.has(all[j]!.text)) inner += 1;
          else if (CLOSE.has(all[j]!.text)) inner -= 1;
          else if (inner === 0 && all[j]!.text === ",") given += 1;
        }
      });
    }
  }

  /** The texts of the expression that begins here. */
  #read(file: string, tokens: Token[], from: number): void {
    let held: string | null = null;
    const end = (at: number): void => {
      if (held !== null) this.#add(held, `${file}:${tokens[at]!.line}`);
      held = null;
    };
    for (let i = from; i < tokens.length; i++) {
      const { kind, text } = tokens[i]!;
      const before = tokens[i - 1]!;
      if (kind === "text") {
        const isCompared = /[!=]==$/.test(before.text) || /^[!=]==/.test(tokens[i + 1]?.text ?? "");
        if (isCompared) continue;
        held = before.text === "+" && held !== null ? held + text : text;
        if (tokens[i + 1]?.text !== "+") end(i);
      } else if (OPEN.has(text)) {
        const isGroup = text === "(" && before.kind !== "word" && before.text !== ")";
        if (isGroup) this.#read(file, tokens, i + 1);
        if (text === "(" && before.kind === "word" && tokens[i - 2]?.text !== ".") this.#readFunction(before.text);
        i = closing(tokens, i);
      } else if ([",", ";", ")", "]", "}"].includes(text)) {
        return;
      } else if (kind === "word" && /^[A-Z][A-Z_]+$/.test(text)) {
        for (const [where, all] of this.#files) {
          all.forEach((token, k) => {
            if (token.text === text && all[k + 1]?.text === "=" && all[k - 1]?.text === "const") {
              this.#read(where, all, k + 2);
            }
          });
        }
      }
    }
  }

  /** What a function gives that a hint calls. */
  #readFunction(name: string): void {
    if (this.#done.has(name)) return;
    this.#done.add(name);
    for (const [file, tokens] of this.#files) {
      tokens.forEach((token, k) => {
        if (token.text !== name || tokens[k - 1]?.text !== "function") return;
        let i = closing(tokens, k + 1);
        while (tokens[i]!.text !== "{") i += 1;
        const last = closing(tokens, i);
        for (; i < last; i++) if (tokens[i]!.text === "return") this.#read(file, tokens, i + 1);
      });
    }
  }

  #add(text: string, at: string): void {
    // a word alone is looked up in a table; a gap alone repeats a hint
    if (/^[\w.]*$/.test(text.replaceAll("\0", ""))) return;
    if (!this.sites.has(text)) this.sites.set(text, { text, at });
  }
}

function closing(tokens: Token[], open: number): number {
  let depth = 0;
  for (let i = open; i < tokens.length; i++) {
    if (OPEN.has(tokens[i]!.text)) depth += 1;
    else if (CLOSE.has(tokens[i]!.text) && --depth === 0) return i;
  }
  return tokens.length - 1;
}

/** Every hint of the parser and the checker, once for each text. */
export const hintSites = (): HintSite[] => [...new Finder().sites.values()];

/** The site whose text a hint is, the one with most words of its own first. */
export function siteOf(sites: HintSite[], hint: string): HintSite | undefined {
  const fits = sites.filter(({ text }) => {
    const pattern = text.split("\0").map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("[^]*?");
    return new RegExp(`^${pattern}$`).test(hint);
  });
  const own = ({ text }: HintSite): number => text.replaceAll("\0", "").length;
  return fits.sort((a, b) => own(b) - own(a) || a.text.length - b.text.length)[0];
}
