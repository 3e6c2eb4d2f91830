// `janus bench --sequential`: the programs of bench/sequential, each written in Janus and, by the same algorithm and in
// the manner of the place, in the languages that Janus is measured against. Every run is a whole process by the wall
// clock, start included; the languages take turns within a round, so that noise hits all of them. What a program
// prints must be what its `expected.txt` holds: one wrong output ends the bench. Leans on Bun.spawn, and on what it
// finds on PATH.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Measured, summarize } from "./statistics.ts";
import { figure, table } from "./table.ts";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const PROGRAMS = join(ROOT, "bench/sequential");

/** Least number of rounds: a median of fewer says nothing. */
export const ROUNDS_MIN = 5;
/** No program of the set takes a tenth of this. */
const TIMEOUT_MS = 120_000;
/** What is said of memory is said of this one: calls and nothing else, so whatever it holds is the interpreter's. */
const MEMORY_PROGRAM = "fib";

export interface Language {
  name: string;
  /** How `--vs` calls it. */
  option: string;
  file: string;
  command: string[];
  version: string;
}

interface Peer {
  option: string;
  name: string;
  file: string;
  /** Names on PATH, the first found is taken. */
  binaries: string[];
  version(binary: string): { command: string; version: string };
  install: string;
}

const firstLine = (command: string[]): string => {
  const { stdout, stderr } = Bun.spawnSync(command);
  return (stdout.toString() || stderr.toString()).split("\n")[0]?.trim() ?? "";
};

/** Asks the interpreter itself where it is: what stands on PATH may be a script. */
const PYTHON_QUESTION = "import platform, sys; print(sys.executable); print(platform.python_version())";

export const PEERS: Peer[] = [
  {
    option: "python",
    name: "CPython",
    file: "main.py",
    binaries: ["python3"],
    version(binary) {
      const [command = binary, version = "?"] =
        Bun.spawnSync([binary, "-c", PYTHON_QUESTION]).stdout.toString().trim().split("\n");
      return { command, version };
    },
    install: "apt-get install python3",
  },
  {
    option: "lua",
    name: "Lua",
    file: "main.lua",
    binaries: ["lua5.4", "lua"],
    version: (binary) => ({ command: binary, version: firstLine([binary, "-v"]).replace(/^Lua (\S+).*/, "$1") }),
    install: "apt-get install lua5.4",
  },
  {
    option: "qjs",
    name: "QuickJS",
    file: "main.js",
    binaries: ["qjs"],
    version(binary) {
      const said = firstLine([binary, "--help"]);
      return { command: binary, version: said.replace(/^QuickJS(-ng)? version (\S+).*/, "$2$1") };
    },
    install: "apt-get install quickjs, or build qjs from quickjs-ng",
  },
];

/** The languages asked for that are there, and a line for each that is not. */
export function findPeers(wanted: string[]): { found: Language[]; skipped: string[] } {
  const found: Language[] = [];
  const skipped: string[] = [];
  for (const peer of PEERS.filter(({ option }) => wanted.includes(option))) {
    const onPath = { PATH: process.env["PATH"] ?? "" };
    const binary = peer.binaries.map((name) => Bun.which(name, onPath)).find((path) => path !== null);
    if (binary === undefined || binary === null) {
      skipped.push(`${peer.name} is skipped: no ${peer.binaries.join(" or ")} on PATH (${peer.install})`);
      continue;
    }
    const { command, version } = peer.version(binary);
    found.push({ name: peer.name, option: peer.option, file: peer.file, command: [command], version });
  }
  return { found, skipped };
}

interface Run {
  wallMs: number;
  peakBytes: number;
}

async function runOnce(language: Language, program: string, expected: string): Promise<Run> {
  const file = join(PROGRAMS, program, language.file);
  const from = performance.now();
  const child = Bun.spawn([...language.command, file], {
    stdin: "ignore", stdout: "pipe", stderr: "pipe", timeout: TIMEOUT_MS,
  });
  const [output, errors, status] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  const wallMs = performance.now() - from;
  if (status !== 0) throw new Error(`${program} in ${language.name} ended with ${status}\n${errors}`);
  if (output !== expected) throw new Error(`${program} in ${language.name} printed\n${output}instead of\n${expected}`);
  return { wallMs, peakBytes: child.resourceUsage()?.maxRSS ?? 0 };
}

export interface ProgramFigures {
  program: string;
  /** Milliseconds, by the language's option; `janus` for Janus. */
  times: Record<string, Measured>;
  /** Janus / other, of the medians. */
  ratios: Record<string, number>;
}

export interface SequentialFigures {
  programs: ProgramFigures[];
  geometricMeans: Record<string, number>;
  fibPeakMegabytes: Measured;
}

export function geometricMean(ratios: number[]): number {
  return Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
}

/** Ratios and their means, from the samples of every program in every language. */
export function compare(samples: Map<string, Map<string, number[]>>): Omit<SequentialFigures, "fibPeakMegabytes"> {
  const programs = [...samples].map(([program, byLanguage]): ProgramFigures => {
    const times = Object.fromEntries([...byLanguage].map(([language, all]) => [language, summarize(program, all)]));
    const own = times["janus"]?.median ?? NaN;
    const others = Object.entries(times).filter(([language]) => language !== "janus");
    return { program, times, ratios: Object.fromEntries(others.map(([name, time]) => [name, own / time.median])) };
  });
  const others = Object.keys(programs[0]?.ratios ?? {});
  const means = others.map((name) => [name, geometricMean(programs.map(({ ratios }) => ratios[name] ?? NaN))]);
  return { programs, geometricMeans: Object.fromEntries(means) };
}

/** What is promised of the geometric means, and of the peak memory of `fib`. */
const TARGETS: Record<string, number> = { python: 0.45, lua: 0.9, qjs: 0.7 };
const FIB_PEAK_TARGET_MB = 60;

const spread = ({ median, min, max }: Measured): string => `${figure(median)} [${figure(min)}–${figure(max)}]`;

export function renderSequential(figures: SequentialFigures, peers: Language[]): string {
  const others = peers.map(({ name }) => name);
  const head = ["ms, whole process", "Janus", ...others, ...others.map((name) => `/ ${name}`)];
  const body = figures.programs.map(({ program, times, ratios }) => [
    program,
    ...["janus", ...peers.map(({ option }) => option)].map((name) => (times[name] ? spread(times[name]) : "")),
    ...peers.map(({ option }) => (ratios[option] ?? NaN).toFixed(2)),
  ]);
  const blank = ["", ...peers.map(() => "")];
  const means = peers.map(({ option }) => (figures.geometricMeans[option] ?? NaN).toFixed(2));
  body.push(["geometric mean", ...blank, ...means]);
  body.push(["target", ...blank, ...peers.map(({ option }) => `≤ ${TARGETS[option]}`)]);
  const right = head.map((_, column) => column).slice(1);
  const slower = figures.programs.filter(({ ratios }) => (ratios["python"] ?? 0) > 1).map(({ program }) => program);
  const lines = [table(head, body, right), ""];
  if (peers.some(({ option }) => option === "python")) {
    const which = slower.length === 0 ? "No program is slower than in CPython" : "Slower than in CPython: ";
    lines.push(`${which}${slower.join(", ")}.`);
  }
  const { fibPeakMegabytes: peak } = figures;
  lines.push(`Peak resident memory of ${MEMORY_PROGRAM}: ${spread(peak)} MB (target: ≤ ${FIB_PEAK_TARGET_MB}).`);
  return lines.join("\n");
}

export interface SequentialOptions {
  version: string;
  /** `janus run` with its options. */
  janus: string[];
  rounds: number;
  /** Options of PEERS. */
  vs: string[];
  progress(text: string): void;
  print(text: string): void;
}

export async function runSequential(options: SequentialOptions) {
  const { progress, print, rounds } = options;
  const { found: peers, skipped } = findPeers(options.vs);
  for (const line of skipped) print(line);
  const janus: Language = {
    name: "Janus", option: "janus", file: "main.jan", command: options.janus, version: options.version,
  };
  const languages = [janus, ...peers];
  print(languages.map(({ name, version }) => `${name} ${version}`).join(", "));
  const programs = readdirSync(PROGRAMS).sort();
  const none = () => new Map(languages.map(({ option }) => [option, [] as number[]]));
  const samples = new Map(programs.map((name) => [name, none()]));
  const peaks: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    for (const program of programs) {
      progress(`${program}, round ${round} of ${rounds}`);
      const expected = readFileSync(join(PROGRAMS, program, "expected.txt"), "utf8");
      for (const language of languages) {
        const { wallMs, peakBytes } = await runOnce(language, program, expected);
        samples.get(program)!.get(language.option)!.push(wallMs);
        if (language === janus && program === MEMORY_PROGRAM) peaks.push(peakBytes / 1e6);
      }
    }
  }
  progress("");
  const figures: SequentialFigures = { ...compare(samples), fibPeakMegabytes: summarize("fib_peak_mb", peaks) };
  print(`\n${renderSequential(figures, peers)}`);
  const versions = Object.fromEntries(languages.map(({ option, version }) => [option, version]));
  return { versions, skipped, rounds, ...figures };
}
