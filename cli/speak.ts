// How the command speaks of itself: what it could not do, and what to do about it. Programs and what is wrong with them
// are told by interp/. What runs programs imports it only when there is something to say: no run pays for it.

import { createConsola, type ConsolaInstance, type LogObject } from "consola/basic";
import { isColoured } from "./command.ts";

const RED = "\x1b[31m";
const CYAN = "\x1b[36m";
const PLAIN = "\x1b[0m";

/** `janus run: message`, and under it `  hint: …`; on standard error, in colour on a terminal. */
function write(log: LogObject): void {
  const [message, hint] = log.args as [unknown, string | undefined];
  const coloured = isColoured();
  const paint = (colour: string, text: string): string => (coloured ? `${colour}${text}${PLAIN}` : text);
  const who = `janus${log.tag === "" ? "" : ` ${log.tag}`}:`;
  const text = message instanceof Error ? message.message : String(message);
  process.stderr.write(`${log.type === "error" ? paint(RED, who) : who} ${text}\n`);
  if (hint !== undefined) process.stderr.write(`  ${paint(CYAN, "hint:")} ${hint}\n`);
}

const consola = createConsola({ reporters: [{ log: write }], throttle: 0 });

/** The voice of a subcommand; of `janus` itself without a name. Say `voice.error(message, hint)`. */
export function voiceOf(name = ""): ConsolaInstance {
  return consola.withTag(name);
}
