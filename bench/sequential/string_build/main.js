const ROUNDS = 20000;
const ITEMS = 100;
const LETTERS = "abcdefghijklmnopqrstuvwxyz";

function line(round) {
  const parts = [];
  for (let i = 0; i < ITEMS; i++) parts.push(`${i}:${round * i}`);
  return parts.join(",");
}

function word(start) {
  let text = "";
  let at = start % LETTERS.length;
  while (text.length < ITEMS) {
    text += LETTERS[at];
    at = (at + 7) % LETTERS.length;
  }
  return text;
}

function main() {
  let bytes = 0;
  let commas = 0;
  let sum = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const joined = line(round);
    bytes += joined.length;
    commas += joined.split(",").length - 1;
    const spelled = word(round);
    for (let i = 0; i < spelled.length; i++) sum += spelled.charCodeAt(i);
  }
  console.log(`${bytes} bytes, ${commas} commas, sum ${sum}`);
  console.log(line(3).slice(0, 40));
  console.log(word(2));
}

main();
