// For tests of operations on values: types by name, and a program that consists of the declarations given.
import type { EnumDecl, ErrorDecl, StructDecl, Type, TypeExpr } from "../syntax/ast.ts";
import {
  BOOL, F32, F64, I16, I32, I64, I8, identify, STRING, U16, U32, U64, U8, VOID,
} from "../sema/types.ts";
import { type Declarations, type FieldType, useDeclarations } from "./declarations.ts";
import type { Rt } from "./faults.ts";
import type { IntType } from "./integers.ts";
import type { ErrorValue } from "./values.ts";

export const INTS = [I8, I16, I32, I64, U8, U16, U32, U64] as IntType[];
export { BOOL, F32, F64, I32, I64, STRING, U8, U64, VOID };

const span = { start: 0, end: 0 };
const named = { doc: null, pub: true, attributes: [], span, nameSpan: span, typeParams: [], methods: [] };
const expression: TypeExpr = { kind: "NamedType", path: ["_"], args: [], span };

type Decl = StructDecl | EnumDecl | ErrorDecl;

/** A small program: declares types, and answers for them what operations on values ask. */
export class TestProgram implements Declarations {
  private readonly decls: Decl[] = [];
  private readonly types = new Map<object, FieldType[][]>();

  constructor() {
    useDeclarations(this);
  }

  typeByKey(key: string): Type {
    throw new Error(`no type is read back here: ${key}`);
  }

  private add<D extends Decl>(decl: D, parts: FieldType[][]): D {
    identify(decl, 0, this.decls.length);
    this.decls.push(decl);
    this.types.set(decl, parts);
    return decl;
  }

  /** fields may be filled in later, so that a struct can refer to itself. */
  struct(name: string, fields: Record<string, Type>): Extract<Type, { k: "struct" }> {
    const parts: FieldType[] = [];
    const decl = this.add({ ...named, kind: "StructDecl", name, fields: [] }, [parts]);
    this.extend(decl, fields);
    return { k: "struct", decl, args: [] };
  }

  extend(decl: StructDecl, fields: Record<string, Type>): void {
    for (const [field, type] of Object.entries(fields)) {
      decl.fields.push({ name: field, pub: true, type: expression, default: null, doc: null, span });
      this.types.get(decl)![0]!.push({ name: field, type });
    }
  }

  enum(name: string, variants: Record<string, Type[] | Record<string, Type>>): Extract<Type, { k: "enum" }> {
    const parts = Object.values(variants).map((carried) =>
      Object.entries(carried).map(([field, type]) => ({ name: field, type: type as Type })));
    const decl: EnumDecl = {
      ...named, kind: "EnumDecl", name,
      variants: Object.entries(variants).map(([variant, carried]) => ({
        name: variant, doc: null, span, value: null,
        payload: Array.isArray(carried) && carried.length > 0 ? carried.map(() => expression) : null,
        fields: Array.isArray(carried) ? null
          : Object.keys(carried).map((field) =>
            ({ name: field, pub: true, type: expression, default: null, doc: null, span })),
      })),
    };
    return { k: "enum", decl: this.add(decl, parts), args: [] };
  }

  error(name: string, variants: Record<string, Type[]>): Extract<Type, { k: "error" }> {
    const decl: ErrorDecl = {
      ...named, kind: "ErrorDecl", name,
      variants: Object.entries(variants).map(([variant, carried]) => ({
        name: variant, doc: null, span, value: null, fields: null,
        payload: carried.length > 0 ? carried.map(() => expression) : null,
      })),
    };
    const parts = Object.values(variants).map((carried) => carried.map((type, i) => ({ name: String(i), type })));
    return { k: "error", decl: this.add(decl, parts) };
  }

  builtin(name: string, ...args: Type[]): Extract<Type, { k: "builtin" }> {
    const decl = this.add<StructDecl>({ ...named, kind: "StructDecl", name, fields: [] }, [[]]);
    return { k: "builtin", decl, args };
  }

  fields(decl: StructDecl): FieldType[] {
    return this.types.get(decl)![0]!;
  }

  payload(owner: EnumDecl | ErrorDecl, variant: number): FieldType[] {
    return this.types.get(owner)![variant]!;
  }

  key(decl: Decl): string {
    return `0.${this.decls.indexOf(decl)}`;
  }

  stdErrors(): null {
    return null;
  }

  byKey(key: string): Decl | null {
    return this.decls[Number(key.split(".")[1])] ?? null;
  }
}

/** A runtime that remembers what it was told. */
export class TestRt implements Rt {
  panics: string[] = [];
  failures: ErrorValue[] = [];
  output = "";
  errors = "";

  panic = (code: string, message: string): undefined => {
    this.panics.push(`${code} ${message}`);
    return undefined;
  };

  fail = (error: ErrorValue): undefined => {
    this.failures.push(error);
    return undefined;
  };

  write = (fd: 1 | 2, bytes: string): void => {
    if (fd === 1) this.output += bytes;
    else this.errors += bytes;
  };
}
