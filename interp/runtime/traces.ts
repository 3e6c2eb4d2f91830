// Places and stacks as people read them: a place number becomes file:line:column and the function it lies in.
import { placeOf as unpack } from "../eval/lower/builder.ts";
import type { Resume } from "../eval/machine.ts";
import { showPlace } from "../syntax/source.ts";
import type { Decl, SourceText } from "../syntax/ast.ts";

export interface Units {
  source(id: number): SourceText | null;
  /** Top-level declarations of a unit, when this VM has parsed it. */
  decls(id: number): readonly Decl[];
}

/** `main (deep.jan:12:5)`; null for the place 0, which means none. */
export function showSite(units: Units, site: number): string | null {
  if (site === 0) return null;
  const { unit, offset } = unpack(site);
  const source = units.source(unit);
  if (source === null) return null;
  const name = functionAt(units.decls(unit), offset);
  const place = showPlace(source, offset);
  return name === null ? place : `${name} (${place})`;
}

/** `deep.jan:12:5`; null for the place 0, which means none. */
export function showPlaceOf(units: Units, site: number): string | null {
  if (site === 0) return null;
  const { unit, offset } = unpack(site);
  const source = units.source(unit);
  return source === null ? null : showPlace(source, offset);
}

function functionAt(decls: readonly Decl[], offset: number): string | null {
  const inside = (d: { span: { start: number; end: number } }) => d.span.start <= offset && offset < d.span.end;
  for (const d of decls) {
    if (!inside(d)) continue;
    if (d.kind === "FuncDecl") return d.name;
    if (d.kind === "TestDecl") return `test "${d.name}"`;
    if ("methods" in d) return d.methods.find(inside)?.name ?? null;
  }
  return null;
}

/** The lines of a stack or return trace, innermost first; long runs of one line are folded. */
export function traceLines(units: Units, sites: readonly number[]): string[] {
  const lines: string[] = [];
  let repeated = 0;
  let last = "";
  const flush = () => {
    if (repeated > 0) lines.push(`  … ${repeated} more of the same`);
    repeated = 0;
  };
  for (const site of sites) {
    const line = showSite(units, site);
    if (line === null) continue;
    if (line === last) {
      repeated++;
      continue;
    }
    flush();
    last = line;
    lines.push(`  at ${line}`);
    if (lines.length >= MAX_LINES) {
      lines.push("  …");
      return lines;
    }
  }
  flush();
  return lines;
}

const MAX_LINES = 60;

/** The places of a continuation, innermost first. */
export function continuationSites(cont: readonly any[]): number[] {
  const sites: number[] = [];
  for (let i = cont.length - 3; i >= 0; i -= 3) {
    const site = (cont[i] as Resume).site ?? 0;
    if (site !== 0) sites.push(site);
  }
  return sites;
}

