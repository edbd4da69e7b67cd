"""Checks the RSA private keys of a folder (*.pem, PKCS#8): `judge.py FOLDER`.

None of this is Keyside's code: `cryptography` reads the files, `badkeys` searches for known
weaknesses, and Python's integers check the clauses of FIPS 186-5. Prints the faults and exits with
1, or prints a summary.
"""

import math
import sys
from fractions import Fraction
from pathlib import Path

import gmpy2
from badkeys.rsakeys import (
    fermat,
    pattern,
    roca,
    rsabias,
    rsainvalid,
    sharedprimes,
    smalld,
    smallfactors,
)
from cryptography.hazmat.primitives.serialization import load_pem_private_key

BADKEYS = [fermat, pattern, roca, rsabias, rsainvalid, sharedprimes, smalld, smallfactors]

# The bit statistics raise a false alarm once in a million runs of a perfect generator.
FALSE_ALARMS = Fraction(1, 10**6)
# This many bits are checked below the two fixed top bits and above the fixed lowest bit.
BITS_LOOKED_AT = 24


def is_probable_prime(n, base):
    """Miller-Rabin to one base."""
    odd, twos = n - 1, 0
    while odd % 2 == 0:
        odd //= 2
        twos += 1
    x = pow(base, odd, n)
    if x in (1, n - 1):
        return True
    for _ in range(twos - 1):
        x = x * x % n
        if x == n - 1:
            return True
    return False


def clauses(key):
    """FIPS 186-5, A.1.1 and A.1.3, and the file's other numbers by RFC 8017."""
    private = key.private_numbers()
    n, e = private.public_numbers.n, private.public_numbers.e
    p, q, d = private.p, private.q, private.d
    bits = n.bit_length()
    half = bits // 2
    lcm = math.lcm(p - 1, q - 1)
    yield "nlen is 2048, 3072 or 4096", bits in (2048, 3072, 4096)
    yield "n = p q", n == p * q
    yield "e = 65537", e == 65537
    for name, prime in (("p", p), ("q", q)):
        yield f"{name} has half of the bits", prime.bit_length() == half
        yield f"{name} > sqrt(2) 2^(nlen/2 - 1)", prime * prime > 1 << (bits - 1)
        yield f"gcd({name} - 1, e) = 1", math.gcd(prime - 1, e) == 1
        yield f"{name} is prime (Miller-Rabin to 3 here)", is_probable_prime(prime, 3)
        yield f"{name} is prime (GMP, 40 rounds)", gmpy2.is_prime(prime, 40)
    yield "|p - q| > 2^(nlen/2 - 100)", abs(p - q) > 1 << (half - 100)
    yield "d > 2^(nlen/2)", d > 1 << half
    yield "d = e^-1 mod lcm(p - 1, q - 1)", d == pow(e, -1, lcm)
    yield "p > q", p > q
    yield "dP", private.dmp1 == d % (p - 1)
    yield "dQ", private.dmq1 == d % (q - 1)
    yield "qInv", private.iqmp == pow(q, -1, p)


def odds_of(ones, draws):
    """The probability that fair bits deviate at least this far from even, either way."""
    far = max(ones, draws - ones)
    if 2 * far == draws:
        return Fraction(1)
    return Fraction(2 * sum(math.comb(draws, k) for k in range(far, draws + 1)), 2**draws)


def biases(primes):
    """Bits of the primes that are one or zero more often than chance allows."""
    half = primes[0].bit_length()
    top = [half - 3 - k for k in range(BITS_LOOKED_AT)]
    bottom = [1 + k for k in range(BITS_LOOKED_AT)]
    looks = [(f"bit {at}", lambda p, at=at: p >> at & 1) for at in top + bottom]
    # Correlated neighbours, which reveal a stuck or repeated word.
    looks += [
        (f"bits {at} and {at - 1} alike", lambda p, at=at: (p >> at ^ p >> at - 1) & 1)
        for at in top[:-1] + bottom[1:]
        if at - 1 > 0
    ]
    # An odd prime above 3 is 1 or 2 modulo 3.
    looks.append(("remainder by 3", lambda p: p % 3 - 1))
    allowed = FALSE_ALARMS / 2 / len(looks)
    for name, look in looks:
        ones = sum(look(prime) for prime in primes)
        if odds_of(ones, len(primes)) < allowed:
            yield f"{half}-bit primes: {name}: {ones} of {len(primes)}"


def main():
    faults, moduli, primes = [], {}, {}
    for path in sorted(Path(sys.argv[1]).glob("*.pem")):
        # `openssl rsa -check`, which the flow runs too, does the validation that is skipped here.
        key = load_pem_private_key(path.read_bytes(), None, unsafe_skip_rsa_key_validation=True)
        for clause, holds in clauses(key):
            if not holds:
                faults.append(f"{path.name}: not so: {clause}")
        numbers = key.private_numbers()
        n, e = numbers.public_numbers.n, numbers.public_numbers.e
        for check in BADKEYS:
            if check(n, e):
                faults.append(f"{path.name}: badkeys: {check.__name__}")
        moduli[path.name] = gmpy2.mpz(n)
        primes.setdefault(numbers.p.bit_length(), []).extend((numbers.p, numbers.q))
    product = gmpy2.mpz(1)
    for n in moduli.values():
        product *= n
    for name, n in moduli.items():
        if gmpy2.gcd(n, product // n) != 1:
            faults.append(f"{name}: shares a prime with another")
    for pool in primes.values():
        if len(set(pool)) != len(pool):
            faults.append("a prime came twice")
        faults.extend(biases(pool))
    if faults:
        print("\n".join(faults))
        sys.exit(1)
    counts = ", ".join(f"{len(pool) // 2} of {2 * half} bits" for half, pool in primes.items())
    print(f"sound: {counts}; false alarms: 1 in {1 / FALSE_ALARMS} runs")


main()
