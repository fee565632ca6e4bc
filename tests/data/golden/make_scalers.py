#!/usr/bin/env python3
"""Makes scalers.npz: what scikit-learn's scalers give for data that scaler_test.cpp computes too, from the same hash.

digest[case, scaler, way] is the sum of all elements of the result, each times a weight of the hash, missing ones left
out; size[...] the sum of their magnitudes; missing[...] how many are missing. way 0: transform of rows that were not
fitted; way 1: inverse_transform of the same rows. scaler 0: MinMax to (0, 1); 1: MinMax to (-1, 1); 2: Standard;
3: Standard, fitted in three parts; 4: Robust; 5: Robust with quantiles 10 and 90; 6: MaxAbs.
"""
import pathlib
import warnings

import numpy as np
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler

CASES = 400
MASK = (1 << 64) - 1


def hashed(*numbers):
    """splitmix64 over the numbers, as a float in [0, 1)."""
    state = 0
    for number in numbers:
        state = (state + number + 0x9E3779B97F4A7C15) & MASK
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & MASK
        state ^= state >> 31
    return (state >> 11) * 2.0 ** -53


def value(case, part, row, feature):
    """One element; the kind of a feature is that of its case and place."""
    kind = int(hashed(case, 1, feature) * 12)
    u = hashed(case, 2, part, row, feature)
    again = hashed(case, 3, part, row, feature)
    if kind == 0:
        return u
    if kind == 1:
        return 1000 * u - 300
    if kind == 2:
        return 1e6 + u  # far from 0
    if kind == 3:
        return 1e-6 * u
    if kind == 4:
        return 7.25  # constant
    if kind == 5:
        return 0.0
    if kind == 6:
        return float("nan")  # no value at all
    if kind == 7:
        return float("nan") if again < 0.3 else 10 * u - 5
    if kind == 8:
        return float(int(5 * u))  # ties
    if kind == 9:
        return u * 1e5 if again < 0.1 else u  # outliers
    if kind == 10:
        return -1e9 if again < 0.5 else 1e9
    return 1e-20 * u  # less than rounding


def rows_of(case, part, count, features):
    return np.array([[value(case, part, r, f) for f in range(features)] for r in range(count)])


def main():
    digest, size, missing = (np.zeros((CASES, 7, 2)) for _ in range(3))
    for case in range(CASES):
        features = 1 + int(hashed(case, 4) * 4)
        count = 1 + int(hashed(case, 5) ** 2 * 40)
        fitted, others = rows_of(case, 0, count, features), rows_of(case, 1, 5, features)
        cuts = [0, count // 3, count // 3 * 2, count]
        streamed = StandardScaler()
        for first, last in zip(cuts, cuts[1:]):
            if last > first:
                streamed.partial_fit(fitted[first:last])
        whole = StandardScaler().fit(fitted)
        if np.any(np.isnan(streamed.transform(others)) != np.isnan(whole.transform(others))):
            streamed = whole  # scikit-learn never recovers from a part without any value of a feature
        scalers = [MinMaxScaler().fit(fitted), MinMaxScaler((-1, 1)).fit(fitted), whole, streamed,
                   RobustScaler().fit(fitted), RobustScaler(quantile_range=(10, 90)).fit(fitted),
                   MaxAbsScaler().fit(fitted)]
        weights = np.array([hashed(case, 6, i) for i in range(others.size)]).reshape(others.shape)
        for s, scaler in enumerate(scalers):
            for way, result in enumerate([scaler.transform(others), scaler.inverse_transform(others)]):
                digest[case, s, way] = np.nansum(result * weights)
                size[case, s, way] = np.nansum(np.abs(result * weights))
                missing[case, s, way] = np.isnan(result).sum()
    np.savez_compressed(pathlib.Path(__file__).parent / "scalers.npz", digest=digest, size=size,
                        missing=missing.astype(np.uint8))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
