// Requests that are put together and damaged at random, in random pieces, against reference.ts: the server must answer
// each as what it is, or refuse it, and say the same whatever the pieces. Seeded: the same seed sends the same.
//
//   npm run fuzz:http -- [--seed N] [--minutes M] [--workers N]
import { buildCore } from "../../tools/zig-build/index.mjs";
import { Random } from "../fuzz/random.ts";
import { count } from "../runner/campaign-options.ts";
import { answersIn, endAll, exchange, inPieces, listening, plain } from "./peer.ts";
import { answersTo, REFUSED } from "./reference.ts";
import { REQUESTS } from "./requests.ts";

const WHOLE = Object.values(REQUESTS).flat().map(([, sent]) => sent).filter((sent) => sent.length > 0);
const PIECES = [
  "\r\n", "\n", "\r", "\0", ":", " ", "\t", ",", ";", "\r\n ", "\r\n\r\n", "HTTP/1.1", "HTTP/1.0", "%",
  "%0d%0a", "\xff", "\xc4\xb0", "\xc2\xa0", "0\r\n", "1\r\na\r\n", "fffffffffffffff", "-1", "+", "0x",
  "x".repeat(150), "A: 1\r\n", "\r\nA: 2", "Host: z\r\n", "Content-Length: 2\r\n", "Content-Length: 5\r\n",
  "Transfer-Encoding: chunked\r\n", "chunked", "close", "Connection: close\r\n", "Connection: keep-alive\r\n",
  "Expect: 100-continue\r\n", "http://y", "?", "#", "*", "[", "]", "GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n",
  "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n",
];
/** Connections that are there at once. */
export const BATCH = 40;

const upper = (text: string): string => text.replace(/[a-z]/g, (letter) => letter.toUpperCase());

/** A connection's worth of requests. */
export function connection(random: Random): string {
  let text = "";
  for (let n = 1 + random.below(3); n > 0; n--) text += random.pick(WHOLE);
  for (let n = random.below(5); n > 0; n--) {
    const at = random.below(text.length + 1);
    const piece = random.pick(PIECES);
    const count = 1 + random.below(8);
    switch (random.below(7)) {
      case 0: text = text.slice(0, at) + String.fromCharCode(random.below(256)) + text.slice(at + 1); break;
      case 1: text = text.slice(0, at) + text.slice(at + count); break;
      case 2: text = text.slice(0, at); break;
      case 3: text = text.slice(0, at) + text.slice(Math.max(0, at - 5 * count), at) + text.slice(at); break;
      case 4: text = text.slice(0, at) + upper(text.slice(at, at + count)) + text.slice(at + count); break;
      default: text = text.slice(0, at) + piece + text.slice(at);
    }
  }
  return text;
}

/** A text cut at up to four random places. */
export function cutAt(text: string, random: Random): string[] {
  const at = Array.from({ length: 1 + random.below(4) }, () => random.below(text.length + 1)).sort((a, b) => a - b);
  return [0, ...at].map((from, i) => text.slice(from, at[i] ?? text.length)).filter((piece) => piece !== "");
}

const isRefusal = (answer: string): boolean => /^(400|408|413|414|417|431|501|505)$/.test(answer);

/** What is wrong with what came back; null: nothing. */
export function judge(sent: string, got: string): string | null {
  const answers = answersIn(got).map((answer) => (isRefusal(answer) ? REFUSED : answer));
  const wanted = answersTo(sent);
  if (JSON.stringify(answers) === JSON.stringify(wanted)) return null;
  return `sent ${JSON.stringify(sent)}\n  wanted ${JSON.stringify(wanted)}\n  got ${JSON.stringify(answers)}`;
}

export interface Fuzzed {
  connections: number;
  findings: string[];
}

/** Sends connections of this seed: so many batches of 40, each whole and in pieces, or fewer when the time is over. */
export async function fuzz(seed: number, batches: number, endMs: number, workers: number): Promise<Fuzzed> {
  const random = new Random(seed);
  const { port, child, errors } = await listening(`${import.meta.dir}/echo.jan`, { workers });
  const barrier = () => exchange(port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const fuzzed: Fuzzed = { connections: 0, findings: [] };
  for (let n = 0; n < batches && performance.now() < endMs && fuzzed.findings.length === 0; n++) {
    const texts = Array.from({ length: BATCH }, () => connection(random));
    const whole = await Promise.all(texts.map((text) => exchange(port, text)));
    const cut = await inPieces(port, texts.map((text) => cutAt(text, random)), barrier);
    for (const [i, text] of texts.entries()) {
      const wrong = judge(text, whole[i]!);
      if (wrong !== null) fuzzed.findings.push(wrong);
      if (plain(cut[i]!) !== plain(whole[i]!)) {
        fuzzed.findings.push([text, cut[i], whole[i]].map((one) => JSON.stringify(one)).join("\n  in pieces "));
      }
    }
    fuzzed.connections += 2 * BATCH;
  }
  if (child.exitCode !== null || errors() !== "") fuzzed.findings.push(`the server: ${child.exitCode} ${errors()}`);
  endAll();
  return fuzzed;
}

if (import.meta.main) {
  await buildCore({ quiet: true });
  const seed = count("seed", 1);
  const endMs = performance.now() + count("minutes", 1) * 60_000;
  const { connections, findings } = await fuzz(seed, Infinity, endMs, count("workers", 1));
  for (const finding of findings) console.log(finding);
  console.log(`${connections} connections from seed ${seed}: ${findings.length} wrong`);
  process.exit(findings.length > 0 || connections === 0 ? 1 : 0);
}
