// The options of a campaign's command: `--name VALUE`, anywhere in the command line. A wrong one ends it with status 2,
// so that no campaign runs for nothing and passes.

/** The word behind `--name`, or what counts without it. */
export function option(name: string, otherwise: string): string {
  const at = process.argv.indexOf(`--${name}`);
  if (at < 0) return otherwise;
  return process.argv[at + 1] ?? wrong(`--${name} takes a value`);
}

/** As `option`, a number of at least 0. */
export function count(name: string, otherwise: number): number {
  const value = Number(option(name, String(otherwise)));
  return Number.isFinite(value) && value >= 0 ? value : wrong(`--${name} takes a number`);
}

function wrong(message: string): never {
  console.error(message);
  process.exit(2);
}
