// Runs a program so that its fibers never stay where they are: every fiber gives way after a few reductions, and is
// packed and unpacked each time before it goes on; the host's stack counts as used up after a few calls. A program
// must not be able to tell. Or: runs it on a thread with the smaller stack of a further worker, as it is. Started as a
// process of its own by tests: REDUCTIONS FILE [ARGS…], or --on-a-worker FILE.
import type { Code } from "../eval/code.ts";
import { type Fiber, Machine, machine } from "../eval/machine.ts";
import { kit } from "../eval/steps/kit.ts";
import { checkProgram } from "../sema/index.ts";
import { Sources } from "../sema/sources.ts";
import { renderAll } from "../syntax/render.ts";
import { TAG_DATA } from "./abi.generated.ts";
import { decodeContinuation, encodeContinuation, OutOfMemory } from "./codec.ts";
import { INTERNAL_ERROR } from "./endings.ts";
import { launch } from "./launch.ts";
import { WorkerLoop } from "./loop.ts";
import { blockOf, drop, wordsOf } from "./transport.ts";

/** Longer continuations stay: the work would grow with the square of the depth. Words: three an entry. */
const MOVED_WORDS_MAX = 900;
/** Host frames after which a call goes on from the heap. */
const DEPTH = 60;

export const ON_A_WORKER = "--on-a-worker";

declare const self: Worker;

const ROOT = import.meta.dir.slice(0, import.meta.dir.lastIndexOf("/interp"));

/** The fiber's continuation as another worker would get it, in place of its own. */
function move(fiber: Fiber): void {
  if (fiber.cont.length === 0 || fiber.cont.length > MOVED_WORDS_MAX) return;
  let block: number;
  try {
    block = blockOf(encodeContinuation(fiber));
  } catch (e) {
    if (e instanceof OutOfMemory) return;
    throw e;
  }
  const moved = decodeContinuation(wordsOf(block));
  drop(TAG_DATA, block);
  if (moved.stack !== fiber.stack || moved.cont.length !== fiber.cont.length) {
    throw new Error("a continuation changed while it moved");
  }
  fiber.cont = moved.cont;
  fiber.frame = moved.frame;
  fiber.locals = moved.locals;
  fiber.unwinding = moved.unwinding;
  fiber.wait = moved.wait;
}

/** Changes this VM: fibers move at every suspension, and suspend after so many reductions. */
function moveAlways(reductions: number): void {
  kit.DEPTH_LIMIT = DEPTH;
  const loop = WorkerLoop.prototype as unknown as { enter(fiber: Fiber): void };
  const enter = loop.enter;
  loop.enter = function (fiber) {
    move(fiber);
    enter.call(this, fiber);
    machine.red = reductions;
  };
  Machine.prototype.sliceOver = function (code: Code) {
    // as the evaluator does, a code that is used much goes on in steps of its own
    if (code.tier === 0 && ++code.slices >= 3) code.promote();
    return true;
  };
}

/** Checks and runs a program on this thread, as worker 0 of one. */
async function main(path: string, args: string[]): Promise<number> {
  const sources = new Sources(`${ROOT}/std`);
  const { program, diagnostics } = checkProgram(sources.entry(path, await Bun.file(path).text()), sources, {});
  if (diagnostics.some((d) => d.severity === "error")) {
    process.stderr.write(renderAll(diagnostics, { colour: false }));
    return 1;
  }
  return launch(program, sources, path, {
    root: ROOT, std: `${ROOT}/std`, workers: 1, memory: null, watchdogMs: 0,
    profile: "service", args, stats: false, checkLeaks: false, json: false,
    seeded: null, trace: null,
    complain: (lines) => process.stderr.write(`${lines}\n`),
  });
}

if (!Bun.isMainThread) {
  self.onmessage = async (message: MessageEvent<string>) => self.postMessage(await main(message.data, []));
} else if (import.meta.main) {
  const [how, path, ...args] = process.argv.slice(2);
  if (how === ON_A_WORKER) {
    const thread = new Worker(import.meta.path);
    thread.onmessage = (message: MessageEvent<number>) => process.exit(message.data);
    thread.onerror = (e) => {
      process.stderr.write(`${e.message}\n`);
      process.exit(INTERNAL_ERROR);
    };
    thread.postMessage(path!);
  } else {
    moveAlways(Number(how));
    process.exit(await main(path!, args));
  }
}
