// The native core: opened once in the process (on the main thread first), its memory mapped, its interface compared
// with what this code was generated from.
import { dlopen, type Pointer } from "bun:ffi";
import { ABI_HASH, FIBER_SIZE, FIBER_CAPACITY, STATUS_OK, STATUS_OUT_OF_MEMORY, symbols } from "./abi.generated.ts";
import { mapMemory } from "./memory.ts";

type Library = ReturnType<typeof dlopen<typeof symbols>>;

/** The core's functions; empty until openLibrary. */
export let core = {} as Library["symbols"];

/** For `janus_flush`: as long as the reader takes. */
export const FOR_EVER = -1;

/** The core cannot be used here: the message is the whole sentence for the user. */
export class CoreError extends Error {
  override name = "CoreError";
}

const LIMITED = "the runtime cannot start: the addresses that this process may use are limited (`ulimit -v`), and it " +
  "maps some 10 GB of them, of which it touches what a program needs";

/** root: the folder that holds core/. Opening it again (a worker's VM) gives the same library. */
export function openLibrary(root: string): void {
  const path = `${root}/core/zig-out/lib/libjanus.so`;
  const library = load(path);
  if (library.symbols.janus_abi_hash() >>> 0 !== ABI_HASH) {
    throw new CoreError("the native core and this interpreter do not fit together: rebuild it with `npx zig-build`");
  }
  core = library.symbols;
}

function load(path: string): Library {
  try {
    return dlopen(path, symbols);
  } catch (e) {
    // the engine has no memory for machine code
    if (/requires the JIT/.test(String(e))) throw new CoreError(LIMITED);
    throw new CoreError(`the native core cannot be loaded (${path}): build it with \`npx zig-build\`; ${e}`);
  }
}

export interface OpenOptions {
  workers: number;
  /** megabytes of the arena, 0: the largest. */
  arenaMegabytes: number;
  flags: number;
  seed: number;
}

/** Opens the process's runtime. Once, on the main thread. */
export function openRuntime(options: OpenOptions): void {
  const status = core.janus_open(options.workers, options.arenaMegabytes, options.flags, options.seed);
  if (status === STATUS_OUT_OF_MEMORY) throw new CoreError(LIMITED);
  if (status !== STATUS_OK) throw new CoreError(`the runtime cannot start (status ${status})`);
}

/** Maps the open runtime's memory into this VM. */
export function mapRuntime(): void {
  mapMemory(core.janus_arena() as Pointer, core.janus_arena_bytes(), core.janus_records() as Pointer,
    FIBER_CAPACITY * FIBER_SIZE);
}
