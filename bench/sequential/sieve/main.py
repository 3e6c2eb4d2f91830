LIMIT = 6_000_000


def main():
    composite = [False] * LIMIT
    primes = 0
    total = 0
    for n in range(2, LIMIT):
        if composite[n]:
            continue
        primes += 1
        total += n
        multiple = n * n
        while multiple < LIMIT:
            composite[multiple] = True
            multiple += n
    print(f"{primes} primes, their sum is {total}")


main()
