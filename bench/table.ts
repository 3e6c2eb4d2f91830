// Renders the headline table as text: each figure with its spread, the target, and a bar that is full at the target.

import { HEADLINES, type Target } from "./headline.ts";
import type { Measured } from "./statistics.ts";

export interface Row {
  what: string;
  level: "core" | "Janus";
  published: string;
  unit: string;
  target: number;
  /** More is better. */
  isSpeedUp: boolean;
  measured: Measured;
}

export interface Headlines {
  rows: Row[];
  /** The core's measurements that belong to no row. */
  others: Measured[];
  /** What has a target and no measurement. */
  missing: string[];
}

/** Puts every measurement beside its target: the core's and the Janus program's one under the other. */
export function headlineRows(core: Measured[], janus: Measured[]): Headlines {
  const rows: Row[] = [];
  const missing: string[] = [];
  const used = new Set<Measured>();
  for (const headline of HEADLINES) {
    const { what, published, unit, isSpeedUp = false } = headline;
    const place = (level: Row["level"], all: Measured[], wanted: Target | undefined) => {
      if (wanted === undefined) return;
      const measured = all.find((one) => wanted.names.includes(one.name));
      if (measured === undefined) {
        missing.push(`${what} (${level})`);
        return;
      }
      used.add(measured);
      rows.push({ what, level, published, unit, target: wanted.target, isSpeedUp, measured });
    };
    place("core", core, headline.core);
    place("Janus", janus, headline.janus);
  }
  return { rows, others: core.filter((one) => !used.has(one)), missing };
}

export function isMet({ isSpeedUp, measured, target }: Row): boolean {
  return isSpeedUp ? measured.median >= target : measured.median <= target;
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
  const head = ["", "published", "level", "median", "min", "max", "runs", "", "target", "", ""];
  const body = rows.map((row, index) => {
    const { what, level, published, unit, target, isSpeedUp, measured } = row;
    const isFirst = rows[index - 1]?.what !== what;
    return [
      isFirst ? what : "",
      isFirst ? published : "",
      level,
      figure(measured.median),
      figure(measured.min),
      figure(measured.max),
      String(measured.runs),
      unit,
      `${isSpeedUp ? "≥" : "≤"} ${target}`,
      isMet(row) ? "met" : "not met",
      bar(measured.median, target),
    ];
  });
  return table(head, body, [3, 4, 5, 6, 8]);
}

/** How many targets are met, in a sentence. */
export function verdict(rows: Row[]): string {
  const met = rows.filter(isMet).length;
  return `${met} of ${rows.length} targets are met, by their medians; a bar is full at its target.`;
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
