#include "folio/recipes/caption_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/base/file.h"
#include "folio/base/json_text.h"
#include "folio/base/tell.h"
#include "folio/data/split.h"
#include "folio/data/text/caption_preparation.h"
#include "folio/layers/core/input_layer.h"
#include "folio/layers/reshaping/reshape.h"
#include "folio/recipes/embeddings.h"
#include "folio/recipes/pair_data.h"
#include "folio/recipes/raw_data.h"
#include "folio/recipes/run.h"
#include "folio/recipes/transfer.h"

namespace folio {
namespace {

constexpr const char* kFlickr = "flickr8k_small";
constexpr size_t kNamed = 5;     // of what is left out; of the rest only the number is told
constexpr int64_t kShown = 12;   // pictures that stay in memory for the report
constexpr size_t kAtOnce = 256;  // pictures that are in memory as pixels

// Where the data are, and what settings.json keeps of that: a known name and its place, or the folder.
struct Found {
  std::string name, folder;
};

Found find_captions(const std::string& data) {
  if (folder_exists(data)) return {data, ""};
  if (data != kFlickr)
    throw UsageError(fmt::format("--data: expected a folder of pictures with a {}, or {}, got \"{}\"",
                                 CaptionFolder::kFile, kFlickr, data));
  std::vector<std::string> folders;
  if (const char* base = std::getenv("FOLIO_DATA"); base && *base) folders.emplace_back(base);
  folders.emplace_back("/usr/share/datasets");
  for (const std::string& folder : folders)
    if (CaptionFolder::is_one(folder + "/" + kFlickr)) return {kFlickr, folder + "/" + kFlickr};
  throw Error(fmt::format(
      "data set \"{}\": expected pictures and a {} in {}/{}, found none; put them there, or give a folder "
      "with --data FOLDER",
      kFlickr, CaptionFolder::kFile, fmt::join(folders, fmt::format("/{} or ", kFlickr)), kFlickr));
}

void tell_what_is_missing(const CaptionFolder& folder, const std::string& path) {
  for (size_t i = 0; i < std::min(kNamed, folder.missing.size()); ++i)
    warn(fmt::format("{}/{}: the picture \"{}\" is not there; it is left out", path, CaptionFolder::kFile,
                     folder.missing[i]));
  if (folder.missing.size() > kNamed)
    warn(fmt::format("{} more pictures are not there and are left out", folder.missing.size() - kNamed));
  if (folder.without_caption > 0)
    warn(fmt::format("{}: {} pictures have no caption in {}; they are left out", path, folder.without_caption,
                     CaptionFolder::kFile));
}

// Takes the shares of validation and test off the pictures for training, where they are missing.
void divide(CaptionFolder& folder, const Settings& settings, uint64_t seed, RecipeData& data) {
  if (!folder.validation.empty() && !folder.test.empty()) return;
  SplitOptions options{.test = 0, .seed = seed};
  if (folder.validation.empty()) options.validation = settings.number("validation");
  if (folder.test.empty()) options.test = settings.number("test");
  const std::vector<CaptionedPicture> all = std::move(folder.train);
  const Split split = split_rows(static_cast<int64_t>(all.size()), options);
  const auto take = [&](const std::vector<int64_t>& numbers, std::vector<CaptionedPicture>& to) {
    if (!to.empty()) return;
    for (const int64_t number : numbers) to.push_back(all[static_cast<size_t>(number)]);
  };
  folder.train.clear();
  take(split.train, folder.train);
  take(split.validation, folder.validation);
  take(split.test, folder.test);
  Json names;
  for (const auto& [part, pictures] :
       {std::pair{"train", &folder.train}, {"validation", &folder.validation}, {"test", &folder.test}}) {
    names[part] = Json::array();
    for (const CaptionedPicture& picture : *pictures) names[part].push_back(picture.name);
  }
  data.files = {{"pictures.json", json_text(names) + "\n"}};
}

// The pictures of a part and their features behind those that are in the set already.
void add_part(CaptionSet& set, std::vector<Tensor>& places, const CaptionFolder& folder,
              const std::vector<CaptionedPicture>& part, const Model& encoder,
              const PicturePreparation& preparation, bool shown) {
  size_t said = 0;
  for (size_t first = 0; first < part.size(); first += kAtOnce) {
    const std::vector<CaptionedPicture> some(
        part.begin() + static_cast<std::ptrdiff_t>(first),
        part.begin() + static_cast<std::ptrdiff_t>(std::min(first + kAtOnce, part.size())));
    const PreparedPictures read = folder.read(some, preparation);
    for (const std::string& why : read.said)
      if (said++ < kNamed) warn(why + "; it is left out");
    for (const size_t i : read.kept) set.pictures.push_back(some[i]);
    places.push_back(encoder.predict(read.x, 16));
    if (shown && first == 0) set.shown = read.x.rows(0, std::min(kShown, read.x.shape()[0])).clone();
  }
  if (said > kNamed) warn(fmt::format("{} more pictures cannot be read and are left out", said - kNamed));
}

void check_size(size_t pictures, const Model& encoder) {
  const Shape& row = encoder.outputs()[0].shape();
  const auto most = static_cast<int64_t>(default_load_limit() / 4) / row.count(1, row.rank());
  if (static_cast<int64_t>(pictures) > most)
    throw Error(fmt::format("captions: expected at most {} pictures, whose features fit into memory, got {}",
                            most, pictures));
}

Tensor joined(const std::vector<Tensor>& parts) {
  int64_t rows = 0;
  for (const Tensor& part : parts) rows += part.shape()[0];
  Tensor all(parts[0].shape().with(0, rows));
  int64_t at = 0;
  for (const Tensor& part : parts) {
    all.rows(at, at + part.shape()[0]).assign(part);
    at += part.shape()[0];
  }
  return all;
}

// The captions of pictures [first, last), each a row.
Data rows_of(const CaptionSet& set, int64_t first, int64_t last, const CaptionPreparation& preparation,
             bool whole_only) {
  std::vector<std::string> captions;
  std::vector<int64_t> numbers;
  for (int64_t number = first; number < last; ++number)
    for (const std::string& caption : set.pictures[static_cast<size_t>(number)].captions) {
      if (whole_only && !preparation.fits(caption)) continue;
      captions.push_back(caption);
      numbers.push_back(number);
    }
  Tensor pictures({static_cast<int64_t>(numbers.size()), 1}, DType::int32);
  std::copy(numbers.begin(), numbers.end(), pictures.data<int32_t>());
  return {{pictures, preparation.given(captions)}, {preparation.wanted(captions)}};
}

// What the embedding of the words begins with.
Tensor vectors_for(const Pieces& pieces, const std::string& file, uint64_t seed, std::string& description) {
  std::vector<std::string> words;
  for (int64_t number = Pieces::kFirstPiece; number < pieces.size(); ++number) {
    const std::string& piece = pieces.piece(number);
    constexpr std::string_view kBlank = "\u2581";
    words.push_back(piece.starts_with(kBlank) ? piece.substr(kBlank.size()) : piece);
  }
  int64_t found = 0;
  const Tensor vectors = initial_vectors(words, Pieces::kFirstPiece, load_word_vectors(file), seed, found);
  description += fmt::format("; {} of {} words have a vector in {}", found, words.size(), file);
  return vectors;
}

}  // namespace

Model picture_encoder(const Settings& settings, const Shape& input) {
  const Model base = load_base(settings, "caption"), maps = maps_of(base, settings.text("cut"));
  const Layer scaling = base_scaling(settings, base);
  const Value raw = Input(input, {.name = "picture"});
  const Value map = maps(scaling.defined() ? scaling(raw) : raw);
  const Shape& shape = map.shape();
  const Model encoder(raw, Reshape({shape[1] * shape[2], shape[3]})(map), "encoder");
  encoder.set_trainable(false);
  return encoder;
}

RecipeData caption_rows(const Recipe& recipe, const RunRequest& request, const Settings& settings) {
  CaptionOptions options;
  options.pieces = pieces_options(settings);
  options.length = static_cast<int64_t>(settings.number("length"));
  options.penalty = settings.number("penalty");
  const Shape input = base_input(load_base(settings, recipe.name), settings);
  const PicturePreparation pictures{input[0], input[1], input[2],
                                    settings.choice("fit", {"crop", "stretch"})};

  RecipeData data;
  const Found found = find_captions(request.data.empty() ? recipe.data[0] : request.data);
  data.name = found.name;
  data.folder = found.folder;
  const std::string& path = found.folder.empty() ? found.name : found.folder;
  CaptionFolder folder(path);
  tell_what_is_missing(folder, path);
  divide(folder, settings, *request.training.seed, data);
  const Model encoder = picture_encoder(settings, input);
  check_size(folder.train.size() + folder.validation.size() + folder.test.size(), encoder);

  const auto set = std::make_shared<CaptionSet>();
  std::vector<Tensor> places;
  add_part(*set, places, folder, folder.train, encoder, pictures, false);
  set->validation = static_cast<int64_t>(set->pictures.size());
  add_part(*set, places, folder, folder.validation, encoder, pictures, false);
  set->test = static_cast<int64_t>(set->pictures.size());
  add_part(*set, places, folder, folder.test, encoder, pictures, true);
  set->places = joined(places);

  std::vector<std::string> captions;
  for (int64_t number = 0; number < set->validation; ++number)
    for (const std::string& caption : set->pictures[static_cast<size_t>(number)].captions)
      captions.push_back(caption);
  const auto preparation = CaptionPreparation::fit(captions, options);
  const auto last = static_cast<int64_t>(set->pictures.size());
  data.train = rows_of(*set, 0, set->validation, preparation, true);
  if (data.train.rows() == 0)
    throw Error(fmt::format("{}: expected captions of fewer than {} words, got none; give --set length=0",
                            path, options.length));
  data.validation = rows_of(*set, set->validation, set->test, preparation, false);
  data.test = rows_of(*set, set->test, last, preparation, false);
  data.task = recipe.task;
  data.task.input = input;
  data.task.classes = preparation.pieces().size();
  data.task.target_steps = preparation.steps();
  data.description = fmt::format(
      "{}: {} pictures with {} captions for training ({} longer ones left out), {} for validation, {} for "
      "test; {} words, {} of a caption at most",
      path, set->validation, data.train.rows(), static_cast<int64_t>(captions.size()) - data.train.rows(),
      set->test - set->validation, last - set->test, data.task.classes, preparation.steps() - 1);
  if (const std::string& vectors = settings.text("vectors"); !vectors.empty())
    data.task.word_vectors =
        vectors_for(preparation.pieces(), vectors, *request.training.seed, data.description);
  data.captions = set;
  set_preparation(data.assets, preparation);
  set_preparation(data.assets, pictures);
  return data;
}

CaptionRows caption_rows(const Model& model, const std::string& path) {
  const auto words = preparation_of<CaptionPreparation>(model);
  const auto pictures = preparation_of<PicturePreparation>(model);
  if (!words || !pictures)
    throw Error("model \"" + model.name() +
                "\": expected one that was trained on pictures with captions, got another");
  const CaptionFolder folder(find_captions(path).folder.empty() ? path : find_captions(path).folder);
  tell_what_is_missing(folder, path);
  const Model encoder(std::dynamic_pointer_cast<ModelBody>(model.get_layer("encoder").handle()));
  const auto set = std::make_shared<CaptionSet>();
  const auto& part = folder.test.empty() ? folder.train : folder.test;
  check_size(part.size(), encoder);
  std::vector<Tensor> places;
  add_part(*set, places, folder, part, encoder, *pictures, true);
  set->places = joined(places);
  return {set, rows_of(*set, 0, static_cast<int64_t>(set->pictures.size()), *words, false)};
}

}  // namespace folio
