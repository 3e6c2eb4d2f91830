def fannkuch(n):
    order = list(range(n))
    stack = [0] * n
    count = [0] * n
    checksum = 0
    most_flips = 0
    r = n
    even = True
    while True:
        while r != 1:
            count[r - 1] = r
            r -= 1
        for i in range(n):
            stack[i] = order[i]
        flips = 0
        top = stack[0]
        while top != 0:
            low = 0
            high = top
            while low < high:
                swapped = stack[low]
                stack[low] = stack[high]
                stack[high] = swapped
                low += 1
                high -= 1
            flips += 1
            top = stack[0]
        if flips > most_flips:
            most_flips = flips
        if even:
            checksum += flips
        else:
            checksum -= flips
        even = not even
        # the next permutation
        while True:
            if r == n:
                return checksum, most_flips
            first = order[0]
            for i in range(r):
                order[i] = order[i + 1]
            order[r] = first
            count[r] -= 1
            if count[r] > 0:
                break
            r += 1


checksum, flips = fannkuch(9)
print(f"checksum {checksum}, most flips {flips}")
