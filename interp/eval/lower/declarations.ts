// Declarations by name across VMs: the checked program as eval's operations on values and its codes want to see it.
// A declaration's key is its unit's number and its place in it, the same in every VM; a unit of std that this VM has
// not met is loaded when a key names it.
import type {
  EnumDecl, ErrorDecl, FuncDecl, GlobalDecl, SourceText, StructDecl, TestDecl, Type, TypeParam, Unit,
} from "../../syntax/ast.ts";
import type { Program } from "../../sema/index.ts";
import type { Declarations, FieldType } from "../declarations.ts";

type Keyed = FuncDecl | StructDecl | EnumDecl | ErrorDecl;

const parameters = (params: TypeParam[]): Type[] => params.map((param) => ({ k: "param", param }));

export class ProgramDeclarations implements Declarations {
  /** load: brings the unit with this number into the program. */
  constructor(private readonly program: Program, private readonly load: (unit: number) => void) {}

  fields(decl: StructDecl): readonly FieldType[] {
    return this.program.fieldsOf({ k: "struct", decl, args: parameters(decl.typeParams) });
  }

  payload(owner: EnumDecl | ErrorDecl, variant: number): readonly FieldType[] {
    const type: Type = owner.kind === "ErrorDecl" ? { k: "error", decl: owner }
      : { k: "enum", decl: owner, args: parameters(owner.typeParams) };
    const payload = this.program.payloadOf(type, variant);
    if (payload.kind === "fields") return payload.fields;
    return payload.kind === "tuple" ? payload.types.map((t, i) => ({ name: String(i), type: t })) : [];
  }

  key(decl: Keyed): string {
    const { unit, index } = this.program.idOf(decl);
    return `${unit}.${index}`;
  }

  byKey(key: string): StructDecl | EnumDecl | ErrorDecl | null {
    const decl = this.declaration(key);
    return decl === null || decl.kind === "FuncDecl" ? null : decl;
  }

  stdErrors(unit: string, name: string): ErrorDecl | null {
    return this.program.stdErrors(unit, name);
  }

  declaration(key: string): Keyed | null {
    const [unit, index] = key.split(".").map(Number) as [number, number];
    this.unit(unit);
    const decl = this.program.declById(unit, index);
    return decl?.kind === "TraitDecl" ? null : decl;
  }

  typeByKey(key: string): Type {
    for (const [, unit] of key.matchAll(/\bu(\d+)\./g)) this.unit(Number(unit));
    return this.program.parseTypeKey(key);
  }

  unit(id: number): Unit {
    const known = this.program.units.find((u) => u.source.id === id);
    if (known !== undefined) return known;
    this.load(id);
    const loaded = this.program.units.find((u) => u.source.id === id);
    if (loaded === undefined) throw new Error(`there is no unit ${id}`);
    return loaded;
  }

  sourceOf(decl: Keyed): SourceText {
    return this.unit(this.program.idOf(decl).unit).source;
  }

  /** Where a module-level value or a test stands: its unit, and its place among all declarations of the unit. */
  placeOf(decl: GlobalDecl | TestDecl): { source: SourceText; key: string } {
    for (const unit of this.program.units) {
      const at = unit.decls.indexOf(decl);
      if (at >= 0) return { source: unit.source, key: `${unit.source.id}.${at}` };
    }
    throw new Error(`${decl.name} is in no unit`);
  }

  atPlace(key: string): GlobalDecl | TestDecl {
    const [unit, at] = key.split(".").map(Number) as [number, number];
    return this.unit(unit).decls[at] as GlobalDecl | TestDecl;
  }
}
