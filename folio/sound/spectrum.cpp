#include "folio/sound/spectrum.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <complex>
#include <kissfft/kissfft.hh>
#include <numbers>
#include <vector>

#include "folio/base/error.h"

namespace folio {
namespace {

void check(const StftOptions& o) {
  constexpr int64_t kMost = 1 << 20;
  if (o.fft_length < 4 || o.fft_length > kMost || !std::has_single_bit(static_cast<uint64_t>(o.fft_length)))
    throw Error(
        fmt::format("stft: fft_length: expected a power of 2 from 4 to {}, got {}", kMost, o.fft_length));
  if (o.sequence_length < 1 || o.sequence_length > o.fft_length || o.sequence_stride < 1)
    throw Error(
        fmt::format("stft: expected a window of 1 to {} samples and a stride of at least 1, got {} and {}",
                    o.fft_length, o.sequence_length, o.sequence_stride));
}

// In the middle of a frame.
std::vector<double> hann(const StftOptions& o) {
  std::vector<double> window(static_cast<size_t>(o.fft_length));
  const int64_t first = (o.fft_length - o.sequence_length) / 2;
  for (int64_t i = 0; i < o.sequence_length; ++i)
    window[static_cast<size_t>(first + i)] =
        0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(i) /
                             static_cast<double>(o.sequence_length));
  return window;
}

}  // namespace

int64_t stft_frames(int64_t samples, const StftOptions& options) {
  return samples < options.fft_length ? 0 : 1 + (samples - options.fft_length) / options.sequence_stride;
}

Tensor stft_power(std::span<const float> samples, const StftOptions& options) {
  check(options);
  const int64_t frames = stft_frames(static_cast<int64_t>(samples.size()), options);
  if (frames == 0)
    throw Error(fmt::format("stft: expected at least {} samples, a frame, got {}", options.fft_length,
                            samples.size()));
  const auto length = static_cast<size_t>(options.fft_length), half = length / 2;
  const std::vector<double> window = hann(options);
  const kissfft<double> fft(half, false);
  std::vector<double> frame(length);
  std::vector<std::complex<double>> spectrum(half);
  Tensor power({frames, static_cast<int64_t>(half) + 1});
  float* to = power.data<float>();
  for (int64_t f = 0; f < frames; ++f, to += half + 1) {
    const float* from = samples.data() + f * options.sequence_stride;
    for (size_t i = 0; i < length; ++i) frame[i] = window[i] * from[i];
    fft.transform_real(frame.data(), spectrum.data());
    // The first entry holds those of 0 Hz and of half of the rate, which are real.
    to[0] = static_cast<float>(spectrum[0].real() * spectrum[0].real());
    to[half] = static_cast<float>(spectrum[0].imag() * spectrum[0].imag());
    for (size_t k = 1; k < half; ++k) to[k] = static_cast<float>(std::norm(spectrum[k]));
  }
  return power;
}

double mel_of(double frequency) { return 2595 * std::log10(1 + frequency / 700); }

Tensor mel_weights(int64_t bins, int64_t bands, int64_t rate, double least, double most) {
  const double nyquist = static_cast<double>(rate) / 2;
  if (bins < 2 || bands < 1 || !(least >= 0 && least < most && most <= nyquist))
    throw Error(fmt::format(
        "mel_weights: expected frequencies of 0 <= least < most <= {}, at least 2 bins and a band, "
        "got {}, {}, {} and {}",
        nyquist, least, most, bins, bands));
  Tensor weights({bins, bands});
  const double from = mel_of(least), step = (mel_of(most) - from) / static_cast<double>(bands + 1);
  // That of 0 Hz says nothing of a sound.
  for (int64_t bin = 1; bin < bins; ++bin) {
    const double mel = mel_of(nyquist * static_cast<double>(bin) / static_cast<double>(bins - 1));
    for (int64_t band = 0; band < bands; ++band) {
      const double lower = from + step * static_cast<double>(band), upper = lower + 2 * step;
      weights.set(bin * bands + band, std::max(0.0, std::min(mel - lower, upper - mel) / step));
    }
  }
  return weights;
}

Tensor dct(const Tensor& rows, int64_t count) {
  const int64_t n = rows.shape()[-1];
  if (count < 1 || count > n)
    throw Error(fmt::format("dct: expected from 1 to {} coefficients, got {}", n, count));
  std::vector<double> basis(static_cast<size_t>(count * n));
  for (int64_t k = 0; k < count; ++k)
    for (int64_t i = 0; i < n; ++i)
      basis[static_cast<size_t>(k * n + i)] =
          std::sqrt((k == 0 ? 1.0 : 2.0) / static_cast<double>(n)) *
          std::cos(std::numbers::pi * static_cast<double>(k * (2 * i + 1)) / static_cast<double>(2 * n));
  const int64_t all = rows.count() / n;
  Tensor result({all, count});
  for (int64_t r = 0; r < all; ++r)
    for (int64_t k = 0; k < count; ++k) {
      double sum = 0;
      for (int64_t i = 0; i < n; ++i)
        sum += basis[static_cast<size_t>(k * n + i)] * rows.data<float>()[r * n + i];
      result.data<float>()[r * count + k] = static_cast<float>(sum);
    }
  return result;
}

}  // namespace folio
