// Renders the headline table as text: each figure with its spread, the target, and a bar that is full at the target.

import { HEADLINES } from "./headline.ts";
import type { Measured } from "./statistics.ts";

export interface Row {
  what: string;
  level: "core" | "Janus";
  published: string;
  unit: string;
  target: number;
  measured: Measured;
}

export interface Headlines {
  rows: Row[];
  /** The core's measurements that belong to no row. */
  others: Measured[];
  /** What has a target and no measurement. */
  missing: string[];
}

/** Puts every measurement beside its target. */
export function headlineRows(core: Measured[], janus: Measured[]): Headlines {
  const rows: Row[] = [];
  const missing: string[] = [];
  const used = new Set<Measured>();
  for (const { what, published, unit, core: inCore, janus: inJanus } of HEADLINES) {
    const found = inCore?.names.map((name) => core.find((one) => one.name === name)).find((one) => one !== undefined);
    if (inCore !== undefined && found !== undefined) {
      used.add(found);
      rows.push({ what, level: "core", published, unit, target: inCore.target, measured: found });
    } else if (inCore !== undefined) missing.push(`${what} (core)`);
    const printed = janus.find((one) => one.name === inJanus?.name);
    if (inJanus !== undefined && printed !== undefined) {
      rows.push({ what, level: "Janus", published, unit, target: inJanus.target, measured: printed });
    } else if (inJanus !== undefined) missing.push(`${what} (Janus)`);
  }
  return { rows, others: core.filter((one) => !used.has(one)), missing };
}

const BAR_CELLS = 12;
const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** A bar of twelve cells that is full at the target; an arrow says that it goes on. */
export function bar(value: number, target: number): string {
  const eighths = Math.round((8 * BAR_CELLS * value) / target);
  if (eighths > 8 * BAR_CELLS) return `${"█".repeat(BAR_CELLS)}▶`;
  return `${"█".repeat(eighths >> 3)}${EIGHTHS[eighths & 7] ?? ""}`.padEnd(BAR_CELLS + 1);
}

export function figure(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** Columns as wide as their widest cell; those in `right` flush right. */
export function table(head: string[], body: string[][], right: number[]): string {
  const widths = head.map((cell, column) => Math.max(cell.length, ...body.map((row) => (row[column] ?? "").length)));
  const line = (row: string[]) =>
    row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return right.includes(column) ? cell.padStart(width) : cell.padEnd(width);
    }).join("  ").trimEnd();
  return [line(head), widths.map((width) => "─".repeat(width)).join("  "), ...body.map(line)].join("\n");
}

export function renderHeadline(rows: Row[]): string {
  const head = ["", "level", "median", "min", "max", "runs", "unit", "target", "", "", "published"];
  const body = rows.map(({ what, level, published, unit, target, measured }) => [
    what,
    level,
    figure(measured.median),
    figure(measured.min),
    figure(measured.max),
    String(measured.runs),
    unit,
    `≤ ${target}`,
    measured.median <= target ? "met" : "not met",
    bar(measured.median, target),
    published,
  ]);
  return table(head, body, [2, 3, 4, 5, 7]);
}

export function renderPlain(measured: Measured[], unit: string): string {
  const body = measured.map(({ name, median, min, max, runs }) => [
    name,
    figure(median),
    figure(min),
    figure(max),
    String(runs),
    unit,
  ]);
  return table(["", "median", "min", "max", "runs", "unit"], body, [1, 2, 3, 4]);
}
