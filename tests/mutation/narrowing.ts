// The rules of what is known of an optional turned round: what may undo it, which nurseries are left early, what arms
// for null leave over, which numbers are covered.
import type { Mutant } from "./mutant.ts";

const OPTIONALS: Mutant["tests"] = [["programs", "tests/programs/optionals/"]];
const SESSION: Mutant["tests"] = [["unit", "interp/sema/session.test.ts"]];
const NULL_ARMS: Mutant["tests"] = [["programs", "null_arms"]];
const NUMBERS: Mutant["tests"] = [["programs", "numbers"]];

export const mutants: Mutant[] = [
  {
    name: "a closure counts only from where it is made", tests: OPTIONALS,
    file: "interp/sema/narrowing.ts",
    find: "return hiddenIn(c, owner).assigned.has(local.name) || outlivesEntry(c, owner);",
    replace: "return outlivesEntry(c, owner);",
  },
  {
    name: "a closure of an earlier entry does not count", tests: SESSION,
    file: "interp/sema/narrowing.ts", find: "if (local.shared === true) return true;", replace: "",
  },
  {
    name: "a closure does not outlive its entry", tests: SESSION,
    file: "interp/sema/narrowing.ts", find: "return owner === null || (inEntry && owner.parent === null);",
    replace: "return false;",
  },
  {
    name: "a call undoes nothing", tests: OPTIONALS,
    file: "interp/sema/rules.ts",
    find: "if (mayRunOthers(e)) forgetShared(c);", replace: "void [mayRunOthers, forgetShared];",
  },
  {
    name: "a comparison runs no method", tests: OPTIONALS,
    file: "interp/sema/narrowing.ts",
    find: "return !(t.k === \"int\"", replace: "return t.k === \"void\" && !(t.k === \"int\"",
  },
  {
    name: "what was matched is still there", tests: NULL_ARMS,
    file: "interp/sema/matched.ts",
    find: "!before.has(unchangedSince(this.#c, place, this.#which))", replace: "false",
  },
  {
    name: "one reading is as good as another", tests: NULL_ARMS,
    file: "interp/sema/narrowing.ts", find: "`${path}=${which}`", replace: "`${path}=${which > 0}`",
  },
  {
    name: "parts of a tuple that run something are read when it begins", tests: NULL_ARMS,
    file: "interp/sema/matched.ts", find: "if (!e.elems.every(runsNothing)) return null;", replace: "void runsNothing;",
  },
  {
    name: "a guard that does not hold has done nothing", tests: OPTIONALS,
    file: "interp/sema/branches.ts", find: "before = meet([before, no]);", replace: "void no;",
  },
  {
    name: "the second operand undoes nothing of the first", tests: OPTIONALS,
    file: "interp/sema/conditions.ts", find: "? { yes: right.yes, no:",
    replace: "? { yes: new Map([...left.yes, ...right.yes]), no:",
  },
  {
    name: "a loop does not undo what holds at its start", tests: OPTIONALS,
    file: "interp/sema/statements.ts", find: "  forgetNames(c, assigned);\n", replace: "  void forgetNames;\n",
  },
  {
    name: "a nursery is never left in the middle", tests: OPTIONALS,
    file: "interp/sema/concurrency.ts", find: "if (isCancellable || e.handled === true) {",
    replace: "if (isCancellable && before === null) {",
  },
  {
    name: "a nursery that is left in the middle has done nothing", tests: OPTIONALS,
    file: "interp/sema/concurrency.ts", find: "forgetNames(c, changedNames(e.body).assigned);",
    replace: "void [forgetNames, changedNames];",
  },
  {
    name: "a body that never ends has nothing behind it, cancelled or not", tests: [["programs", "endless_body"]],
    file: "interp/sema/concurrency.ts", find: "const ends = prune(value).k === \"never\" && !isCancellable;",
    replace: "const ends = prune(value).k === \"never\";",
  },
  {
    name: "a defer runs where it stands", tests: OPTIONALS,
    file: "interp/sema/blocks.ts",
    find: "forgetNames(c, new Set([...assignedLast].filter(([, last]) => last > i).map(([name]) => name)));",
    replace: "void [assignedLast, i];",
  },
  {
    name: "a defer assigns nothing", tests: OPTIONALS,
    file: "interp/sema/blocks.ts",
    find: "forgetNames(c, changedNames(defers).assigned);", replace: "void changedNames;",
  },
  {
    name: "a closure runs where it is made", tests: OPTIONALS,
    file: "interp/sema/context.ts", find: "  forgetVariables(c);\n", replace: "  void forgetVariables;\n",
  },
  {
    name: "a reference reaches no parts", tests: OPTIONALS,
    file: "interp/sema/narrowing.ts", find: "return local.addressed === true || isHeld(c, local);",
    replace: "return isHeld(c, local) && false;",
  },
  {
    name: "what is known is not looked at again", tests: [["unit", "interp/eval/fuse/fuse.test.ts"]],
    file: "interp/eval/lower/names.ts", find: "if (e.narrowed !== true) return n;",
    replace: "if (e.span !== null) return n;",
  },
  {
    name: "an assertion holds in its own message", tests: OPTIONALS,
    file: "interp/sema/conditions.ts", find: "  c.settled.add(condition);\n  c.narrowed = meet([yes, no]);",
    replace: "  c.settled.add(condition);\n  c.narrowed = yes;\n  void no;",
  },
  {
    name: "an assertion says nothing", tests: OPTIONALS,
    file: "interp/sema/conditions.ts", find: "return () => void (c.narrowed = yes);",
    replace: "return () => void yes;",
  },
  {
    name: "a closure is run before anything is assigned behind it", tests: OPTIONALS,
    file: "interp/sema/narrowing.ts", find: "hiddenIn(c, owner).anywhere.has(local.name)",
    replace: "hiddenIn(c, owner).assigned.has(local.name)",
  },
  {
    name: "what closures assign is not assigned anywhere", tests: OPTIONALS,
    file: "interp/sema/walk.ts", find: "  for (const name of assigned) anywhere.add(name);\n", replace: "",
  },
  {
    name: "a jump to the loop itself leaves it", tests: OPTIONALS,
    file: "interp/sema/walk.ts", find: "e.label !== null && !labels.has(e.label)",
    replace: "(e.label === null || labels.size < 9)",
  },
  {
    name: "a branch is left by its last jump only", tests: OPTIONALS,
    file: "interp/sema/walk.ts", find: "only &&= node === last", replace: "only ||= node === last",
  },
  {
    name: "a nursery in a loop assigns nothing", tests: OPTIONALS,
    file: "interp/sema/walk.ts", find: "    } else add(node);",
    replace: "    } else if (node?.kind !== \"Nursery\") add(node);",
  },
  {
    name: "every branch leaves the loop", tests: OPTIONALS,
    file: "interp/sema/walk.ts", find: "if (!isLeft) visit(branch);",
    replace: "if (!isLeft && branch === null) visit(branch);",
  },
  {
    name: "no branch leaves the loop", tests: OPTIONALS,
    file: "interp/sema/walk.ts", find: "if (!isLeft) visit(branch);",
    replace: "if (!isLeft || branch !== null) visit(branch);",
  },
  {
    name: "`or` holds when its second operand does", tests: OPTIONALS,
    file: "interp/sema/conditions.ts", find: "yes: meet([left.yes, right.yes])", replace: "yes: right.yes",
  },
  {
    name: "any arm for null takes every null", tests: NULL_ARMS,
    file: "interp/sema/exhaustiveness.ts", find: "const open = new Set(names.filter((name) => !isPresent(name))",
    replace: "const open = new Set(names.filter((name) => !isPresent(name) && false)",
  },
  {
    name: "an arm with a guard takes every null", tests: NULL_ARMS,
    file: "interp/sema/branches.ts", find: "      if (arm.guard !== null) {\n",
    replace: "      if (arm.guard !== null) arms.add(arm.pattern, subject);\n      if (arm.guard !== null) {\n",
  },
  {
    name: "a type is covered when both its halves have a number", tests: NUMBERS,
    file: "interp/sema/segments.ts", find: "node.left?.isFull === true && node.right?.isFull === true",
    replace: "node.left !== null && node.right !== null",
  },
  {
    name: "a range ends before its last number", tests: NUMBERS,
    file: "interp/sema/exhaustiveness.ts",
    find: "const last = inclusive ? end : end - 1n;", replace: "const last = end - 1n;",
  },
];
