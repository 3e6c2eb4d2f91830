const LINES = 100000;
const WORDS_A_LINE = 20;
const STEMS = ["al", "be", "cor", "du", "en", "fa", "gor", "hi", "in", "jo", "ka", "lim", "mo", "nor", "op", "pa"];

function textLines() {
  const lines = [];
  let seed = 7;
  for (let i = 0; i < LINES; i++) {
    const words = [];
    for (let k = 0; k < WORDS_A_LINE; k++) {
      seed = (seed * 1664525 + 1013904223) % 4294967296;
      const first = Math.floor((Math.floor(seed / 65536) % 16) * (Math.floor(seed / 1048576) % 16) / 16);
      const second = Math.floor(seed / 16777216) % 16;
      words.push(STEMS[first] + STEMS[second]);
    }
    lines.push(words.join(" "));
  }
  return lines;
}

function main() {
  const counts = new Map();
  for (const line of textLines()) {
    for (const word of line.split(" ")) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const found = [...counts].map(([word, times]) => ({ word, times }));
  found.sort((a, b) => (a.times !== b.times ? b.times - a.times : a.word < b.word ? -1 : 1));
  console.log(`${found.length} words`);
  for (const { word, times } of found.slice(0, 10)) console.log(`${word} ${times}`);
}

main();
