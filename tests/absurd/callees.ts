// What std offers to be called: every public function and method, with the types of its parameters as the checker has
// them. Read from the declarations themselves, so that what is added to std is called without a word about it here.
import type { FuncDecl, ImplDecl, Type, TypeParam } from "../../interp/syntax/ast.ts";
import { STD_UNITS } from "../../interp/sema/std-units.ts";
import { checkText } from "../../interp/sema/testing.ts";
import type { Program } from "../../interp/sema/program.ts";
import { parse } from "../../interp/syntax/parser.ts";

export interface Callee {
  /** As the reference of std has it, behind its module: `std.fs: File.read`, `std.core.array: []T.push`. */
  name: string;
  /** What is written before the parenthesis; of a method, its name. */
  path: string;
  /** The first parameter is the receiver. */
  isMethod: boolean;
  params: { name: string; type: Type; hasDefault: boolean }[];
  /** The last parameter takes any number of values of any types. */
  isVariadic: boolean;
  result: Type;
  /** `bounds`: names of traits; of `Self` in a trait, that trait. */
  typeParams: { param: TypeParam; bounds: string[] }[];
}

/** A function whose result is of a type, its type parameters bound so. */
export interface Made {
  callee: Callee;
  bound: Map<TypeParam, Type>;
}

/** All of std in one program of the checker, and what can be called in it. */
export interface Library {
  program: Program;
  callees: Callee[];
  /** What a program may `use`. */
  modules: string[];
  /** What gives a value of a type, by that type as it is written: found once. */
  makers: Map<string, Made[]>;
  /** The module in which a type or a function is declared: `std.fs`, or null for what is always in scope. */
  moduleOf(decl: object): string | null;
}

const moduleName = (file: string): string => file.slice(0, -".jan".length).replaceAll("/", ".");
/** What is always in scope. */
const isCore = (module: string): boolean => module.startsWith("std.core.");

const boundNames = (params: TypeParam[]): Map<TypeParam, string[]> =>
  new Map(params.map((p) => [p, p.bounds.flatMap((b) => (b.kind === "NamedType" ? [b.path.at(-1)!] : []))]));

export function readLibrary(): Library {
  const { program } = checkText("func main() do end\n");
  const homes = new Map<object, string>();
  const callees: Callee[] = [];

  const add = (module: string, decl: FuncDecl, owner: { name: string; path: string } | null,
    outer: Map<TypeParam, string[]>): void => {
    const { params, result, variadic } = program.signatureOf(decl);
    const bounds = new Map([...outer, ...boundNames(decl.typeParams)]);
    const isMethod = decl.receiver !== null;
    const before = [isCore(module) ? null : module, owner?.path ?? null].filter((part) => part !== null);
    callees.push({
      name: `${module}: ${owner === null ? "" : `${owner.name}.`}${decl.name}`,
      path: isMethod ? decl.name : [...before, decl.name].join("."),
      isMethod, result, isVariadic: variadic,
      params: params.map((type, i) => ({
        type, name: decl.params[i]?.name ?? "", hasDefault: (decl.params[i]?.default ?? null) !== null,
      })),
      typeParams: program.typeParamsOf(decl).map((param) => ({ param, bounds: bounds.get(param) ?? [] })),
    });
  };

  for (const file of STD_UNITS) {
    const module = moduleName(file);
    const unit = program.loadStd(file);
    if (unit === null) throw new Error(`${file} is not there`);
    const { text } = unit.source;
    // the prelude is parsed function by function, as programs ask for them
    const ids = unit.decls.length > 0 ? [] : parse({ name: file, text, id: 0 }).unit.decls.map((_, at) => at);
    const lazy = ids.map((at) => program.declById(unit.source.id, at)).filter((decl) => decl?.kind === "FuncDecl");
    for (const decl of [...unit.decls, ...lazy as FuncDecl[]]) {
      homes.set(decl, module);
      if (decl.kind === "FuncDecl" && decl.pub) add(module, decl, null, new Map());
      if (decl.kind === "StructDecl" || decl.kind === "EnumDecl") {
        for (const method of decl.methods) {
          if (method.pub) add(module, method, { name: decl.name, path: decl.name }, boundNames(decl.typeParams));
        }
      }
      if (decl.kind === "TraitDecl" && decl.pub) {
        const bounds = boundNames(decl.typeParams).set(program.selfOf(decl), [decl.name]);
        for (const method of decl.methods) {
          if (method.body !== null) add(module, method, { name: decl.name, path: decl.name }, bounds);
        }
      }
      if (decl.kind === "ImplDecl" && decl.trait === null) {
        const owner = ownerOf(decl, text);
        for (const method of decl.methods) if (method.pub) add(module, method, owner, boundNames(decl.typeParams));
      }
    }
  }
  const modules = STD_UNITS.map((file) => moduleName(file)).filter((module) => !isCore(module));
  return { program, callees, modules, makers: new Map(), moduleOf: (decl) => {
    const module = homes.get(decl) ?? null;
    return module === null || isCore(module) ? null : module;
  } };
}

/** Whose methods an `impl` holds: as the reference says it, and as a call of a function in it does. */
function ownerOf(impl: ImplDecl, text: string): { name: string; path: string } {
  const { target } = impl;
  const name = text.slice(target.span.start, target.span.end);
  if (target.kind === "NamedType") return { name, path: target.path.at(-1)! };
  return { name, path: target.kind === "SliceType" ? "Array" : name };
}
