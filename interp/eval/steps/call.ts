// Calls. Arguments are evaluated by the caller into a pooled frame of the callee; the callee's body is a step. Here the
// fiber's stack is charged, the host's stack is bounded (a call that would nest too deep suspends and goes on from the
// heap), and reductions are counted.
import type { Code, Frame, Resume, Step } from "../code.ts";
import type { Kit, Register } from "./kit.ts";

/** The parts of a call that fused calls (fuse/calls.ts) share with the closures. */
export interface Entering {
  /** Goes on with a call whose stack is charged, when one of the limits is near. */
  charged(code: Code, g: Frame, ret: Resume, rBody: Resume, site: number): any;
  unwound(code: Code, g: Frame, site: number): any;
  /** A frame that holds the arguments so far. */
  partial(code: Code, values: any[]): Frame;
}

export function callSteps({
  S, SUSPEND, RETURN, PANIC, PREEMPTED, DEPTH, DEPTH_LIMIT, Failure, newFrame, releaseFrame, refusedByEngine,
}: Kit) {
  const finish = (code: Code, g: Frame, v: any): any => {
    S.stack += code.cost;
    releaseFrame(code, g);
    return v;
  };

  /** The body gave STOP without suspending: a return ends here, everything else goes on. */
  const unwound = (code: Code, g: Frame, site: number): any => {
    S.stack += code.cost;
    releaseFrame(code, g);
    const kind = S.kind;
    if (kind === RETURN) {
      S.kind = 0;
      return S.value;
    }
    if (kind === PANIC) S.value.trace.push(site);
    return undefined;
  };

  /** One for each call site: the callee's body goes on, and its value is the call's. */
  const returns = (reg: Register, site: number): Resume =>
    reg((g, _s, v) => (v === undefined ? unwound(g[0], g, site) : finish(g[0], g, v)), site);

  /** Runs a prepared frame. */
  const enter = (code: Code, g: Frame, ret: Resume, rBody: Resume, site: number): any => {
    if ((S.stack -= code.cost) < 0 || S.depth > DEPTH_LIMIT || --S.red < 0) return charged(code, g, ret, rBody, site);
    return run(code, g, ret, site);
  };

  const charged = (code: Code, g: Frame, ret: Resume, rBody: Resume, site: number): any => {
    if (S.stack < 0) {
      S.stack += code.cost;
      releaseFrame(code, g);
      return S.host.stackOverflow(code, site);
    }
    if (S.depth > DEPTH_LIMIT) S.suspend(DEPTH);
    else if (S.sliceOver(code)) S.suspend(PREEMPTED);
    if (S.kind === SUSPEND) {
      S.cont.push(rBody, g, 0, ret, g, 0);
      return undefined;
    }
    return run(code, g, ret, site);
  };

  const run = (code: Code, g: Frame, ret: Resume, site: number): any => {
    const weight = code.weight;
    S.depth += weight;
    let v: any;
    try {
      v = code.body(g);
    } catch (e) {
      v = refusedByEngine(e, code.site);
    }
    S.depth -= weight;
    if (v !== undefined) {
      S.stack += code.cost;
      releaseFrame(code, g);
      return v;
    }
    if (S.kind === SUSPEND) {
      S.cont.push(ret, g, 0);
      return undefined;
    }
    return unwound(code, g, site);
  };

  const bodies = (reg: Register): Resume => reg((g, _s, v) => (v === undefined ? undefined : g[0].body(g)));

  /** A closure that was lent may fail although its type does not say so: that leaves the function that calls it. */
  const lent = (v: any): any => {
    if (!(v instanceof Failure)) return v;
    S.kind = RETURN;
    S.value = v;
    return undefined;
  };

  const returnsLent = (reg: Register, site: number): Resume =>
    reg((g, _s, v) => lent(v === undefined ? unwound(g[0], g, site) : finish(g[0], g, v)), site);

  const partial = (code: Code, values: any[]): Frame => {
    const g = code.pool.pop() ?? newFrame(code);
    for (let i = 0; i < values.length; i++) g[3 + i] = values[i];
    return g;
  };

  const entering: Entering = { charged, unwound, partial };

  return {
    entering,

    call0(reg: Register, code: Code, site: number): Step {
      const ret = returns(reg, site);
      const rBody = bodies(reg);
      return () => enter(code, code.pool.pop() ?? newFrame(code), ret, rBody, site);
    },

    call1(reg: Register, code: Code, a: Step, site: number): Step {
      const ret = returns(reg, site);
      const rBody = bodies(reg);
      const go = (x: any): any => {
        const g = code.pool.pop() ?? newFrame(code);
        g[3] = x;
        return enter(code, g, ret, rBody, site);
      };
      const ra = reg((_f, _s, x) => (x === undefined ? undefined : go(x)));
      return (f) => {
        const x = a(f);
        if (x === undefined) {
          if (S.kind === SUSPEND) S.cont.push(ra, f, 0);
          return undefined;
        }
        const g = code.pool.pop() ?? newFrame(code);
        g[3] = x;
        return enter(code, g, ret, rBody, site);
      };
    },

    call2(reg: Register, code: Code, a: Step, b: Step, site: number): Step {
      const ret = returns(reg, site);
      const rBody = bodies(reg);
      const go = (x: any, y: any): any => {
        const g = code.pool.pop() ?? newFrame(code);
        g[3] = x;
        g[4] = y;
        return enter(code, g, ret, rBody, site);
      };
      const rb = reg((_f, x, y) => (y === undefined ? undefined : go(x, y)));
      const ra = reg((f, _s, x) => {
        if (x === undefined) return undefined;
        const y = b(f);
        if (y === undefined) {
          if (S.kind === SUSPEND) S.cont.push(rb, f, x);
          return undefined;
        }
        return go(x, y);
      });
      return (f) => {
        const x = a(f);
        if (x === undefined) {
          if (S.kind === SUSPEND) S.cont.push(ra, f, 0);
          return undefined;
        }
        const y = b(f);
        if (y === undefined) {
          if (S.kind === SUSPEND) S.cont.push(rb, f, x);
          return undefined;
        }
        const g = code.pool.pop() ?? newFrame(code);
        g[3] = x;
        g[4] = y;
        return enter(code, g, ret, rBody, site);
      };
    },

    /** Any number of arguments: they are evaluated straight into the callee's frame, which is the state meanwhile. */
    callN(reg: Register, code: Code, args: Step[], site: number): Step {
      const ret = returns(reg, site);
      const rBody = bodies(reg);
      const n = args.length;
      const go = (f: any, g: Frame, from: number): any => {
        for (let i = from; i < n; i++) {
          const v = args[i]!(f);
          if (v === undefined) {
            if (S.kind === SUSPEND) S.cont.push(rArg, f, [g, i]);
            return undefined;
          }
          g[3 + i] = v;
        }
        return enter(code, g, ret, rBody, site);
      };
      const rArg = reg((f, state, v) => {
        if (v === undefined) return undefined;
        const g = state[0];
        const i = state[1];
        g[3 + i] = v;
        return go(f, g, i + 1);
      });
      return (f) => go(f, code.pool.pop() ?? newFrame(code), 0);
    },

    /** The callee is a value: operands[0] gives the Closure. mayFail: it may have been lent. */
    callValue(reg: Register, operands: Step[], mayFail: boolean, site: number): Step {
      const ret = mayFail ? returnsLent(reg, site) : returns(reg, site);
      const rBody = bodies(reg);
      const n = operands.length;
      const go = (f: any, values: any[]): any => {
        while (values.length < n) {
          const v = operands[values.length]!(f);
          if (v === undefined) {
            if (S.kind === SUSPEND) S.cont.push(rArg, f, values);
            return undefined;
          }
          values.push(v);
        }
        const closure = values[0];
        const code: Code = closure.code;
        const g = code.pool.pop() ?? newFrame(code);
        g[2] = closure.captured;
        for (let i = 1; i < n; i++) g[2 + i] = values[i];
        const v = enter(code, g, ret, rBody, site);
        return mayFail ? lent(v) : v;
      };
      const rArg = reg((f, values, v) => {
        if (v === undefined) return undefined;
        values.push(v);
        return go(f, values);
      });
      return (f) => go(f, []);
    },

    /** The same for a variable that holds a function that may have been lent, called with one argument. */
    callLent1(reg: Register, callee: Step, a: Step, site: number): Step {
      const ret = returnsLent(reg, site);
      const rBody = bodies(reg);
      const go = (closure: any, x: any): any => {
        const code: Code = closure.code;
        const g = code.pool.pop() ?? newFrame(code);
        g[2] = closure.captured;
        g[3] = x;
        return lent(enter(code, g, ret, rBody, site));
      };
      const ra = reg((_f, closure, x) => (x === undefined ? undefined : go(closure, x)));
      return (f) => {
        const closure = callee(f);
        const x = a(f);
        if (x === undefined) {
          if (S.kind === SUSPEND) S.cont.push(ra, f, closure);
          return undefined;
        }
        const code: Code = closure.code;
        const g = code.pool.pop() ?? newFrame(code);
        g[2] = closure.captured;
        g[3] = x;
        const v = enter(code, g, ret, rBody, site);
        return v instanceof Failure ? lent(v) : v;
      };
    },

    callLent2(reg: Register, callee: Step, a: Step, b: Step, site: number): Step {
      const ret = returnsLent(reg, site);
      const rBody = bodies(reg);
      const go = (closure: any, x: any, y: any): any => {
        const code: Code = closure.code;
        const g = code.pool.pop() ?? newFrame(code);
        g[2] = closure.captured;
        g[3] = x;
        g[4] = y;
        return lent(enter(code, g, ret, rBody, site));
      };
      const rb = reg((_f, state, y) => (y === undefined ? undefined : go(state[0], state[1], y)));
      const second = (f: any, closure: any, x: any): any => {
        const y = b(f);
        if (y === undefined) {
          if (S.kind === SUSPEND) S.cont.push(rb, f, [closure, x]);
          return undefined;
        }
        return go(closure, x, y);
      };
      const ra = reg((f, closure, x) => (x === undefined ? undefined : second(f, closure, x)));
      return (f) => {
        const closure = callee(f);
        const x = a(f);
        if (x === undefined) {
          if (S.kind === SUSPEND) S.cont.push(ra, f, closure);
          return undefined;
        }
        return second(f, closure, x);
      };
    },
  };
}
