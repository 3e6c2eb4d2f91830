// What the process can tell at once, as its environment; and the digests that the host computes.
import type { Intrinsic } from "../faults.ts";
import { bytes, text } from "../values.ts";

export const systemIntrinsics: Record<string, Intrinsic> = {
  "os.env": () => (name: string) => {
    const value = process.env[text(name)];
    return value === undefined ? null : bytes(value);
  },
  "os.pid": () => () => process.pid,
  "os.cwd": () => () => bytes(process.cwd()),
  "hash.sha256": () => (s: string) =>
    new Bun.CryptoHasher("sha256").update(Buffer.from(s, "latin1")).digest("hex"),
};
