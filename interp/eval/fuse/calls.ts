// The texts of calls: what steps/call.ts does. A prepared frame is run in place; whatever is out of the ordinary (no
// stack left, too deep, the slice used up, an unwinding callee) goes through that file's own functions.
import { type Code, May, type Resume } from "../code.ts";
import { DEPTH_LIMIT, Kind, POOL_MAX } from "../machine.ts";
import type { Entering } from "../steps/call.ts";
import type { Emit, Node, Text } from "./text.ts";

/** Gives the frame back (releaseFrame in machine.ts), by what is known of the callee. */
function release(code: string, g: string, known: Code | null): string {
  if (known === null || known.tier < 0 || known.tasks.length > 0) return `releaseFrame(${code}, ${g});`;
  const cleared = known.refs.map((slot) => `${g}[${slot}] = 0;`).join(" ");
  return `${cleared} if (${code}.pool.length < ${POOL_MAX}) ${code}.pool.push(${g});`;
}

/** Runs frame `g` of `code`, both names; gives the call's value. known: the callee when it is always the same. */
function enter(t: Text, code: string, g: string, [ret, rBody]: Resume[], site: number, entering: Entering,
  known: Code | null): string {
  const [out, body] = [t.bind(ret), t.bind(rBody)];
  const v = t.declare();
  t.line(`if ((S.stack -= ${code}.cost) < 0 || S.depth > ${DEPTH_LIMIT} || --S.red < 0) {`);
  t.line(`${v} = ${t.bind(entering.charged)}(${code}, ${g}, ${out}, ${body}, ${site});`);
  t.stops(v, May.Suspend);
  t.line(`} else { const w = ${code}.weight; S.depth += w;`);
  t.line(`try { ${v} = ${code}.body(${g}); } catch (e) { ${v} = refusedByEngine(e, ${code}.site); }`);
  t.line(`S.depth -= w;`);
  t.line(`if (${v} !== undefined) { S.stack += ${code}.cost; ${release(code, g, known)} } else {`);
  t.line(`if (S.kind === ${Kind.Suspend}) { ${t.suspended(`${out}, ${g}, 0`)} }`);
  t.line(`${v} = ${t.bind(entering.unwound)}(${code}, ${g}, ${site}); if (${v} === undefined) return undefined; } }`);
  return v;
}

const frameOf = (t: Text, code: string): string => t.set(`${code}.pool.pop() ?? newFrame(${code})`);

/** A call of a known function. resumes: of its return, its body, then its arguments, as steps/call.ts has them. */
export const emitCall = (resumes: Resume[], code: Code, args: Node[], site: number, entering: Entering): Emit =>
  (t) => {
    const own = resumes.slice(2);
    const values: string[] = [];
    const callee = t.bind(code);
    args.forEach((n, i) => {
      const [resume, state] = args.length === 1 ? [own[0], "0"]
        : args.length === 2 ? [own[1 - i], i === 0 ? "0" : values[0]!]
        : [own[0], `[${t.bind(entering.partial)}(${callee}, [${values.join(", ")}]), ${i}]`];
      values.push(t.operand(n, resume, state));
    });
    const g = frameOf(t, callee);
    values.forEach((v, i) => t.line(`${g}[${3 + i}] = ${v};`));
    return enter(t, callee, g, resumes, site, entering, code);
  };

/**
 * A call of a value: operands[0] is the closure. lends: it may have been lent, so that its failure leaves the function.
 * state: what the argument's resumption keeps, from the values so far.
 */
export const emitValueCall = (resumes: Resume[], operands: Node[], lends: boolean, site: number, entering: Entering,
  resumption: (i: number, values: string[]) => { resume: Resume; state: string } | null): Emit => (t) => {
  const values: string[] = [];
  operands.forEach((n, i) => {
    const wait = resumption(i, values);
    values.push(wait === null ? t.value(n) : t.operand(n, wait.resume, wait.state));
  });
  const closure = values[0]!;
  const code = t.set(`${closure}.code`);
  const g = frameOf(t, code);
  t.line(`${g}[2] = ${closure}.captured;`);
  values.slice(1).forEach((v, i) => t.line(`${g}[${3 + i}] = ${v};`));
  const v = enter(t, code, g, resumes, site, entering, null);
  if (lends) t.line(`if (${v} instanceof Failure) { ${t.leave(v)} }`);
  return v;
};
