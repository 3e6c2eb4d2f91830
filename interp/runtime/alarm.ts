// The clock of `janus test --timeout`: a thread of its own, because the one that runs the tests may wait in the core or
// compute. It is sent how long the next test may take, or 0 when that has ended, and wakes the process by SIGQUIT,
// which comes to the test's runtime as an event wherever that is.

declare const self: Worker;

let timer: ReturnType<typeof setTimeout> | undefined;

self.onmessage = ({ data }: MessageEvent<number>): void => {
  clearTimeout(timer);
  if (data > 0) timer = setTimeout(() => process.kill(process.pid, "SIGQUIT"), data);
};
