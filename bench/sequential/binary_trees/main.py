MIN_DEPTH = 4
MAX_DEPTH = 15


class Node:
    __slots__ = ("left", "right")

    def __init__(self, left, right):
        self.left = left
        self.right = right


def build(depth):
    if depth == 0:
        return Node(None, None)
    return Node(build(depth - 1), build(depth - 1))


def count(node):
    total = 1
    if node.left is not None:
        total += count(node.left)
    if node.right is not None:
        total += count(node.right)
    return total


def main():
    print(f"stretch tree of depth {MAX_DEPTH + 1} has {count(build(MAX_DEPTH + 1))} nodes")
    long_lived = build(MAX_DEPTH)
    for depth in range(MIN_DEPTH, MAX_DEPTH + 1, 2):
        rounds = 1 << (MAX_DEPTH - depth + MIN_DEPTH)
        nodes = 0
        for _ in range(rounds):
            nodes += count(build(depth))
        print(f"{rounds} trees of depth {depth} have {nodes} nodes")
    print(f"long lived tree of depth {MAX_DEPTH} has {count(long_lived)} nodes")


main()
