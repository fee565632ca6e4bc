// What frequencies a sound holds, and when.
#pragma once
#include <cstdint>
#include <span>

#include "folio/tensor/tensor.h"

namespace folio {

/// Keras' words, of its STFTSpectrogram and MelSpectrogram.
struct StftOptions {
  int64_t fft_length = 256;       ///< samples of a frame, a power of 2
  int64_t sequence_length = 256;  ///< of them those that the window lets through, in the middle
  int64_t sequence_stride = 80;   ///< samples from frame to frame
};

/// Frames that fit into so many samples: 1 + (samples - fft_length) / sequence_stride, 0 when none does.
int64_t stft_frames(int64_t samples, const StftOptions& options);

/// The short-time Fourier transform's squared magnitudes, under Hann's window (periodic): float32 (frames,
/// fft_length / 2 + 1). (keras.ops.stft with center=False) Throws `Error` for lengths that do not fit
/// together, and when there are fewer samples than a frame has.
Tensor stft_power(std::span<const float> samples, const StftOptions& options);

/// 2595 log10(1 + f / 700): the pitch that is heard of a frequency in Hz. (O'Shaughnessy 1987, HTK)
double mel_of(double frequency);

/// How much each frequency of a Fourier transform counts in each band: triangles that overlap by half, evenly
/// spaced in mel, (bins, bands). (Keras, TensorFlow linear_to_mel_weight_matrix) Throws `Error` unless 0 <=
/// least < most <= rate / 2.
Tensor mel_weights(int64_t bins, int64_t bands, int64_t rate, double least, double most);

/// The discrete cosine transform of rows, of kind 2 and orthonormal, of which the first `count` coefficients
/// are kept: (rows, n) -> (rows, count). Of the logarithms of mel bands they are MFCC. (Davis and Mermelstein
/// 1980)
Tensor dct(const Tensor& rows, int64_t count);

}  // namespace folio
