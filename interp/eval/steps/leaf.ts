// Leaves: constants and variables. They never stop.
import type { Step } from "../code.ts";
import type { Kit } from "./kit.ts";

export function leafSteps(_kit: Kit) {
  return {
    constant(value: any): Step {
      return () => value;
    },
    local(slot: number): Step {
      return (f) => f[slot];
    },
    cell(slot: number): Step {
      return (f) => f[slot].v;
    },
    captured(index: number): Step {
      return (f) => f[2][index];
    },
    capturedCell(index: number): Step {
      return (f) => f[2][index].v;
    },
  };
}
