#include "folio/sound/sound_file.h"

#include <fmt/format.h>
#include <sndfile.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>
#include <memory>
#include <mutex>

#include "folio/base/error.h"
#include "folio/base/file.h"
#include "folio/data/class_folder.h"

namespace folio {
namespace {

// Bytes in memory, as libsndfile reads them.
struct Memory {
  std::span<const std::byte> bytes;
  int64_t at = 0;

  int64_t size() const { return static_cast<int64_t>(bytes.size()); }
};

sf_count_t length(void* user) { return static_cast<Memory*>(user)->size(); }
sf_count_t tell_place(void* user) { return static_cast<Memory*>(user)->at; }

sf_count_t seek(sf_count_t offset, int whence, void* user) {
  auto& memory = *static_cast<Memory*>(user);
  const int64_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? memory.at : memory.size();
  int64_t place = 0;
  if (__builtin_add_overflow(from, offset, &place)) return -1;
  return memory.at = std::clamp<int64_t>(place, 0, memory.size());
}

sf_count_t read(void* to, sf_count_t count, void* user) {
  auto& memory = *static_cast<Memory*>(user);
  const int64_t some = std::clamp<int64_t>(count, 0, memory.size() - memory.at);
  if (some > 0) std::memcpy(to, memory.bytes.data() + memory.at, static_cast<size_t>(some));
  memory.at += some;
  return some;
}

sf_count_t write_nothing(const void*, sf_count_t, void*) { return 0; }

struct Close {
  void operator()(SNDFILE* file) const { sf_close(file); }
};

class Decoder {
 public:
  Decoder(std::span<const std::byte> bytes, const std::string& name) : memory_{bytes} {
    SF_VIRTUAL_IO io{length, seek, read, write_nothing, tell_place};
    {
      static std::mutex mutex;  // why a file could not be opened stands in one place for all
      const std::lock_guard lock(mutex);
      file_.reset(sf_open_virtual(&io, SFM_READ, &info_, &memory_));
    }
    const auto refuse = [&](const std::string& expected, const std::string& got) {
      throw Error(fmt::format("{}: expected {}, got {}", name, expected, got));
    };
    const int kind = info_.format & SF_FORMAT_TYPEMASK;
    const bool known = kind == SF_FORMAT_WAV || kind == SF_FORMAT_WAVEX || kind == SF_FORMAT_RF64 ||
                       kind == SF_FORMAT_FLAC || kind == SF_FORMAT_OGG;
    if (!file_ || !known)
      refuse("a sound (WAV, FLAC or Ogg)",
             bytes.empty() ? "an empty file" : "something else, or a damaged one; convert it");
    if (info_.samplerate < kLeastRate || info_.samplerate > kMostRate)
      refuse(fmt::format("from {} to {} samples a second", kLeastRate, kMostRate),
             fmt::format("{}; convert it", info_.samplerate));
    if (info_.channels < 1 || info_.channels > kMostChannels)
      refuse(fmt::format("from 1 to {} channels", kMostChannels),
             fmt::format("{}; convert it", info_.channels));
  }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  const SF_INFO& info() const { return info_; }

  // The channels' mean of the next frames, none behind the last.
  std::span<const float> next(int64_t frames) {
    const auto channels = static_cast<size_t>(info_.channels);
    frames_.resize(static_cast<size_t>(frames) * channels);
    const sf_count_t got = sf_readf_float(file_.get(), frames_.data(), frames);
    for (int64_t i = 0; i < got; ++i) {
      double sum = 0;
      for (size_t c = 0; c < channels; ++c) sum += frames_[static_cast<size_t>(i) * channels + c];
      frames_[static_cast<size_t>(i)] = static_cast<float>(sum / static_cast<double>(channels));
    }
    return std::span<const float>(frames_).first(static_cast<size_t>(std::max<sf_count_t>(got, 0)));
  }

 private:
  Memory memory_;
  SF_INFO info_ = {};
  std::unique_ptr<SNDFILE, Close> file_;
  std::vector<float> frames_;
};

SoundInfo info_of(const Decoder& decoder) {
  const SF_INFO& info = decoder.info();
  return {info.samplerate, info.channels,
          static_cast<double>(std::max<sf_count_t>(info.frames, 0)) / info.samplerate};
}

}  // namespace

bool is_sound_file(const std::string& path) {
  const std::string name = lower_ascii(std::filesystem::path(path).filename());
  return !is_left_behind(name) && (name.ends_with(".wav") || name.ends_with(".flac") ||
                                   name.ends_with(".ogg") || name.ends_with(".oga"));
}

std::vector<std::string> sounds_in(const std::string& folder) { return files_in(folder, kSoundFiles); }

Sound decode_sound(std::span<const std::byte> bytes, const std::string& name, const SoundLimits& limits) {
  Decoder decoder(bytes, name);
  Sound sound;
  sound.rate = decoder.info().samplerate;
  const auto most = static_cast<int64_t>(std::ceil(limits.seconds * static_cast<double>(sound.rate)));
  constexpr int64_t kFrames = 4096;
  while (static_cast<int64_t>(sound.samples.size()) < most) {
    const auto some = decoder.next(std::min(kFrames, most - static_cast<int64_t>(sound.samples.size())));
    if (some.empty()) break;
    for (const float value : some)
      if (!std::isfinite(value))
        throw Error(fmt::format("{}: expected samples that are numbers, got {} near sample {}", name, value,
                                sound.samples.size()));
    sound.samples.insert(sound.samples.end(), some.begin(), some.end());
  }
  if (sound.samples.empty())
    throw Error(name + ": expected a sound, got a file without samples; record it again");
  return sound;
}

Sound read_sound(const std::string& path, const SoundLimits& limits) {
  return decode_sound(read_file(path), path, limits);
}

SoundInfo sound_info(std::span<const std::byte> bytes, const std::string& name) {
  return info_of(Decoder(bytes, name));
}

SoundInfo sound_info(const std::string& path) { return sound_info(read_file(path), path); }

void write_wav(const std::string& path, const Sound& sound) {
  constexpr uint32_t kHead = 44, kFormat = 16, kBytes = 2;
  constexpr uint16_t kPcm = 1, kChannels = 1, kBits = 16;
  if (sound.samples.size() > (std::numeric_limits<uint32_t>::max() - kHead) / kBytes)
    throw Error(fmt::format("{}: expected fewer samples for a WAV, got {}", path, sound.samples.size()));
  const auto data = static_cast<uint32_t>(sound.samples.size() * kBytes);
  std::string bytes = "RIFF";
  const auto put = [&](auto value) {
    for (size_t i = 0; i < sizeof(value); ++i)
      bytes += static_cast<char>(static_cast<uint64_t>(value) >> (8 * i) & 0xff);
  };
  put(data + kHead - 8);
  bytes += "WAVEfmt ";
  put(kFormat);
  put(kPcm);
  put(kChannels);
  put(static_cast<uint32_t>(sound.rate));
  put(static_cast<uint32_t>(sound.rate * kBytes));
  put(static_cast<uint16_t>(kBytes));
  put(kBits);
  bytes += "data";
  put(data);
  for (const float value : sound.samples)
    put(static_cast<int16_t>(std::lround(std::clamp(value, -1.0F, 1.0F) * 32767)));
  write_file_atomically(path, bytes);
}

}  // namespace folio
