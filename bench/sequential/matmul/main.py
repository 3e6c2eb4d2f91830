SIZE = 240


def matrix(n, seed):
    step = seed / (n * n)
    rows = []
    for i in range(n):
        row = []
        for j in range(n):
            row.append(step * ((i - j) * (i + j)))
        rows.append(row)
    return rows


def product(a, b):
    n = len(a)
    rows = []
    for i in range(n):
        left = a[i]
        row = []
        for j in range(n):
            total = 0.0
            for k in range(n):
                total += left[k] * b[k][j]
            row.append(total)
        rows.append(row)
    return rows


def main():
    c = product(matrix(SIZE, 1.0), matrix(SIZE, 2.0))
    trace = 0.0
    for i in range(SIZE):
        trace += c[i][i]
    print(f"{c[SIZE // 2][SIZE // 2]:.6f} {trace:.6f}")


main()
