// What a set of mutants says: rules turned round, one at a time, each of which some test must notice.

export interface Mutant {
  name: string;
  /** Path from the root of the repository. */
  file: string;
  /** Stands exactly once in the file. */
  find: string;
  replace: string;
  /** Tests that are enough to notice it: parts of the runner, each with a filter. */
  tests: [part: "unit" | "programs", filter: string][];
}
