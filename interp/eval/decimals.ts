// Floats in decimal digits: as many as are asked for, of the exact value, halves to the even digit, as C's printf and
// IEEE 754 round; and decimal texts as f32, rounded once. The host's own toFixed and toExponential are exact, too, but
// take halves up; its Number() rounds to an f64 first.

/** Digits of |x| with `digits` after the point, 0 to 100. x: not negative. */
export function fixed(x: number, digits: number): string {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "nan" : "inf";
  if (x >= 1e21) return BigInt(x).toString() + (digits > 0 ? `.${"0".repeat(digits)}` : "");
  const up = x.toFixed(digits);
  // x·10^digits ends in one half just where x·2^(digits+1) is odd; scaling by a power of two is exact
  return Math.abs(x * 2 ** (digits + 1)) % 2 === 1 ? toEven(up) : up;
}

/** The digits of a half that was rounded up: an odd last digit takes it down again. */
function toEven(digits: string): string {
  const last = digits.charCodeAt(digits.length - 1);
  return (last & 1) === 0 ? digits : digits.slice(0, -1) + String.fromCharCode(last - 1);
}

/** |x| as `d.ddde-7`, with `digits` after the point. x: not negative. */
export function exponential(x: number, digits: number): string {
  if (!Number.isFinite(x)) return fixed(x, 0);
  const up = x.toExponential(digits);
  const [mantissa, power] = up.split("e") as [string, string];
  // the last digit is worth 10^unit; where the rounding gave one digit more, it is even
  const unit = Number(power) - digits;
  const isHalf = isExactly(x, `${BigInt(mantissa.replace(".", "")) * 10n - 5n}e${unit - 1}`);
  return `${isHalf ? toEven(mantissa) : mantissa}e${power.replace("+", "")}`;
}

/** Whether a finite float is exactly the value of `[digits]e[power]`. */
function isExactly(x: number, decimal: string): boolean {
  return compare(x, decimal) === 0;
}

/** A finite float as m·2^e. */
function parts(x: number): { m: bigint; e: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const all = view.getBigUint64(0);
  const exponent = Number((all >> 52n) & 0x7ffn);
  const fraction = all & 0xfffffffffffffn;
  const m = exponent === 0 ? fraction : fraction | 0x10000000000000n;
  return { m: x < 0 ? -m : m, e: Math.max(exponent, 1) - 1075 };
}

/** Which of a finite float and a decimal text (`1.5e3`) is larger: the sign of their difference. */
function compare(x: number, decimal: string): number {
  const [mantissa, power = "0"] = decimal.toLowerCase().split("e") as [string, string?];
  const [whole, fraction = ""] = mantissa.split(".") as [string, string?];
  const { digits, left } = significant(whole + fraction);
  const ten = Number(power) - fraction.length + left;
  const { m, e } = parts(x);
  const scale = (v: bigint, two: number, tens: number): bigint =>
    (v << BigInt(Math.max(0, two))) * 10n ** BigInt(Math.max(0, tens));
  const exact = scale(m, e, -ten);
  const right = scale(BigInt(digits), -e, ten);
  return exact < right ? -1 : exact > right ? 1 : 0;
}

/** What lies between two f32 values has fewer digits; of more it matters only whether one of them is not 0. */
const EXACT_DIGITS = 400;

/** A whole number's digits, at most one more than EXACT_DIGITS, and how many of it are left out behind them. */
function significant(all: string): { digits: string; left: number } {
  const digits = all.replace(/^0+(?=.)/, "");
  if (digits.length <= EXACT_DIGITS) return { digits, left: 0 };
  const rest = digits.slice(EXACT_DIGITS);
  return { digits: digits.slice(0, EXACT_DIGITS) + (/[1-9]/.test(rest) ? "1" : "0"), left: rest.length - 1 };
}

/** The f32 nearest to a decimal text without a sign, of which `x` is the f64. */
export function nearestFloat32(x: number, decimal: string): number {
  const near = Math.fround(x);
  if (near === x || !Number.isFinite(near)) return near;
  // only where the f64 lies just between two f32 values can its own rounding have led to the wrong one
  const other = neighbour(near, x > near);
  if ((near + other) / 2 !== x) return near;
  const side = compare(x, decimal);
  if (side === 0) return near;
  return side < 0 ? Math.max(near, other) : Math.min(near, other);
}

/** The next f32 above or below. x: finite and not negative. */
function neighbour(x: number, above: boolean): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, x);
  view.setUint32(0, view.getUint32(0) + (above ? 1 : -1));
  return view.getFloat32(0);
}
