// Sounds in files: WAV, FLAC and Ogg. (sheet G8)
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "folio/data/class_folder.h"

namespace folio {

/// One channel of samples, as loud as may be from -1 to 1.
struct Sound {
  std::vector<float> samples;
  int64_t rate = 0;  ///< samples a second

  double seconds() const { return static_cast<double>(samples.size()) / static_cast<double>(rate); }
};

struct SoundLimits {
  double seconds = 3600;  ///< what comes behind them is not read
};

/// What a file says of itself, which may be wrong.
struct SoundInfo {
  int64_t rate = 0, channels = 0;
  double seconds = 0;
};

inline constexpr int64_t kLeastRate = 100, kMostRate = 1'000'000, kMostChannels = 256;

/// By its name: .wav, .flac, .ogg or .oga, in any case.
bool is_sound_file(const std::string& path);
inline constexpr FileKind kSoundFiles = {is_sound_file, "sounds"};
/// See `files_in`.
std::vector<std::string> sounds_in(const std::string& folder);

/// WAV of every kind (8 to 32 bits, float, A-law, mu-law, ADPCM, extensible, RF64), FLAC, and Ogg with Vorbis
/// or Opus; the content decides the kind, not the ending. Several channels become their mean. Memory grows
/// with what is really there, never with what a head claims. Throws `Error` naming the file for what is
/// damaged, no sound, without samples, of a rate outside 100 to 1,000,000, of more than 256 channels, or with
/// samples that are no numbers. Of a file that was cut short what is there is read.
Sound read_sound(const std::string& path, const SoundLimits& limits = {});
/// The same of bytes; errors call them `name`.
Sound decode_sound(std::span<const std::byte> bytes, const std::string& name, const SoundLimits& limits = {});
SoundInfo sound_info(const std::string& path);
SoundInfo sound_info(std::span<const std::byte> bytes, const std::string& name);

/// Writes one channel as WAV of 16 bits; what is louder than 1 is cut off.
void write_wav(const std::string& path, const Sound& sound);

}  // namespace folio
