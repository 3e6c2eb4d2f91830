// A worker's thread that dies on purpose, in the way that the environment names. Stands in for
// interp/runtime/worker.ts (see dying-worker.ts).
import "../../interp/runtime/worker.ts";

declare const self: Worker;
const AFTER_MS = 60;
const how = process.env["JANUS_TEST_DEATH"];
const begin = self.onmessage!;
self.onmessage = (message) => {
  if (how === "at the start") throw new Error("died at the start");
  if (how === "in its event loop") setTimeout(() => { throw new Error("died in its event loop"); }, AFTER_MS);
  return begin.call(self, message);
};
