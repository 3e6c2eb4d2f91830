// The rules of isolation turned round: what a snapshot is, who asks, what may cross.
import type { Mutant } from "./mutant.ts";

const PROGRAMS: Mutant["tests"] = [["programs", "tests/programs/isolation/"]];
const GENERATED: Mutant["tests"] = [["unit", "tests/fuzz/sharing.test.ts"]];

export const mutants: Mutant[] = [
  {
    name: "nothing is frozen", tests: PROGRAMS,
    file: "interp/eval/snapshot.ts", find: "=> object.mark < 0;", replace: "=> object.mark > 0 && false;",
  },
  {
    name: "a hot function writes fields without asking", tests: PROGRAMS,
    file: "interp/eval/fuse/plain.ts",
    find: "t.line(`if (${frozenText(x)}) return ${t.bind(refuse)}(${x});`);", replace: "t.bind(refuse);",
  },
  {
    name: "a cold function writes fields without asking", tests: PROGRAMS,
    file: "interp/eval/steps/access.ts", find: "if (${frozenText(\"x\")}) return refuse(x);", replace: "",
  },
  {
    name: "a cold function writes elements without asking", tests: PROGRAMS,
    file: "interp/eval/steps/access.ts", find: " && x.root.mark >= 0) {", replace: ") {",
  },
  {
    name: "a hot function writes elements without asking", tests: PROGRAMS,
    file: "interp/eval/fuse/plain.ts", find: " && !(${frozenText(`${x}.root`)})`", replace: "`",
  },
  {
    name: "a captured variable is assigned without asking", tests: PROGRAMS,
    file: "interp/eval/lower/places.ts", find: "if (isFrozen(cell)) return refuse(cell);", replace: "void refuse;",
  },
  {
    name: "a struct is replaced behind a reference without asking", tests: PROGRAMS,
    file: "interp/eval/lower/places.ts", find: "if (isFrozen(p)) return refuse(p);", replace: "void refuse;",
  },
  {
    name: "what a spawn carries in is the child's own", tests: PROGRAMS,
    file: "interp/runtime/codec.ts", find: "(freezing ? FROZEN : 0)", replace: "(freezing ? 0 : 0)",
  },
  {
    name: "a closure that was received changes its variables", tests: PROGRAMS,
    file: "interp/runtime/codec.ts", find: "if (!frozen && closures.length > 0) freezeAll",
    replace: "if (frozen && closures.length > 0) freezeAll",
  },
  {
    name: "a snapshot is the fiber's own once the fiber has moved", tests: GENERATED,
    file: "interp/runtime/codec.ts",
    find: "moving && !withinFrozen && isFrozen(v)", replace: "!moving && isFrozen(v) && false",
  },
  {
    name: "structs of a module-level value can be changed on the first worker", tests: PROGRAMS,
    file: "interp/eval/snapshot.ts", find: "if (layout.marked) v.mark = FROZEN;", replace: "",
  },
  {
    name: "a snapshot that is sent on becomes shared memory", tests: PROGRAMS,
    file: "interp/eval/snapshot.ts", find: "(root.kind !== 0 && !isFrozen(root))", replace: "root.kind !== 0",
  },
  {
    name: "a fixed array that has been lent becomes shared memory", tests: PROGRAMS,
    file: "interp/eval/lower/conversions.ts",
    find: "(v: Slice): Slice => v.lend(kind, 0, v.len);",
    replace: "(v: Slice): Slice => (v.root.kind = kind, v.lend(kind, 0, v.len));",
  },
  {
    name: "a copy of a fixed array is reached through what it was lent as", tests: PROGRAMS,
    file: "interp/sema/roots.ts", find: "root.addressed = true;", replace: "root.addressed ??= false;",
  },
  {
    name: "references in tuples, slices and type arguments cross", tests: PROGRAMS,
    file: "interp/sema/crossing.ts", find: "  for (const part of held(t)) {\n    const found",
    replace: "  for (const part of held(t).slice(0, 0)) {\n    const found",
  },
  {
    name: "an instance made within an instance is not checked", tests: PROGRAMS,
    file: "interp/sema/instances.ts", find: "for (const call of w.calls.get(decl) ?? [])",
    replace: "for (const call of w.calls.get(decl)?.slice(0, 0) ?? [])",
  },
  {
    name: "a spawn's types are not asked again when it is built", tests: PROGRAMS,
    file: "interp/eval/lower/concurrency.ts",
    find: "if (uncrossable !== \"\") return", replace: "if (uncrossable === null) return",
  },
  {
    name: "a closure that captures a reference is sent", tests: PROGRAMS,
    file: "interp/runtime/codec.ts",
    find: `if (!moving && v.code.keeps !== "") throw new Uncrossable(v.code.keeps);
    if (seen(v)) return;
    word(Tag.Closure,`,
    replace: `if (moving && v.code.keeps !== "") throw new Uncrossable(v.code.keeps);
    if (seen(v)) return;
    word(Tag.Closure,`,
  },
  {
    name: "a closure that captures a reference is spawned", tests: PROGRAMS,
    file: "interp/runtime/thunk.ts", find: "if (keeps !== \"\") throw", replace: "if (keeps === null) throw",
  },
  {
    name: "references pass through channels and mutexes of later types", tests: PROGRAMS,
    file: "interp/runtime/intrinsics.ts", find: "return why === \"\" ? make :", replace: "return why !== null ? make :",
  },
  {
    name: "a spawned closure may change what it captures", tests: [["unit", "interp/sema/checks.test.ts"]],
    file: "interp/sema/places.ts", find: "if (fn.spawned) return true;", replace: "if (fn.spawned) return false;",
  },
];
