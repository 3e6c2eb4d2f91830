// Classes of structs, tuples and variants. Promises: every value of one declaration has one hidden class, its fields
// f0, f1, … set in the constructor in order; the class carries its layout; a variant without payload is one shared
// frozen object. A declaration has one class, whatever its type arguments: values know only their declaration.
// Each class is made from text of its own, so that the engine profiles each constructor apart.
import type { EnumDecl, StructDecl } from "../syntax/ast.ts";
import { declarations, programCache } from "./declarations.ts";
import type { Layout, Record_ } from "./values.ts";

export interface ClassLayout extends Layout {
  /** `new cls(f0, f1, …)`: the quick way. */
  readonly cls: new (...fields: any[]) => Record_;
  /** its records can be written in place: they carry a mark, for the codec and for snapshots (snapshot.ts). */
  readonly marked: boolean;
  /** the one value of a variant without payload. */
  readonly shared: Record_ | null;
  /** Another record with the same fields. */
  copy(v: Record_): Record_;
  /** Gives one record the fields of another. */
  assign(into: Record_, from: Record_): void;
}

const structs = new WeakMap<StructDecl, ClassLayout>();
const variants = new WeakMap<EnumDecl, (ClassLayout | undefined)[]>();
const tuples: (ClassLayout | undefined)[] = [];
const byKey = programCache<ClassLayout>();

interface Shape {
  name: string;
  fields: string[];
  positional: boolean;
  key: string;
  tag: number;
  /** structs and tuples, which can be written in place. */
  marked: boolean;
}

function makeLayout(shape: Shape): ClassLayout {
  const slots = shape.fields.map((_, i) => `f${i}`);
  const parameters = slots.join(", ");
  const body = [
    ...(shape.tag >= 0 ? [`this.tag = ${shape.tag};`] : []),
    ...slots.map((slot) => `this.${slot} = ${slot};`),
    ...(shape.marked ? ["this.mark = 0;"] : []),
  ].join(" ");
  const text = `/* ${shape.key.replaceAll("*/", "")} */ "use strict";
    class Record { constructor(${parameters}) { ${body} } }
    return {
      cls: Record,
      construct: (a) => new Record(${slots.map((_, i) => `a[${i}]`).join(", ")}),
      copy: (v) => new Record(${slots.map((slot) => `v.${slot}`).join(", ")}),
      assign: (into, from) => { ${slots.map((slot) => `into.${slot} = from.${slot};`).join(" ")} },
    };`;
  const made = new Function(text)() as Pick<ClassLayout, "cls" | "construct" | "copy" | "assign">;
  const isShared = shape.tag >= 0 && slots.length === 0;
  const shared = isShared ? Object.freeze(made.construct([])) : null;
  const layout: ClassLayout = {
    name: shape.name,
    fields: shape.fields,
    positional: shape.positional,
    key: shape.key,
    tag: shape.tag,
    cls: made.cls,
    marked: shape.marked,
    shared,
    construct: shared === null ? made.construct : () => shared,
    copy: shared === null ? made.copy : () => shared,
    assign: made.assign,
  };
  Object.defineProperty(made.cls.prototype, "layout", { value: layout });
  return layout;
}

export function layoutOfStruct(decl: StructDecl): ClassLayout {
  let layout = structs.get(decl);
  if (layout === undefined) {
    layout = makeLayout({
      name: decl.name,
      fields: decl.fields.map((field) => field.name),
      positional: false,
      key: `s${declarations().key(decl)}`,
      tag: -1,
      marked: true,
    });
    structs.set(decl, layout);
  }
  return layout;
}

export function layoutOfTuple(length: number): ClassLayout {
  let layout = tuples[length];
  if (layout === undefined) {
    const fields = Array.from({ length }, (_, i) => String(i));
    layout = makeLayout({ name: "", fields, positional: true, key: `t${length}`, tag: -1, marked: true });
    tuples[length] = layout;
  }
  return layout;
}

export function layoutOfVariant(decl: EnumDecl, index: number): ClassLayout {
  let list = variants.get(decl);
  if (list === undefined) {
    list = new Array(decl.variants.length).fill(undefined) as undefined[];
    variants.set(decl, list);
  }
  let layout = list[index];
  if (layout === undefined) {
    const variant = decl.variants[index];
    if (variant === undefined) throw new Error(`${decl.name} has no variant ${index}`);
    const named = variant.fields !== null && variant.fields.length > 0;
    const fields = named
      ? variant.fields!.map((field) => field.name)
      : (variant.payload ?? []).map((_, i) => String(i));
    layout = makeLayout({
      name: variant.name,
      fields,
      positional: !named,
      key: `v${declarations().key(decl)}:${index}`,
      tag: index,
      marked: false,
    });
    list[index] = layout;
  }
  return layout;
}

/** The layout of a key, in whichever VM it was written: `t2`, `su0.3`, `vu0.4:1`. */
export function layoutByKey(key: string): ClassLayout {
  const known = byKey.get(key);
  if (known !== undefined) return known;
  const found = findLayout(key);
  byKey.set(key, found);
  return found;
}

function findLayout(key: string): ClassLayout {
  const kind = key[0];
  if (kind === "t") return layoutOfTuple(Number(key.slice(1)));
  const colon = key.indexOf(":");
  const decl = declarations().byKey(kind === "v" ? key.slice(1, colon) : key.slice(1));
  if (kind === "s" && decl?.kind === "StructDecl") return layoutOfStruct(decl);
  if (kind === "v" && decl?.kind === "EnumDecl") return layoutOfVariant(decl, Number(key.slice(colon + 1)));
  throw new Error(`no declaration has the layout key ${key}`);
}
