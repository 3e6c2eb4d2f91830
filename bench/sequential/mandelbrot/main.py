WIDTH = 480
HEIGHT = 360
MOST_ROUNDS = 100


def escape_rounds(cr, ci):
    zr = 0.0
    zi = 0.0
    rounds = 0
    while rounds < MOST_ROUNDS and zr * zr + zi * zi <= 4.0:
        next_zr = zr * zr - zi * zi + cr
        zi = 2.0 * zr * zi + ci
        zr = next_zr
        rounds += 1
    return rounds


def main():
    inside = 0
    total = 0
    for y in range(HEIGHT):
        ci = 2.0 * y / HEIGHT - 1.0
        for x in range(WIDTH):
            cr = 3.0 * x / WIDTH - 2.0
            rounds = escape_rounds(cr, ci)
            total += rounds
            if rounds == MOST_ROUNDS:
                inside += 1
    print(f"{inside} points inside, {total} rounds")


main()
