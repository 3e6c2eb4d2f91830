// What is told of a measurement that ran several times: the median, the least and the most.

export interface Measured {
  name: string;
  median: number;
  min: number;
  max: number;
  runs: number;
}

export function summarize(name: string, samples: number[]): Measured {
  if (samples.length === 0) throw new Error(`${name}: nothing was measured`);
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  const median = sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
  return { name, median, min: sorted[0] ?? 0, max: sorted.at(-1) ?? 0, runs: sorted.length };
}
