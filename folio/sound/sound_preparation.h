// How sounds of any length and rate become a model's input.
#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "folio/base/json.h"
#include "folio/sound/sound_file.h"
#include "folio/sound/spectrum.h"
#include "folio/tensor/tensor.h"

namespace folio {

/// Travels in model files trained on sounds.
struct SoundPreparation {
  static constexpr const char* kAsset = "sound.json";

  int64_t rate = 8000;  ///< samples a second that sounds are brought to
  double seconds = 1;   ///< of a sound that are heard, the first: what is shorter lies amid silence
  /// "mel": logarithms of the energy in bands; "mfcc": the first coefficients of their cosine transform.
  std::string features = "mel";
  int64_t bands = 40, coefficients = 20;
  double window = 0.032, stride = 0.01;  ///< of the Fourier transform, in seconds
  double least = 50;                     ///< Hz at which the bands begin; they end at half of the rate

  int64_t samples() const;  ///< that are heard; a frame at least
  int64_t frames() const;
  int64_t width() const;  ///< features of a frame
  StftOptions stft() const;

  /// At this rate, as loud as all others (a root mean square of `kLoudness`; silence stays silence), and no
  /// longer than what is heard.
  std::vector<float> brought(const Sound& sound) const;
  Json to_json() const;
  /// Throws `Error` naming `place` for what is damaged.
  static SoundPreparation from_json(const Json& json, const std::string& place);
};
inline constexpr double kLoudness = 0.1;

/// Makes features of samples; several threads may use one.
class SoundFeatures {
 public:
  explicit SoundFeatures(const SoundPreparation& preparation);
  const SoundPreparation& preparation() const { return preparation_; }

  /// Samples among silence, `later` samples behind the middle, as (frames, width) at `to`.
  void write(std::span<const float> samples, int64_t later, float* to) const;

 private:
  // What a frequency adds to a band.
  struct Share {
    int64_t bin, band;
    double weight;
  };
  SoundPreparation preparation_;
  std::vector<Share> shares_;
  double scale_;
};

/// A file, or what is read of an archive.
struct SoundSource {
  std::string path;
  std::vector<std::byte> bytes = {};  ///< of an archive's member; otherwise the file is read
};

/// Sounds read and prepared on all threads.
struct PreparedSounds {
  Tensor x;                                                        ///< float32 (sounds, frames, width)
  std::vector<std::shared_ptr<const std::vector<float>>> samples;  ///< of each, as `brought`
  std::vector<size_t> kept;       ///< numbers of the sources that could be read, in order
  std::vector<std::string> said;  ///< why the others could not
  std::vector<std::string> cut;   ///< those of which not all is heard
};
/// Throws `Error` when none of the sounds can be read.
PreparedSounds prepare_sounds(const std::vector<SoundSource>& sources, const SoundPreparation& preparation);

}  // namespace folio
