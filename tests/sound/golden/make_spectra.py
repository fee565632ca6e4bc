#!/usr/bin/env python3
"""Writes spectra.npz: spectra as Keras computes them, and SciPy's cosine transform.

Needs keras 3.12 with JAX, and SciPy. Run as KERAS_BACKEND=jax python3 make_spectra.py.
"""
import pathlib

import keras
import numpy as np
from scipy.fft import dct

rng = np.random.default_rng(1)
t = np.arange(1200) / 8000
x = (0.5 * np.sin(2 * np.pi * 440 * t) + 0.2 * np.sin(2 * np.pi * (900 + 3000 * t) * t)
     + 0.05 * rng.standard_normal(len(t))).astype("float32")
arrays = {"x": x}

# (fft_length, sequence_length, sequence_stride)
for fft, length, stride in [(256, 256, 80), (256, 200, 64), (512, 400, 160), (64, 33, 7)]:
    real, imaginary = keras.ops.stft(x, length, stride, fft, window="hann", center=False)
    power = np.asarray(real, "float64") ** 2 + np.asarray(imaginary, "float64") ** 2
    arrays[f"power_{fft}_{length}_{stride}"] = power.astype("float32")

# (bins, bands, rate, least, most)
for bins, bands, rate, least, most in [(129, 40, 8000, 50, 4000), (257, 80, 16000, 0, 8000), (129, 13, 8000, 300, 3400)]:
    layer = keras.layers.MelSpectrogram(num_mel_bins=bands, sampling_rate=rate, min_freq=least, max_freq=most,
                                        fft_length=2 * (bins - 1))
    weights = layer.linear_to_mel_weight_matrix(bands, bins, rate, least, most)
    arrays[f"mel_{bins}_{bands}_{rate}_{least}_{most}"] = np.asarray(weights, "float32")

rows = rng.standard_normal((5, 40)).astype("float32")
arrays["rows"] = rows
for count in (1, 13, 40):
    arrays[f"dct_{count}"] = dct(rows.astype("float64"), type=2, norm="ortho", axis=-1)[:, :count].astype("float32")

np.savez(pathlib.Path(__file__).parent / "spectra.npz", **arrays)
