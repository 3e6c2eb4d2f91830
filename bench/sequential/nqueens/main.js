function place(row, n, columns, rising, falling) {
  if (row === n) return 1;
  let ways = 0;
  for (let column = 0; column < n; column++) {
    if (columns[column] || rising[row + column] || falling[row - column + n - 1]) continue;
    columns[column] = true;
    rising[row + column] = true;
    falling[row - column + n - 1] = true;
    ways += place(row + 1, n, columns, rising, falling);
    columns[column] = false;
    rising[row + column] = false;
    falling[row - column + n - 1] = false;
  }
  return ways;
}

for (let n = 4; n <= 12; n++) {
  const flags = (count) => new Array(count).fill(false);
  const ways = place(0, n, flags(n), flags(2 * n - 1), flags(2 * n - 1));
  console.log(`${n} queens: ${ways} ways`);
}
