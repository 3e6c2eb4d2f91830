function fannkuch(n) {
  const order = Array.from({ length: n }, (_, i) => i);
  const stack = new Array(n).fill(0);
  const count = new Array(n).fill(0);
  let checksum = 0;
  let mostFlips = 0;
  let r = n;
  let even = true;
  for (;;) {
    while (r !== 1) {
      count[r - 1] = r;
      r -= 1;
    }
    for (let i = 0; i < n; i++) stack[i] = order[i];
    let flips = 0;
    let top = stack[0];
    while (top !== 0) {
      let low = 0;
      let high = top;
      while (low < high) {
        const swapped = stack[low];
        stack[low] = stack[high];
        stack[high] = swapped;
        low += 1;
        high -= 1;
      }
      flips += 1;
      top = stack[0];
    }
    if (flips > mostFlips) mostFlips = flips;
    if (even) checksum += flips;
    else checksum -= flips;
    even = !even;
    // the next permutation
    for (;;) {
      if (r === n) return [checksum, mostFlips];
      const first = order[0];
      for (let i = 0; i < r; i++) order[i] = order[i + 1];
      order[r] = first;
      count[r] -= 1;
      if (count[r] > 0) break;
      r += 1;
    }
  }
}

const [checksum, flips] = fannkuch(9);
console.log(`checksum ${checksum}, most flips ${flips}`);
