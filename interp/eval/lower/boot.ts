// The code of the main fiber: module-level values in the order of their dependencies, then `main`, or a test.
import type { GlobalDecl } from "../../syntax/ast.ts";
import { Code } from "../code.ts";
import { machine } from "../machine.ts";
import { registerIn } from "../steps/kit.ts";
import { shared } from "../steps/tier.ts";
import { VOID } from "../values.ts";
import type { Instances } from "./instances.ts";

/** body: what comes after the values: `main`, a test, nothing. */
export function bootCode(instances: Instances, globals: GlobalDecl[], body: Code | null): Code {
  const code = new Code(body === null ? "boot" : `boot ${body.key}`, "main", () => undefined);
  code.tier = 0;
  const reg = registerIn(code);
  const { call, apply, control } = shared;
  const steps = globals.map((decl) => {
    const index = instances.indexOfGlobal(decl);
    const value = call.call0(reg, instances.ofGlobal(decl), 0);
    const site = instances.siteOfGlobal(decl);
    return apply.apply1(reg, value, (v) => {
      instances.setGlobal(index, v);
      return machine.host.freezeShared(v, "this module-level value", site);
    });
  });
  steps.push(body === null ? () => VOID : call.call0(reg, body, 0));
  code.body = steps.length === 1 ? steps[0]! : control.block(reg, steps);
  return code;
}

