const WIDTH = 480;
const HEIGHT = 360;
const MOST_ROUNDS = 100;

function escapeRounds(cr, ci) {
  let zr = 0.0;
  let zi = 0.0;
  let rounds = 0;
  while (rounds < MOST_ROUNDS && zr * zr + zi * zi <= 4.0) {
    const next = zr * zr - zi * zi + cr;
    zi = 2.0 * zr * zi + ci;
    zr = next;
    rounds += 1;
  }
  return rounds;
}

function main() {
  let inside = 0;
  let total = 0;
  for (let y = 0; y < HEIGHT; y++) {
    const ci = 2.0 * y / HEIGHT - 1.0;
    for (let x = 0; x < WIDTH; x++) {
      const cr = 3.0 * x / WIDTH - 2.0;
      const rounds = escapeRounds(cr, ci);
      total += rounds;
      if (rounds === MOST_ROUNDS) inside += 1;
    }
  }
  console.log(`${inside} points inside, ${total} rounds`);
}

main();
