ROUNDS = 20_000
ITEMS = 100
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def line(number):
    parts = []
    for i in range(ITEMS):
        parts.append(f"{i}:{number * i}")
    return ",".join(parts)


def word(start):
    text = ""
    at = start % len(LETTERS)
    while len(text) < ITEMS:
        text += LETTERS[at]
        at = (at + 7) % len(LETTERS)
    return text


def main():
    size = 0
    commas = 0
    total = 0
    for number in range(ROUNDS):
        joined = line(number)
        size += len(joined)
        commas += joined.count(",")
        spelled = word(number)
        for i in range(len(spelled)):
            total += ord(spelled[i])
    print(f"{size} bytes, {commas} commas, sum {total}")
    print(line(3)[:40])
    print(word(2))


main()
