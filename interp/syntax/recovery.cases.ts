// Texts with mistakes, one idea each; recovery.test.ts keeps what is said about them as snapshots.
export const recoveryCases: Record<string, string> = {
  "words of other languages": `func main() do
    if a && b || !c do
        x = 1
    elif d do
        x = 2
    end
    let mut n = 0
    i++
    let y = a === b
    let z = c ? 1 : 2
end

fn helper(x: i64) -> i64 {
    return *x
}

def other(int x) do end
`,
  "missing end of an inner block": `func first(xs: []i64) -> i64 do
    for x in xs do
        if x > 3 do
            return x
    end
    return 0
end

func second() -> i64 do
    return 1 +
end
`,
  "missing end at the end of the file": `func main() do
    nursery do
        spawn work()
    end
`,
  "missing brace": `struct P {
    x: i64
    y: i64

func main() do
    println(1)
end
`,
  "one end too many": `func main() do
    println(1)
    end
end

func other() do end
`,
  "do where a brace is closed": `func main() {
    while true do
        work()
    }
}
`,
  "end before else": `func main() do
    if a do
        b()
    end else do
        c()
    end
end
`,
  "assignment in a condition": `func main() do
    if x = 3 do y() end
    while n = next() do y() end
    z = = 3
end
`,
  "three independent mistakes and nothing else": `func a() do
    let x = (1 + 2
    let y = 3
end
func b() do
    let = 4
    foo(1, , 2)
end
func c(x: ) do
    return x
end
`,
  "inside brackets": `func main() do
    call(a b,
        c,
        d)
    let xs = [1, 2, 3
    let ok = 1
end
`,
  "strings and comments": `func main() do
    println("never closed)
    println($"x = {x")
    let c = 'ab'
    let d = "\\q"
    let e = $"{}"
    let f = “quoted”
end
/* open
`,
  numbers: `const A = 0x
const B = 1__0
const C = 10u8
const D = 0b102
const E = 12abc
const F = 1e999
`,
  declarations: `let (a, b) = pair()
var n: i64
println("hello")
func f(a, b: i64) -> i64 do return a end
func g(x: i64)
func h() = 3
struct S { x i64, let y: i64 }
enum E { case A, B(x: i64) }
use "a/b"
func k(&mut self) do end
`,
  "declarations inside a block": `func main() do
    struct P { x: i64 }
    use std.io
    println(1)
end
`,
  "match and select": `func main() do
    match x {
        1 = 2,
        case 3 => 4,
        => 5,
        7 8
    }
    select do
        receive ch do end
        case foo() do end
        recv ch |v| do end
    end
end
`,
  "struct literal in a head": `func main() do
    if p == Point { x: 1, y: 2 } do
        println(1)
    end
end
`,
  "spawn without a call": `func main() do
    nursery do
        spawn work
        let t = async other.thing
    end
end
`,
  "chained comparison": `func main() do
    if 1 < x < 3 do y() end
end
`,
  "missing do": `func main()
    let x = 1
    if x == 1
        println(x)
    end
end
`,
  "two statements on a line": `func main() do
    let a = 1 let b = 2
    foo(a) bar(b)
end
`,
  "tabs and wide characters": "func main() do\n\tlet 名前 = \"日本\" + + \"x\"\n\tlet s = \"日本語\" &&& 3\nend\n",
  "type mistakes": `func f(x: &i64, y: [3, z: Map<string, ) -> do
end
`,
  "stray closers": `)
func main() do
    foo)
    ]
end
}
`,
  "texts of several lines that begin and end elsewhere": `func main() do
    let first = """ one
        two
        """
    let same = """one"""
    let last = """
        one""" ++ "x"
    let empty = $"""{same}
        """
    println(same same)
end
`,
  "texts of several lines with other indentation": `func main() do
    let left = """
        one
      two
     three
        """
    let tabs = """
        one
\t\ttwo
        """
    let brace = $"""
        one } two
        {first:
        {}
        """
    let inner = $"{"""
        one
        """}"
    println(inner inner)
end
`,
  "a text of several lines without an end": `func main() do
    if true do
        let text = """
            one
        println(text)
    end
end
`,
  "an interpolation of a text of several lines without an end": `func main() do
    let text = $"""
        one {1 +
        two {2}
        """
    println(text)
end
`,
  "label and pattern mistakes": `func main() do
    for in xs do end
    for x of xs do end
    let [a, b] = xs
    x: i64 = 3
    3 = x
    a, b
end
`,
};
