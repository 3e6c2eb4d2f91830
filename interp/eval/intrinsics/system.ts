// What the process can tell at once: its environment, and digests and JSON literals that the host computes.
import type { Intrinsic } from "../faults.ts";
import { bytes, text } from "../values.ts";

/** RFC 8259, section 6. */
const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** The string that a JSON literal stands for; null when it is none. */
function unquote(literal: string): string | null {
  try {
    const value: unknown = JSON.parse(text(literal));
    return typeof value === "string" ? bytes(value) : null;
  } catch {
    return null;
  }
}

export const systemIntrinsics: Record<string, Intrinsic> = {
  "os.env": () => (name: string) => {
    const value = process.env[text(name)];
    return value === undefined ? null : bytes(value);
  },
  "os.pid": () => () => process.pid,
  "os.cwd": () => () => bytes(process.cwd()),
  "hash.sha256": () => (s: string) =>
    new Bun.CryptoHasher("sha256").update(Buffer.from(s, "latin1")).digest("hex"),
  "json.quote": () => (s: string) => bytes(JSON.stringify(text(s))),
  "json.unquote": () => unquote,
  "json.is_number": () => (s: string) => JSON_NUMBER.test(s),
};
