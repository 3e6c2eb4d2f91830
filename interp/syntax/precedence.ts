// Binding strengths of the operators, loosest first; the parser and the printer share them.

export const precedence = {
  pipe: 1, orElse: 2, or: 3, and: 4, not: 5, compare: 6, bitOr: 7, bitXor: 8, bitAnd: 9, shift: 10, range: 11, add: 12,
  multiply: 13, power: 14, unary: 15, cast: 16, postfix: 17,
} as const;

/** 0 for what is no infix operator. The operators of other languages stand with those they are taken for. */
export function infixPrecedence(kind: string): number {
  switch (kind) {
    case "|>": return precedence.pipe;
    case "??": case "catch": return precedence.orElse;
    case "or": case "||": return precedence.or;
    case "and": case "&&": return precedence.and;
    case "==": case "!=": case "<": case "<=": case ">": case ">=": case "===": case "!==": return precedence.compare;
    case "|": return precedence.bitOr;
    case "^": return precedence.bitXor;
    case "&": return precedence.bitAnd;
    case "<<": case ">>": return precedence.shift;
    case "..": case "..<": case "..=": return precedence.range;
    case "+": case "-": case "+%": case "-%": case "++": return precedence.add;
    case "*": case "/": case "%": case "*%": return precedence.multiply;
    case "**": return precedence.power;
    default: return 0;
  }
}
