LINES = 100_000
WORDS_A_LINE = 20
STEMS = ["al", "be", "cor", "du", "en", "fa", "gor", "hi", "in", "jo", "ka", "lim", "mo", "nor", "op", "pa"]


def text_lines():
    lines = []
    seed = 7
    for _ in range(LINES):
        words = []
        for _ in range(WORDS_A_LINE):
            seed = (seed * 1664525 + 1013904223) % 4294967296
            first = (seed // 65536) % 16 * ((seed // 1048576) % 16) // 16
            second = (seed // 16777216) % 16
            words.append(STEMS[first] + STEMS[second])
        lines.append(" ".join(words))
    return lines


def main():
    counts = {}
    for line in text_lines():
        for word in line.split(" "):
            counts[word] = counts.get(word, 0) + 1
    found = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    print(f"{len(found)} words")
    for word, times in found[:10]:
        print(word, times)


main()
