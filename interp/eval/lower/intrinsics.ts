// A call of what std declares without a body: operations on values (eval/intrinsics) or on the runtime, which hands in
// its own table.
import type { FuncDecl, Type } from "../../syntax/ast.ts";
import { May } from "../code.ts";
import type { Inline } from "../fuse/plain.ts";
import { longCalls } from "../intrinsics/long.ts";
import { pureIntrinsics, writers } from "../intrinsics/index.ts";
import { machine } from "../machine.ts";
import { refusedByEngine } from "../room.ts";
import { type ErrorValue, Failure } from "../values.ts";
import type { IntrinsicBuilder } from "./builder.ts";

/** One call of an intrinsic of the runtime. */
export interface HostSite {
  types: Type[];
  result: Type;
  typeArgs: Type[];
  /** the place as a number (builder.ts), for panics and for what a fiber waits at. */
  place: number;
  /** source text of the call. */
  text: string;
  names: (string | null)[];
}

export type HostIntrinsics = Record<string, (site: HostSite) => (...args: any[]) => any>;

export function intrinsicName(decl: FuncDecl): string {
  const value = decl.attributes.find((a) => a.name === "intrinsic")?.value;
  if (value?.kind !== "StringLit") throw new Error(`${decl.name} has no body and is no intrinsic`);
  return value.value;
}

export const intrinsicCalls = (host: HostIntrinsics): IntrinsicBuilder =>
  (b, decl, args, types, typeArgs, result, place, text, names) => {
    const name = intrinsicName(decl);
    const ofHost = host[name];
    const pure = pureIntrinsics[name];
    let fn: (...values: any[]) => any;
    if (ofHost !== undefined) {
      fn = ofHost({ types, result, typeArgs, place, text, names });
    } else if (pure !== undefined) {
      const rt = {
        panic: (code: string, message: string) => machine.panic(code, message, place),
        fail: (error: ErrorValue) => new Failure(error, [place]),
        write: (fd: 1 | 2, bytes: string) => machine.host.write(fd, bytes, place),
      };
      fn = pure({ types, result, typeArgs, rt, names });
    } else {
      throw new Error(`the intrinsic ${name} is not implemented`);
    }
    const isLong = longCalls[name];
    if (isLong !== undefined) {
      const call = fn;
      fn = (...values) => {
        if (isLong(...values)) machine.host.offer();
        return call(...values);
      };
    }
    fn = withinRoom(fn, args.length, place);
    const { watch } = machine;
    if (watch !== null) {
      const call = fn;
      fn = (...values) => {
        watch.enter(place);
        const v = call(...values);
        watch.leave();
        return v;
      };
    }
    const may = ofHost !== undefined || writers.has(name) ? May.Suspend : May.Stop;
    const [x, y] = args;
    const inline: Inline = (t, ...values) => {
      const v = t.set(`${t.bind(fn)}(${values.join(", ")})`);
      t.stops(v, may);
      return v;
    };
    return args.length === 0 ? b.apply0(() => fn(), may)
      : args.length === 1 ? b.apply1(x!, (v) => fn(v), may, inline)
      : args.length === 2 ? b.apply2(x!, y!, (v, w) => fn(v, w), may, inline)
      : b.applyN(args, (values) => fn(...values), may, inline);
  };

/** The same function, of so many arguments, where what the engine refuses to make is a panic at the call's place. */
function withinRoom(fn: (...values: any[]) => any, count: number, place: number): (...values: any[]) => any {
  const refused = (e: unknown): undefined => refusedByEngine(e, place);
  switch (count) {
    case 0: return () => { try { return fn(); } catch (e) { return refused(e); } };
    case 1: return (a) => { try { return fn(a); } catch (e) { return refused(e); } };
    case 2: return (a, b) => { try { return fn(a, b); } catch (e) { return refused(e); } };
    case 3: return (a, b, c) => { try { return fn(a, b, c); } catch (e) { return refused(e); } };
    default: return (...values) => { try { return fn(...values); } catch (e) { return refused(e); } };
  }
}
