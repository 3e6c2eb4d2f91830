const SIZE = 240;

function matrix(n, seed) {
  const step = seed / (n * n);
  const rows = [];
  for (let i = 0; i < n; i++) {
    const row = [];
    for (let j = 0; j < n; j++) row.push(step * ((i - j) * (i + j)));
    rows.push(row);
  }
  return rows;
}

function product(a, b) {
  const n = a.length;
  const rows = [];
  for (let i = 0; i < n; i++) {
    const left = a[i];
    const row = [];
    for (let j = 0; j < n; j++) {
      let sum = 0.0;
      for (let k = 0; k < n; k++) sum += left[k] * b[k][j];
      row.push(sum);
    }
    rows.push(row);
  }
  return rows;
}

const c = product(matrix(SIZE, 1.0), matrix(SIZE, 2.0));
let trace = 0.0;
for (let i = 0; i < SIZE; i++) trace += c[i][i];
console.log(`${c[SIZE >> 1][SIZE >> 1].toFixed(6)} ${trace.toFixed(6)}`);
