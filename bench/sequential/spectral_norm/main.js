function element(i, j) {
  return 1.0 / ((((i + j) * (i + j + 1)) >> 1) + i + 1);
}

function times(v) {
  const out = [];
  for (let i = 0; i < v.length; i++) {
    let sum = 0.0;
    for (let j = 0; j < v.length; j++) sum += element(i, j) * v[j];
    out.push(sum);
  }
  return out;
}

function timesTransposed(v) {
  const out = [];
  for (let i = 0; i < v.length; i++) {
    let sum = 0.0;
    for (let j = 0; j < v.length; j++) sum += element(j, i) * v[j];
    out.push(sum);
  }
  return out;
}

function main() {
  let u = new Array(360).fill(1.0);
  let v = [];
  for (let round = 0; round < 10; round++) {
    v = timesTransposed(times(u));
    u = timesTransposed(times(v));
  }
  let uv = 0.0, vv = 0.0;
  for (let i = 0; i < u.length; i++) {
    uv += u[i] * v[i];
    vv += v[i] * v[i];
  }
  console.log(Math.sqrt(uv / vv).toFixed(9));
}

main();
