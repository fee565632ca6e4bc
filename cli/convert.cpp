#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "folio/base/error.h"
#include "folio/base/file.h"
#include "folio/base/json_text.h"
#include "folio/formats/keras_model.h"
#include "folio/models/drawing.h"
#include "folio/recipes/embeddings.h"

namespace folio::cli {
namespace {

bool is_drawing(const std::string& path) { return path.ends_with(".dot") || path.ends_with(".svg"); }

void check_paths(const std::string& from, const std::string& to) {
  // ".weights.h5" is among what ends in ".h5".
  if (!is_drawing(to) && !is_vector_file(to) && !to.ends_with(".keras") && !to.ends_with(".h5"))
    throw Error(
        to +
        ": expected a name that ends in .keras, .h5, .weights.h5, .dot or .svg, or of word vectors .txt, "
        ".vec or .bin");
  std::error_code ignored;
  if (std::filesystem::equivalent(from, to, ignored))
    throw Error(to + ": is the file to convert itself; choose another name for what comes out");
  if (from.ends_with(".weights.h5"))
    throw Error(fmt::format(
        "{}: expected a model, got weights, which have no architecture; name the model they belong "
        "to: folio convert MODEL {} --weights {}",
        from, to, from));
}

}  // namespace

int convert(const Options& options) {
  apply_common(options);
  const std::string &from = options.subject, &to = options.output;
  check_paths(from, to);
  check_outputs({{"OUT", to,
                  is_drawing(to)       ? Output::Kind::drawing
                  : is_vector_file(to) ? Output::Kind::vectors
                                       : Output::Kind::model}},
                {from, options.training.weights.value_or("")}, options.overwrite);
  // A drawing needs no weights, so it does not ask for any.
  const Model model = is_vector_file(from) ? embedding_model(read_word_vectors(from))
                      : is_drawing(to)     ? load_architecture(from)
                                           : load_model(options);
  if (is_vector_file(to))
    write_word_vectors(to, word_vectors_of(model));
  else if (to.ends_with(".dot"))
    write_file_atomically(to, draw_dot(model));
  else if (to.ends_with(".svg"))
    write_file_atomically(to, draw_svg(model));
  else
    model.save(to);
  const int64_t parameters = model.count_parameters();
  if (options.json)
    fmt::print("{}\n", json_text({{"from", from}, {"to", to}, {"parameters", parameters}}));
  else if (!options.quiet)
    fmt::print("{} -> {}, {} parameters\n", from, to, parameters);
  return 0;
}

}  // namespace folio::cli
