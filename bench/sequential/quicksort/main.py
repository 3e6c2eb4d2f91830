COUNT = 500_000


def scrambled(count):
    numbers = []
    seed = 42
    for _ in range(count):
        seed = (seed * 1103515245 + 12345) % 2147483648
        numbers.append(seed)
    return numbers


def quicksort(xs, low, high):
    if low >= high:
        return
    pivot = xs[(low + high) // 2]
    i = low
    j = high
    while i <= j:
        while xs[i] < pivot:
            i += 1
        while xs[j] > pivot:
            j -= 1
        if i <= j:
            swapped = xs[i]
            xs[i] = xs[j]
            xs[j] = swapped
            i += 1
            j -= 1
    quicksort(xs, low, j)
    quicksort(xs, i, high)


def main():
    numbers = scrambled(COUNT)
    quicksort(numbers, 0, COUNT - 1)
    for i in range(1, COUNT):
        assert numbers[i - 1] <= numbers[i]
    print(f"{numbers[0]} {numbers[COUNT // 2]} {numbers[COUNT - 1]}")


main()
