// The ways in which values of a type are built. Promises: the list is whole and in the order of the declaration, or
// there is none, because there are too many: of numbers (segments.ts), texts, and slices (lengths.ts).
import type { ErrorSet, Type } from "../syntax/ast.ts";
import type { Constructor } from "./pats.ts";
import type { Checker } from "./scope.ts";
import { argsOf, fieldsOf, payloadOf } from "./shapes.ts";
import { ERROR_ANY, errorValueType, isEmptyErrors, prune, substitute, typeKey, UNKNOWN } from "./types.ts";

const parenthesised = (name: string) => (parts: string[]) => parts.length === 0 ? name : `${name}(${parts.join(", ")})`;

/** Of a type: all of them, and each by its key. */
interface Signature {
  all: Constructor[];
  byKey: ReadonlyMap<string, Constructor>;
}

const signatures = new WeakMap<Type, Signature | null>();

function signatureOf(c: Checker, type: Type): Signature | null {
  const t = prune(type);
  let found = signatures.get(t);
  if (found === undefined) {
    const all = listConstructors(c, t);
    found = all === null ? null : { all, byKey: new Map(all.map((one) => [one.key, one])) };
    // what a variable stands for may be found out later
    if (t.k !== "var") signatures.set(t, found);
  }
  return found;
}

/** Every constructor of a type; null when there are too many to list. */
export function constructors(c: Checker, type: Type): Constructor[] | null {
  return signatureOf(c, type)?.all ?? null;
}

/** The constructor of that key; a literal of a type with too many of them is one of its own. */
export function constructor(c: Checker, type: Type, key: string): Constructor {
  return signatureOf(c, type)?.byKey.get(key) ?? { key, types: [], show: () => key };
}

function listConstructors(c: Checker, t: Type): Constructor[] | null {
  switch (t.k) {
    case "bool": return ["true", "false"].map((key) => ({ key, types: [], show: () => key }));
    case "optional":
      return [{ key: "null", types: [], show: () => "null" }, { key: "some", types: [t.of], show: (p) => p[0]! }];
    case "enum": case "error": {
      const s = argsOf(t);
      return t.decl.variants.map((variant): Constructor => {
        const payload = payloadOf(c.w, t.decl, variant);
        if (payload.kind === "fields") {
          const { fields } = payload;
          return {
            key: variant.name, types: fields.map((f) => substitute(f.type, s)),
            show: (p) => {
              const parts = fields.map((f, i) => p[i] === "_" ? f.name : `${f.name}: ${p[i]}`);
              return `.${variant.name} { ${parts.join(", ")} }`;
            },
          };
        }
        const types = payload.kind === "tuple" ? payload.types.map((p) => substitute(p, s)) : [];
        return { key: variant.name, types, show: parenthesised(`.${variant.name}`) };
      });
    }
    case "result":
      return [
        { key: "Ok", types: [t.ok], show: parenthesised(".Ok") },
        { key: "Err", types: [errorColumn(t)], show: (p) => `.Err(${p[0]!.replace(/^\./, "")})` },
      ];
    // patterns look at what a reference refers to
    case "pointer": return prune(t.to).k === "struct" ? constructors(c, t.to) : null;
    case "tuple": return [{ key: "tuple", types: t.elems, show: (p) => `(${p.join(", ")})` }];
    case "struct": {
      const s = argsOf(t);
      const fields = fieldsOf(c.w, t.decl);
      return [{
        key: "struct", types: fields.map((f) => substitute(f.type, s)),
        show: (p) => p.every((x) => x === "_") ? "_" : `{ ${fields.map((f, i) => `${f.name}: ${p[i]}`).join(", ")} }`,
      }];
    }
    case "error-any": {
      const errors = errorColumns.get(t);
      if (errors === undefined) return null;
      const isShared = (name: string): boolean =>
        errors.sets.filter((set) => set.variants.some((v) => v.name === name)).length > 1;
      return [
        ...errors.sets.flatMap((decl) => constructors(c, { k: "error", decl })!.map((made): Constructor => ({
          ...made, key: `${typeKey({ k: "error", decl })}.${made.key}`,
          show: (p) => isShared(made.key) ? `${decl.name}${made.show(p)}` : made.show(p),
        }))),
        ...errors.open.map((name): Constructor => ({ key: name, types: [], show: () => `.${name}` })),
      ];
    }
    default: return null;
  }
}

/** The errors behind one that is of no single set, by the type that stands for it in a column. */
const errorColumns = new WeakMap<Type, ErrorSet>();

function errorColumn(t: Extract<Type, { k: "result" }>): Type {
  if (t.error.unknown === true) return UNKNOWN;
  return areListed(t.error) ? anyOf(t.error) : errorValueType(t.error);
}

/** Whether an error of them is of no single set, and of none that is not named. */
export function areListed(errors: ErrorSet): boolean {
  return errorValueType(errors) === ERROR_ANY && !errors.any && errors.unknown !== true
    && errors.pending === undefined && !isEmptyErrors(errors);
}

/** The type of any error, for a place to which only these come: as a column of a match, it has their constructors. */
export function anyOf(errors: ErrorSet): Type {
  const column: Type = { k: "error-any" };
  errorColumns.set(column, errors);
  return column;
}
