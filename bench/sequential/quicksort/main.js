const COUNT = 500000;
const MULTIPLIER = 1103515245;
const MODULUS = 2147483648;

function scrambled(count) {
  const numbers = [];
  let seed = 42;
  for (let i = 0; i < count; i++) {
    // a number holds 53 bits and the product needs 61: the low 31 bits, which are all that counts, come from imul
    seed = (Math.imul(seed, MULTIPLIER) + 12345) & (MODULUS - 1);
    numbers.push(seed);
  }
  return numbers;
}

function quicksort(xs, low, high) {
  if (low >= high) return;
  const pivot = xs[(low + high) >> 1];
  let i = low;
  let j = high;
  while (i <= j) {
    while (xs[i] < pivot) i += 1;
    while (xs[j] > pivot) j -= 1;
    if (i <= j) {
      const swapped = xs[i];
      xs[i] = xs[j];
      xs[j] = swapped;
      i += 1;
      j -= 1;
    }
  }
  quicksort(xs, low, j);
  quicksort(xs, i, high);
}

const numbers = scrambled(COUNT);
quicksort(numbers, 0, COUNT - 1);
for (let i = 1; i < COUNT; i++) if (numbers[i - 1] > numbers[i]) throw new Error("not in order");
console.log(`${numbers[0]} ${numbers[COUNT >> 1]} ${numbers[COUNT - 1]}`);
