const LIMIT = 6000000;

function main() {
  const composite = new Array(LIMIT).fill(false);
  let primes = 0;
  let sum = 0;
  for (let n = 2; n < LIMIT; n++) {
    if (composite[n]) continue;
    primes += 1;
    sum += n;
    let multiple = n * n;
    while (multiple < LIMIT) {
      composite[multiple] = true;
      multiple += n;
    }
  }
  console.log(`${primes} primes, their sum is ${sum}`);
}

main();
