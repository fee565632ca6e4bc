#include "folio/formats/keras_file.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/base/zip.h"
#include "folio/formats/keras_layers.h"
#include "folio/formats/keras_legacy.h"
#include "folio/formats/keras_texts.h"
#include "folio/formats/python_json.h"

namespace folio {
namespace {

// The three members, in Keras' order.
constexpr const char *kMetadata = "metadata.json", *kConfig = "config.json", *kWeights = "model.weights.h5";

// Keras looks in here for what layers of its own left, by their names, and passes over the rest.
constexpr std::string_view kAssets = "assets/folio/";

// Among what Keras passes over.
constexpr const char *kMark = "written_by", *kWriter = "Folio";

// "2026-01-31@18:05:00", in universal time: now, or the time that whoever wants the same bytes again sets, in
// seconds since 1970.
std::string now() {
  std::time_t seconds = std::time(nullptr);
  if (const char* given = std::getenv("SOURCE_DATE_EPOCH")) {
    long long whole = 0;
    const char* end = given + std::strlen(given);
    if (const auto [stop, error] = std::from_chars(given, end, whole);
        error == std::errc() && stop == end && whole >= 0 && whole < 253'402'300'800)  // the year 10000
      seconds = static_cast<std::time_t>(whole);
  }
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d@%H:%M:%S", &parts);
  return text;
}

std::string text_of(const Json& object, const char* key) {
  const Json& entry = entry_of(object, key);
  return entry.is_string() ? entry.get<std::string>() : "";
}

std::map<std::string, std::string> read_assets(const ZipReader& zip) {
  std::map<std::string, std::string> assets;
  uint64_t left = kMostJsonBytes;
  for (const ZipReader::Member& member : zip.members()) {
    if (!member.name.starts_with(kAssets)) continue;
    const auto bytes = zip.read(member.name, left);
    left -= bytes.size();
    assets[member.name.substr(kAssets.size())].assign(reinterpret_cast<const char*>(bytes.data()),
                                                      bytes.size());
  }
  return assets;
}

// What Keras keeps of layers that look tokens up.
std::map<std::string, std::string> read_vocabularies(const ZipReader& zip) {
  std::map<std::string, std::string> texts;
  uint64_t left = kMostJsonBytes;
  for (const ZipReader::Member& member : zip.members()) {
    if (!member.name.starts_with("assets/layers/") || !member.name.ends_with("/vocabulary.txt")) continue;
    const auto bytes = zip.read(member.name, left);
    left -= bytes.size();
    texts[member.name].assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  return texts;
}

bool is_h5(const FileSource& file) {
  const auto head = file.copy(0, std::min<uint64_t>(file.size(), 4));
  return std::string_view(reinterpret_cast<const char*>(head.data()), head.size()) == "\x89HDF";
}

}  // namespace

LoadedModel read_keras_model(const std::string& path, const NestedModel& nested) {
  if (is_h5(FileSource(path))) return read_legacy_model(open_keras_weights(path), nested);
  const ZipReader zip(path);
  const auto read = [&](const char* member) {
    const auto bytes = zip.read(member, kMostJsonBytes);
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return parse_python_json(text, path + ": " + member);
  };
  const Json metadata = zip.contains(kMetadata) ? read(kMetadata) : Json::object();
  const KerasWriter writer(text_of(metadata, "keras_version"), text_of(metadata, kPenalties));
  Json config = read(kConfig);
  if (writer.is_keras2()) {
    // It wrote calls as in legacy files.
    config = modern_config(std::move(config));
    translate_keras2(config);
  }
  fill_in_vocabularies(config, read_vocabularies(zip), path);
  LoadedModel model = read_keras_config(config, path + ": " + kConfig, nested);
  model.mean_activity_penalties = writer.mean_activity_penalties();
  model.assets = read_assets(zip);
  return model;
}

H5Reader open_keras_weights(const std::string& path, uint64_t limit) {
  auto file = std::make_unique<FileSource>(path);
  if (is_h5(*file)) {
    if (file->size() > limit)
      throw Error(
          fmt::format("{}: expected at most {} bytes, got {}; raise the limit", path, limit, file->size()));
    return H5Reader(file->copy(0, file->size()), path);
  }
  const ZipReader zip(std::move(file));
  return H5Reader(zip.read(kWeights, limit), path + ": " + kWeights);
}

void write_keras_file(const std::string& path, const SavedModel& model, const WeightGroup& weights,
                      const std::vector<Tensor>& optimizer, const std::vector<AddedMember>& added) {
  // All that can be refused comes before the file is opened.
  const std::string config = keras_config_text(model);
  // Keras reads nothing from the version; this is the oldest that opens the file.
  const std::string metadata = python_json({{"keras_version", "3.0.0"},
                                            {"date_saved", now()},
                                            {kMark, kWriter},
                                            {kPenalties, penalties_text(model)}});
  const H5Image image = write_h5(weights_to_h5(weights, optimizer));
  AtomicFile file(path);
  ZipWriter zip(file, !added.empty());
  zip.add(kMetadata, metadata);
  zip.add(kConfig, config);
  zip.add(kWeights, image.pieces());
  for (const auto& [name, text] : model.assets) zip.add(std::string(kAssets) + name, text);
  for (const AddedMember& member : added) zip.add(member.name, member.bytes);
  zip.finish();
  file.commit();
}

bool is_written_by_folio(const std::string& path) {
  const FileSource file(path);
  if (is_h5(file)) return open_keras_weights(path).attribute("", kMark).has_value();
  const auto bytes = ZipReader(path).read(kMetadata, kMostJsonBytes);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return parse_python_json(text, path + ": " + kMetadata).contains(kMark);
}

void write_keras_weights(const std::string& path, const WeightGroup& weights,
                         const std::vector<Tensor>& optimizer) {
  write_h5_file(path, weights_to_h5(weights, optimizer));
}

void write_h5_file(const std::string& path, H5Group root) {
  root.attributes.emplace_back(kMark, kWriter);
  const H5Image image = write_h5(root);
  AtomicFile file(path);
  for (const auto piece : image.pieces()) file.write(piece);
  file.commit();
}

}  // namespace folio
